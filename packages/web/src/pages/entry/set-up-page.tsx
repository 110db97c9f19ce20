import type { Session } from "@colourstream/contract";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { codeQuery } from "../../api/account-queries.js";
import { ApiProblem } from "../../api/call.js";
import { sentence, sessionQuery } from "../../api/queries.js";
import { pageFacts, passkeyPlace } from "../../passkeys/place.js";
import { LoadFailed, Loading, Page } from "../../ui/page.js";
import { useTitle } from "../../ui/use-title.js";
import { FirstPasskey } from "./first-passkey.js";
import { GoOn } from "./go-on.js";
import { LostPasskeys, WhereTheLinkIs } from "./how-to-get-in.js";
import { PasswordForm } from "./password-form.js";
import { codeAtStart, takeSetUpCode } from "./set-up-code.js";
import { SetUpForm } from "./set-up-form.js";
import { WrongPlace } from "./wrong-place.js";

/** `/set-up#code`: makes the owner, lets somebody back in, or opens an invited colourist's account. */
export function SetUpPage() {
  useTitle("Set up");
  const session = useQuery(sessionQuery);
  const [code, setCode] = useState(codeAtStart);
  useEffect(() => {
    const onHash = () => setCode((before) => takeSetUpCode() || before);
    onHash();
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, []);

  return (
    <Page>
      <div className="govuk-grid-row">
        <div className="govuk-grid-column-two-thirds">
          {session.isPending ? (
            <Loading what="the set-up" />
          ) : session.data === undefined ? (
            <LoadFailed message={sentence(session.error)} onRetry={() => session.refetch()} />
          ) : code !== "" ? (
            <WithCode key={code} code={code} session={session.data} onSpent={() => setCode("")} />
          ) : (
            <WithoutCode session={session.data} />
          )}
        </div>
      </div>
    </Page>
  );
}

function WithCode({ code, session, onSpent }: { code: string; session: Session; onSpent: () => void }) {
  const purpose = useQuery(codeQuery(code));
  if (purpose.isPending) return <Loading what="the set-up" />;
  if (purpose.error instanceof ApiProblem && purpose.error.code === "set_up_code_wrong") {
    return (
      <div role="alert" data-testid="set-up-used">
        <h1 className="govuk-heading-l">This link no longer works</h1>
        <p className="govuk-body">
          It has been used already, a newer one took its place, or its time has passed.
        </p>
        {session.setUpNeeded ? <WhereTheLinkIs /> : <LostPasskeys />}
      </div>
    );
  }
  if (purpose.data === undefined) {
    return <LoadFailed message={sentence(purpose.error)} onRetry={() => purpose.refetch()} />;
  }
  const place = passkeyPlace(session.passkeyOrigin, pageFacts());
  if (place.is !== "here") {
    return (
      <>
        <h1 className="govuk-heading-l">
          {place.is === "elsewhere" ? "Open this link at another address" : "Passkeys do not work here"}
        </h1>
        <WrongPlace place={place} path={`/set-up#${code}`} />
        <p className="govuk-body cs-quiet">The link has not been used up by opening it here.</p>
      </>
    );
  }
  return <SetUpForm code={code} purpose={purpose.data} onSpent={onSpent} />;
}

function WithoutCode({ session }: { session: Session }) {
  const place = passkeyPlace(session.passkeyOrigin, pageFacts());
  if (session.user !== null) {
    return session.stage === "full" ? <GoOn /> : <FirstPasskey user={session.user} place={place} />;
  }
  if (session.passwordWorks) {
    return place.is === "here" ? (
      <PasswordForm title="Set up ColourStream" />
    ) : (
      <>
        <h1 className="govuk-heading-l">Passkeys do not work here</h1>
        <WrongPlace place={place} path="/set-up" />
      </>
    );
  }
  return (
    <>
      <h1 className="govuk-heading-l">This link is not complete</h1>
      <p className="govuk-body">
        The part after the # sign is missing. Open the whole link again: it works until it has been used or
        its time has passed.
      </p>
      {session.setUpNeeded ? <WhereTheLinkIs /> : <LostPasskeys />}
    </>
  );
}
