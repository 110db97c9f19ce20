import { useQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { sentence, sessionQuery } from "../../api/queries.js";
import { LoadFailed, Loading, Page } from "../../ui/page.js";
import { useTitle } from "../../ui/use-title.js";

/** `/`: the studio for those who are signed in, else how to get in. */
export function SignInPage() {
  useTitle("Sign in");
  const session = useQuery(sessionQuery);
  if (session.data?.user != null) return <Navigate to="/studio" replace />;
  return (
    <Page>
      <div className="govuk-grid-row">
        <div className="govuk-grid-column-two-thirds">
          {session.isPending ? (
            <Loading what="ColourStream" />
          ) : session.isError ? (
            <LoadFailed message={sentence(session.error)} onRetry={() => session.refetch()} />
          ) : (
            <>
              <h1 className="govuk-heading-l">
                {session.data.setUpNeeded ? "Welcome to ColourStream" : "Sign in"}
              </h1>
              <HowToGetIn isNew={session.data.setUpNeeded} />
              <h2 className="govuk-heading-m">Here to watch?</h2>
              <p className="govuk-body">
                Open the link that the colourist sent you. It leads to your room and asks for the password.
              </p>
            </>
          )}
        </div>
      </div>
    </Page>
  );
}

/** Where the one-time links come from. */
export function HowToGetIn({ isNew }: { isNew: boolean }) {
  return (
    <>
      {isNew && (
        <p className="govuk-body">
          Open the set-up link that <code>npm start</code> has printed on the machine that runs ColourStream.
          It works once, for an hour; starting again prints a new one.
        </p>
      )}
      {!isNew && (
        <p className="govuk-body">
          Run <code>npm run cli -- recover</code> on the machine that runs ColourStream. It prints a link that
          signs the owner in, once.
        </p>
      )}
    </>
  );
}
