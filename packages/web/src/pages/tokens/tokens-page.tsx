import { type ApiToken, SCOPES } from "@colourstream/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/call.js";
import { sentence, tokensQuery } from "../../api/queries.js";
import { Banner } from "../../ui/banner.js";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { agoWords, dayWords } from "../../ui/local-time.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { Table } from "../../ui/table.js";
import { useTitle } from "../../ui/use-title.js";
import { useNow } from "../studio/use-now.js";
import { CreateToken } from "./create-token.js";
import { FreshToken } from "./fresh-token.js";

type Step =
  | { readonly is: "list" }
  | { readonly is: "creating" }
  | { readonly is: "made"; readonly token: ApiToken; readonly secret: string };

/** `/studio/account/tokens`: keys for programs. The secret of a new one stays in this component only. */
export function TokensPage() {
  useTitle("API tokens");
  const [step, setStep] = useState<Step>({ is: "list" });
  return (
    <>
      <div className="cs-section__head">
        <h1 className="govuk-heading-l">API tokens</h1>
        <Button
          disabled={step.is !== "list"}
          onClick={() => setStep({ is: "creating" })}
          data-testid="new-token"
        >
          New token
        </Button>
      </div>
      {step.is === "creating" && (
        <CreateToken
          onMade={(made) => setStep({ is: "made", ...made })}
          onCancel={() => setStep({ is: "list" })}
        />
      )}
      {step.is === "made" && (
        <FreshToken token={step.token} secret={step.secret} onDone={() => setStep({ is: "list" })} />
      )}
      {step.is !== "creating" && <Tokens />}
    </>
  );
}

function Tokens() {
  const tokens = useQuery(tokensQuery);
  const [asked, setAsked] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const now = useNow();
  if (tokens.isPending) return <Loading what="your API tokens" />;
  if (tokens.data === undefined) {
    return <LoadFailed message={sentence(tokens.error)} onRetry={() => tokens.refetch()} />;
  }
  return (
    <>
      {done !== null && <Banner key={done} title={done} tone="done" testId="done" />}
      <p className="govuk-body">
        A token lets a program of yours use ColourStream in your name: to make a room from your booking
        system, or to see what is live. It can do what you tick, and never more than you can.
      </p>
      {tokens.data.length === 0 ? (
        <p className="govuk-body cs-quiet" data-testid="no-tokens">
          You have no API tokens.
        </p>
      ) : (
        <Table
          caption="Your API tokens"
          isCaptionHidden
          testId="tokens"
          head={["Name", "Begins with", "May", "Last used", "Ends", ""]}
          rows={tokens.data.map((token) => ({
            key: token.id,
            testId: "token",
            cells: [
              token.name,
              <code key="begins">{token.begins}…</code>,
              <ul key="may" className="cs-plain-list">
                {token.scopes.map((scope) => (
                  <li key={scope}>{SCOPES[scope]}</li>
                ))}
              </ul>,
              usedWords(token, now),
              endsWords(token, now),
              <Button key="revoke" look="secondary" small onClick={() => setAsked(token.id)}>
                Revoke<span className="govuk-visually-hidden"> {token.name}</span>
              </Button>,
            ],
            below:
              asked === token.id ? (
                <RevokeToken token={token} onClose={() => setAsked(null)} onDone={setDone} />
              ) : null,
          }))}
        />
      )}
    </>
  );
}

function usedWords(token: ApiToken, now: number): string {
  if (token.lastUsedAt === null) return "Never";
  const from = token.lastUsedFrom === null ? "" : `, from ${token.lastUsedFrom}`;
  return `${agoWords(token.lastUsedAt, now)}${from}`;
}

function endsWords(token: ApiToken, now: number): string {
  if (token.expiresAt === null) return "Never";
  return token.expiresAt <= now ? `Ended ${dayWords(token.expiresAt)}` : dayWords(token.expiresAt);
}

function RevokeToken({
  token,
  onClose,
  onDone,
}: {
  token: ApiToken;
  onClose: () => void;
  onDone: (said: string) => void;
}) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => api("revokeToken", { params: { tokenId: token.id } }),
    onSuccess: async () => {
      onClose();
      onDone(`“${token.name}” is revoked`);
      await client.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
  return (
    <Confirm
      title={`Revoke “${token.name}”?`}
      yes="Revoke token"
      danger
      busy={revoke.isPending}
      error={revoke.isError ? sentence(revoke.error) : undefined}
      onYes={() => revoke.mutate()}
      onNo={onClose}
    >
      <p className="govuk-body">
        Programs that use it are refused from their next request on. This cannot be taken back: they need a
        new token.
      </p>
    </Confirm>
  );
}
