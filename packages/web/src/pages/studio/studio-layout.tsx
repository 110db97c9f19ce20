import type { ServerMessage, User } from "@colourstream/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Outlet, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api } from "../../api/call.js";
import { forgetRoom, keepPeople, keepRoom, sentence, sessionQuery } from "../../api/queries.js";
import { Confirm } from "../../ui/confirm.js";
import { LoadFailed, Loading, Page } from "../../ui/page.js";
import { LeaveFor } from "../entry/leave-for.js";
import { useRealtime } from "../use-realtime.js";
import { OfflineBar } from "./offline-bar.js";
import { StudioNav } from "./studio-nav.js";

const WATCH_STUDIO = { type: "watch.studio" } as const;

/** The studio's frame: only for those signed in; keeps every room on its pages up to date. */
export function StudioLayout() {
  const session = useQuery(sessionQuery);
  const client = useQueryClient();
  const isIn = session.data?.user != null && session.data.stage === "full";
  const { link } = useRealtime(isIn ? WATCH_STUDIO : null, (message: ServerMessage) => {
    if (message.type === "studio.room") keepRoom(client, message.room);
    else if (message.type === "studio.roomDeleted") forgetRoom(client, message.roomId);
    else if (message.type === "room.people") keepPeople(client, message.roomId, message.participants);
    else if (message.type === "refused") void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  });
  const isUp = link.is === "up";
  useEffect(() => {
    // What changed while nobody told us.
    if (isUp) void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "review" });
  }, [isUp, client]);
  const attempt = link.is === "down" ? link.attempt : null;
  useEffect(() => {
    // A socket that closes or is refused may mean that the login has ended: browsers do not tell why.
    if (attempt !== null) void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  }, [attempt, client]);

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
  if (session.data.stage === "enrol") return <LeaveFor to="/set-up" />; // the passkey comes first
  if (session.data.user === null) return <LeaveFor to="/" />;
  return (
    <SignedIn user={session.data.user} bar={<OfflineBar link={link} />}>
      <Outlet />
    </SignedIn>
  );
}

function SignedIn({ user, bar, children }: { user: User; bar: React.ReactNode; children: React.ReactNode }) {
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
  return (
    <Page nav={<StudioNav user={user} onSignOut={() => setLeaving(true)} />} bar={bar}>
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
            You come back with your passkey. Rooms that are live stay live, and nobody in them notices.
          </p>
        </Confirm>
      )}
      {children}
    </Page>
  );
}
