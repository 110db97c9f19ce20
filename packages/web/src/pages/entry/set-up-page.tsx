import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ApiProblem, api } from "../../api/call.js";
import { sentence, sessionQuery } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { ErrorSummary, type FormError } from "../../ui/error-summary.js";
import { LoadFailed, Loading, Page } from "../../ui/page.js";
import { TextField } from "../../ui/text-field.js";
import { useTitle } from "../../ui/use-title.js";
import { codeAtStart, takeSetUpCode } from "./set-up-code.js";
import { HowToGetIn } from "./sign-in-page.js";

/** `/set-up#code`: makes the owner, or signs the owner in again after a recovery. */
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
          ) : session.isError ? (
            <LoadFailed message={sentence(session.error)} onRetry={() => session.refetch()} />
          ) : code === "" ? (
            <>
              <h1 className="govuk-heading-l">This set-up link is not complete</h1>
              <p className="govuk-body">The part after the # sign is missing. Copy the whole line.</p>
              <HowToGetIn isNew={session.data.setUpNeeded} />
            </>
          ) : (
            <SetUpForm key={code} code={code} isNew={session.data.setUpNeeded} />
          )}
        </div>
      </div>
    </Page>
  );
}

function SetUpForm({ code, isNew }: { code: string; isNew: boolean }) {
  const [name, setName] = useState("");
  const [errors, setErrors] = useState<readonly FormError[]>([]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const setUp = useMutation({
    mutationFn: () => api("setUp", { body: isNew ? { code, name: name.trim() } : { code } }),
    onSuccess: async (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      await navigate({ to: "/studio", replace: true });
    },
    onError: (error) => setErrors([{ message: sentence(error) }]),
  });

  if (setUp.error instanceof ApiProblem && setUp.error.code === "set_up_code_wrong") {
    return (
      <div role="alert" data-testid="set-up-used">
        <h1 className="govuk-heading-l">This link no longer works</h1>
        <p className="govuk-body">It has been used already, or its hour has passed.</p>
        <HowToGetIn isNew={isNew} />
      </div>
    );
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isNew && name.trim() === "") {
          setErrors([{ message: "Enter your name", field: "name" }]);
          return;
        }
        setErrors([]);
        setUp.mutate();
      }}
    >
      <ErrorSummary errors={errors} />
      <h1 className="govuk-heading-l">{isNew ? "Set up ColourStream" : "Sign in again"}</h1>
      {isNew ? (
        <>
          <p className="govuk-body">
            You become the owner of this ColourStream: you make rooms, and you decide who sees the picture.
          </p>
          <TextField
            id="name"
            label="Your name"
            hint="As your clients know you."
            autoComplete="name"
            maxLength={60}
            value={name}
            onChange={setName}
            error={errors.find(({ field }) => field === "name")?.message}
          />
        </>
      ) : (
        <p className="govuk-body">This link signs the owner in on this browser. It works once.</p>
      )}
      <Button type="submit" busy={setUp.isPending}>
        {isNew ? "Open the studio" : "Sign in"}
      </Button>
    </form>
  );
}
