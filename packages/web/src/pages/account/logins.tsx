import type { Login } from "@colourstream/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { loginsQuery } from "../../api/account-queries.js";
import { api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { Banner } from "../../ui/banner.js";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { agoWords, momentWords } from "../../ui/local-time.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { Table } from "../../ui/table.js";
import { Tag } from "../../ui/tag.js";
import { useNow } from "../studio/use-now.js";

type Asked = null | "others" | "all" | { readonly login: Login };

/** Where one is signed in, and ending it. */
export function Logins() {
  const logins = useQuery(loginsQuery);
  if (logins.isPending) return <Loading what="where you are signed in" />;
  if (logins.data === undefined) {
    return <LoadFailed message={sentence(logins.error)} onRetry={() => logins.refetch()} />;
  }
  return <LoginList logins={logins.data} />;
}

function LoginList({ logins }: { logins: readonly Login[] }) {
  const [asked, setAsked] = useState<Asked>(null);
  const [done, setDone] = useState<string | null>(null);
  const client = useQueryClient();
  const navigate = useNavigate();
  const now = useNow();
  const close = () => setAsked(null);
  const ask = (next: Asked) => {
    setDone(null);
    setAsked(next);
  };
  const end = useMutation({
    mutationFn: (what: Exclude<Asked, null>) => {
      if (what === "all") return api("endSessions", {});
      if (what === "others") return api("endSessions", { query: { keepThis: true } });
      return api("endSession", { params: { sessionId: what.login.id } });
    },
    onSuccess: async (_, what) => {
      if (what === "all") {
        client.clear();
        await navigate({ to: "/", replace: true });
        return;
      }
      await client.invalidateQueries({ queryKey: loginsQuery.queryKey });
      setDone(
        what === "others" ? "You are signed out everywhere else" : `${what.login.device} is signed out`,
      );
      close();
    },
  });
  const error = end.isError ? sentence(end.error) : undefined;
  const others = logins.filter(({ isThis }) => !isThis);
  return (
    <section className="cs-account-part" aria-labelledby="logins-title" data-testid="logins-part">
      <h2 className="govuk-heading-m" id="logins-title">
        Where you are signed in
      </h2>
      {done !== null && <Banner title={done} tone="done" testId="logins-done" key={done} />}
      <Table
        caption="Where you are signed in"
        isCaptionHidden
        head={["Device", "Address", "Last seen", "Signed in", ""]}
        testId="logins"
        rows={[...logins].sort(thisFirst).map((login) => ({
          key: login.id,
          testId: "login-row",
          cells: [
            <span className="cs-login__device" key="device">
              <strong className="cs-strong">{login.device}</strong>
              {login.isThis && <Tag look="outline">This browser</Tag>}
            </span>,
            login.address,
            login.isThis ? "Now" : agoWords(login.lastSeenAt, now),
            momentWords(login.createdAt),
            !login.isThis && (
              <Button
                look="secondary"
                small
                aria-label={`Sign out ${login.device} at ${login.address}`}
                onClick={() => ask({ login })}
              >
                Sign out
              </Button>
            ),
          ],
          below: typeof asked === "object" && asked?.login.id === login.id && (
            <Confirm
              title={`Sign out ${login.device}?`}
              yes="Sign out"
              busy={end.isPending}
              error={error}
              onYes={() => end.mutate(asked)}
              onNo={close}
            >
              <p className="govuk-body">
                It is out at once, also of rooms that are open there. A passkey signs it in again.
              </p>
            </Confirm>
          ),
        }))}
      />
      {(asked === "others" || asked === "all") && (
        <Confirm
          title={asked === "all" ? "Sign out everywhere?" : "Sign out everywhere else?"}
          yes={asked === "all" ? "Sign out everywhere" : "Sign out everywhere else"}
          busy={end.isPending}
          error={error}
          onYes={() => end.mutate(asked)}
          onNo={close}
        >
          <p className="govuk-body">
            {asked === "all"
              ? "Every browser is out at once, this one too. You come back with a passkey. Rooms that are live stay live."
              : "Every other browser is out at once; this one stays signed in. Rooms that are live stay live."}
          </p>
        </Confirm>
      )}
      <div className="govuk-button-group">
        {others.length > 0 && (
          <Button look="secondary" onClick={() => ask("others")}>
            Sign out everywhere else
          </Button>
        )}
        <Button look="secondary" onClick={() => ask("all")}>
          Sign out everywhere
        </Button>
      </div>
    </section>
  );
}

function thisFirst(a: Login, b: Login): number {
  return Number(b.isThis) - Number(a.isThis) || b.lastSeenAt - a.lastSeenAt;
}
