import type { ServerMessage } from "@colourstream/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Navigate, Outlet, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api } from "../../api/call.js";
import { forgetRoom, keepRoom, sentence, sessionQuery } from "../../api/queries.js";
import { Confirm } from "../../ui/confirm.js";
import { LoadFailed, Loading, Page } from "../../ui/page.js";
import { useRealtime } from "../use-realtime.js";
import { OfflineBar } from "./offline-bar.js";

const WATCH_STUDIO = { type: "watch.studio" } as const;

/** The studio's frame: only for those signed in; keeps every room on its pages up to date. */
export function StudioLayout() {
  const session = useQuery(sessionQuery);
  const client = useQueryClient();
  const isIn = session.data?.user != null;
  const { link } = useRealtime(isIn ? WATCH_STUDIO : null, (message: ServerMessage) => {
    if (message.type === "studio.room") keepRoom(client, message.room);
    else if (message.type === "studio.roomDeleted") forgetRoom(client, message.roomId);
    else if (message.type === "refused") void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  });
  const isUp = link.is === "up";
  useEffect(() => {
    // What changed while nobody told us.
    if (isUp) void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "review" });
  }, [isUp, client]);

  if (session.isPending) {
    return (
      <Page>
        <Loading what="the studio" />
      </Page>
    );
  }
  if (session.data === undefined) {
    return (
      <Page>
        <LoadFailed message={sentence(session.error)} onRetry={() => session.refetch()} />
      </Page>
    );
  }
  if (session.data.user === null) return <Navigate to="/" replace />;
  return (
    <SignedIn name={session.data.user.name} bar={<OfflineBar link={link} />}>
      <Outlet />
    </SignedIn>
  );
}

function SignedIn({
  name,
  bar,
  children,
}: {
  name: string;
  bar: React.ReactNode;
  children: React.ReactNode;
}) {
  const [isLeaving, setLeaving] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const signOut = useMutation({
    mutationFn: () => api("signOut", {}),
    onSuccess: async () => {
      client.clear();
      await navigate({ to: "/", replace: true });
    },
  });
  const nav = (
    <nav className="cs-nav" aria-label="Studio">
      <Link to="/studio" className="govuk-link govuk-link--no-underline" activeOptions={{ exact: true }}>
        Rooms
      </Link>
      <span className="cs-quiet">{name}</span>
      <button type="button" className="cs-link-button" onClick={() => setLeaving(true)}>
        Sign out
      </button>
    </nav>
  );
  return (
    <Page nav={nav} bar={bar}>
      {isLeaving && (
        <Confirm
          title="Sign out of this browser?"
          yes="Sign out"
          busy={signOut.isPending}
          error={signOut.isError ? sentence(signOut.error) : undefined}
          onYes={() => signOut.mutate()}
          onNo={() => setLeaving(false)}
        >
          <p className="govuk-body">
            There is no passkey yet: to come back, someone must run <code>npm run cli -- recover</code> on the
            machine that runs ColourStream. Rooms that are live stay live.
          </p>
        </Confirm>
      )}
      {children}
    </Page>
  );
}
