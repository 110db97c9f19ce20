import type { Login } from "@colourstream/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/call.js";
import { everybodysLoginsQuery, sentence } from "../../api/queries.js";
import { Banner } from "../../ui/banner.js";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { agoWords, dayWords } from "../../ui/local-time.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { Table } from "../../ui/table.js";
import { Tag } from "../../ui/tag.js";
import { useTitle } from "../../ui/use-title.js";
import { useNow } from "../studio/use-now.js";

const A_MOMENT_MS = 10 * 60_000; // lastSeenAt is good to 5 minutes: younger than twice that is "now"

/** `/studio/security/sessions`: everybody's logins. */
export function SessionsPage() {
  useTitle("Sign-ins");
  const logins = useQuery(everybodysLoginsQuery);
  const [asked, setAsked] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const now = useNow();
  if (logins.isPending) return <Loading what="the sign-ins" />;
  if (logins.data === undefined) {
    return <LoadFailed message={sentence(logins.error)} onRetry={() => logins.refetch()} />;
  }
  return (
    <>
      <h1 className="govuk-heading-l">Sign-ins</h1>
      {done !== null && <Banner key={done} title={done} tone="done" testId="done" />}
      <p className="govuk-body">
        Everybody who is signed in to the studio, on each browser. Reviewers do not stand here: they are in
        their rooms.
      </p>
      <h2 className="govuk-visually-hidden">Who is signed in</h2>
      <Table
        caption="Who is signed in"
        isCaptionHidden
        testId="logins"
        head={["Person", "Browser", "Address", "Last seen", "Signed in", ""]}
        rows={logins.data.map((login) => ({
          key: login.id,
          testId: "login",
          cells: [
            login.user.name,
            login.device,
            <span key="address" className="cs-address">
              {login.address}
            </span>,
            now - login.lastSeenAt < A_MOMENT_MS ? "Now" : agoWords(login.lastSeenAt, now),
            dayWords(login.createdAt),
            login.isThis ? (
              <Tag key="this" look="outline">
                This browser
              </Tag>
            ) : (
              <Button key="end" look="secondary" small onClick={() => setAsked(login.id)}>
                Sign out
                <span className="govuk-visually-hidden">
                  {" "}
                  {login.user.name} on {login.device}
                </span>
              </Button>
            ),
          ],
          below:
            asked === login.id ? (
              <EndLogin login={login} onClose={() => setAsked(null)} onDone={setDone} />
            ) : null,
        }))}
      />
    </>
  );
}

function EndLogin({
  login,
  onClose,
  onDone,
}: {
  login: Login;
  onClose: () => void;
  onDone: (said: string) => void;
}) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => api("endSession", { params: { sessionId: login.id } }),
    onSuccess: async () => {
      onClose();
      onDone(`${login.user.name} is signed out of ${login.device}`);
      await client.invalidateQueries({ queryKey: ["logins"] });
    },
  });
  return (
    <Confirm
      title={`Sign ${login.user.name} out of ${login.device}?`}
      yes="Sign out"
      danger
      busy={end.isPending}
      error={end.isError ? sentence(end.error) : undefined}
      onYes={() => end.mutate()}
      onNo={onClose}
    >
      <p className="govuk-body">
        Their studio closes in that browser at once. They can come back with a passkey; to keep them out,
        disable their account under People. Rooms that are live stay live.
      </p>
    </Confirm>
  );
}
