import type { AccountLink } from "@colourstream/contract";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { accountsQuery } from "../../api/account-queries.js";
import { ApiProblem } from "../../api/call.js";
import { sentence, sessionQuery } from "../../api/queries.js";
import { Banner } from "../../ui/banner.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { useTitle } from "../../ui/use-title.js";
import { NewLink } from "./account-link.js";
import { AccountTable } from "./account-table.js";
import { Invite } from "./invite.js";

/** What the last act on this page led to. */
export type Outcome = { is: "link"; link: AccountLink } | { is: "done"; words: string };

/** `/studio/people`: everybody with an account. */
export function PeoplePage() {
  useTitle("People");
  const accounts = useQuery(accountsQuery);
  const me = useQuery(sessionQuery).data?.user ?? null;
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const isRefused = accounts.error instanceof ApiProblem && accounts.error.code === "not_allowed";
  if (isRefused) {
    return (
      <div data-testid="people-refused">
        <h1 className="govuk-heading-l">People</h1>
        <p className="govuk-body">
          Only the owner of this ColourStream can see and change who has an account.
        </p>
      </div>
    );
  }
  return (
    <>
      <h1 className="govuk-heading-l">People</h1>
      {outcome?.is === "link" && <NewLink key={outcome.link.link} link={outcome.link} />}
      {outcome?.is === "done" && (
        <Banner title={outcome.words} tone="done" testId="people-done" key={outcome.words} />
      )}
      {accounts.isPending ? (
        <Loading what="the people" />
      ) : accounts.data === undefined ? (
        <LoadFailed message={sentence(accounts.error)} onRetry={() => accounts.refetch()} />
      ) : (
        <>
          {accounts.data.length > 1 ? (
            <p className="govuk-body">
              Owner and colourists have an account. Your clients need none: they come by the link of a room.
            </p>
          ) : (
            <NobodyYet />
          )}
          <Invite onOutcome={setOutcome} />
          <AccountTable accounts={accounts.data} myId={me?.id ?? null} onOutcome={setOutcome} />
        </>
      )}
    </>
  );
}

function NobodyYet() {
  return (
    <div className="cs-people-empty" data-testid="no-people">
      <p className="govuk-body">
        You are the only one with an account. Invite colourists to work beside you:
      </p>
      <ul className="govuk-list govuk-list--bullet govuk-list--spaced">
        <li>They make rooms of their own, connect their encoder and let their clients in.</li>
        <li>They see their own rooms only. You see all of them.</li>
        <li>They cannot invite colourists, and they cannot change settings or security.</li>
      </ul>
      <p className="govuk-body cs-quiet">Your clients need no account: they come by the link of a room.</p>
    </div>
  );
}
