import type { Session } from "@colourstream/contract";
import { useQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { sentence, sessionQuery } from "../../api/queries.js";
import { pageFacts, passkeyPlace } from "../../passkeys/place.js";
import { Button } from "../../ui/button.js";
import { ErrorSummary } from "../../ui/error-summary.js";
import { LoadFailed, Loading, Page } from "../../ui/page.js";
import { TextField } from "../../ui/text-field.js";
import { useTitle } from "../../ui/use-title.js";
import { GoOn } from "./go-on.js";
import { LostPasskeys, WhereTheLinkIs } from "./how-to-get-in.js";
import { PasswordForm } from "./password-form.js";
import { usePasskeySignIn } from "./use-passkey-sign-in.js";
import { WrongPlace } from "./wrong-place.js";

/** `/`: the studio for those who are signed in, else how to get in. */
export function SignInPage() {
  useTitle("Sign in");
  const session = useQuery(sessionQuery);
  if (session.data?.stage === "enrol") return <Navigate to="/set-up" replace state={true} />;
  return (
    <Page>
      <div className="govuk-grid-row">
        <div className="govuk-grid-column-two-thirds">
          {session.isPending ? (
            <Loading what="ColourStream" />
          ) : session.data === undefined ? (
            <LoadFailed message={sentence(session.error)} onRetry={() => session.refetch()} />
          ) : session.data.user !== null ? (
            <GoOn />
          ) : (
            <>
              <WayIn session={session.data} />
              <h2 className="govuk-heading-m">Here to watch?</h2>
              <p className="govuk-body">
                Open the link that the colourist sent you. It leads to your room; you need no account.
              </p>
            </>
          )}
        </div>
      </div>
    </Page>
  );
}

function WayIn({ session }: { session: Session }) {
  const place = passkeyPlace(session.passkeyOrigin, pageFacts());
  const title = session.setUpNeeded ? "Welcome to ColourStream" : "Sign in";
  const hasForm = !session.setUpNeeded || session.passwordWorks;
  if (!hasForm || place.is !== "here") {
    return (
      <>
        <h1 className="govuk-heading-l">{title}</h1>
        {hasForm ? <WrongPlace place={place} path="/" /> : <WhereTheLinkIs />}
      </>
    );
  }
  if (session.setUpNeeded) return <PasswordForm title={title} />;
  return (
    <>
      <PasskeyForm title={title} />
      <LostPasskeys />
    </>
  );
}

function PasskeyForm({ title }: { title: string }) {
  const { hasList, said, isBusy, signIn } = usePasskeySignIn();
  return (
    <form
      data-testid="sign-in"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        signIn();
      }}
    >
      <ErrorSummary errors={said === null ? [] : [{ message: said }]} />
      <h1 className="govuk-heading-l">{title}</h1>
      <p className="govuk-body">Use the passkey of this device, of your phone, or a security key.</p>
      {hasList && (
        <TextField
          id="passkey"
          label="Your passkey"
          hint="Choose it from the list that opens under this field, or press the button."
          autoComplete="username webauthn"
          maxLength={60}
          value=""
          onChange={() => undefined}
        />
      )}
      <Button type="submit" busy={isBusy}>
        Sign in with a passkey
      </Button>
    </form>
  );
}
