import type { Settings, SettingsChange } from "@colourstream/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem } from "../../api/call.js";
import { provedApi } from "../../api/proved.js";
import { sentence, settingsQuery } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { Radios } from "../../ui/choices.js";
import { Confirm } from "../../ui/confirm.js";
import { ErrorSummary } from "../../ui/error-summary.js";
import { SummaryCard, SummaryList } from "../../ui/summary.js";
import { PasswordField, TextArea, TextField } from "../../ui/text-field.js";
import { useFormErrors } from "../../ui/use-form-errors.js";
import { LeaveQuestion } from "./leave-question.js";
import { readTurn, turnDraftOf } from "./turn-draft.js";

const TITLE = "Viewers behind strict firewalls";

const NAMES = {
  iceUrls: "Servers",
  turnAuth: "How viewers sign in",
  turnUsername: "User name",
  turnSecret: "Secret",
} as const;

/** STUN and TURN servers: the way to viewers behind firewalls that let no UDP through. */
export function TurnSection({ settings }: { settings: Settings }) {
  const variable = settings.fixed.find(({ setting }) => setting === "iceUrls")?.variable;
  return variable === undefined ? (
    <TurnForm settings={settings} />
  ) : (
    <FixedTurn settings={settings} variable={variable} />
  );
}

/** Servers that the environment names: they are read, not changed. */
function FixedTurn({ settings, variable }: { settings: Settings; variable: string }) {
  return (
    <SummaryCard title={TITLE} testId="settings-turn">
      <SummaryList
        rows={[
          [
            "STUN and TURN servers",
            <ul className="govuk-list" key="urls">
              {settings.iceUrls.map((url) => (
                <li key={url}>{url}</li>
              ))}
            </ul>,
          ],
          ["How viewers sign in", SIGN_IN[settings.turnAuth]],
        ]}
      />
      <p className="govuk-hint cs-last">
        Fixed by <code>{variable}</code> where ColourStream is started. Take it out there to set them here.
      </p>
    </SummaryCard>
  );
}

const SIGN_IN: Readonly<Record<Settings["turnAuth"], string>> = {
  none: "Not at all",
  secret: "Each with credentials of their own, for an hour",
  password: "All with one user name and password",
};

function TurnForm({ settings }: { settings: Settings }) {
  const client = useQueryClient();
  const errors = useFormErrors();
  const [draft, setDraft] = useState(() => turnDraftOf(settings));
  const [outcome, setOutcome] = useState<
    "" | "Saved. It counts for who connects from now on." | "Nothing has been changed"
  >("");
  const [isForgetting, setForgetting] = useState(false);
  const { change, problems } = readTurn(settings, draft);
  const isDirty = Object.keys(change).length > 0 || problems.length > 0;
  const save = useMutation({
    mutationFn: (body: SettingsChange) => provedApi("changeSettings", { body }),
    onSuccess: (fresh) => {
      client.setQueryData(settingsQuery.queryKey, fresh);
      setDraft(turnDraftOf(fresh));
      setForgetting(false);
      setOutcome("Saved. It counts for who connects from now on.");
    },
    onError: (error) => {
      setForgetting(false);
      errors.show(refusalOf(error));
    },
  });
  const set = (changed: Partial<typeof draft>) => {
    setDraft({ ...draft, ...changed });
    setOutcome("");
  };
  const secretName = draft.auth === "password" ? "Password" : "Shared secret";
  return (
    <SummaryCard title={TITLE} testId="settings-turn">
      <form
        className="cs-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!errors.passes(...problems)) return;
          if (isDirty) save.mutate(change);
          else setOutcome("Nothing has been changed");
        }}
      >
        <ErrorSummary errors={errors.all} />
        <p className="govuk-body">
          Some company networks let UDP through to a few ports alone, such as 3478. A TURN server of your own
          there, such as coturn, passes the picture on, and the calls with it: the relay above is for calls
          alone. Where no UDP gets through at all, viewers have the picture by HLS without it, a second or two
          late.
        </p>
        <TextArea
          id="iceUrls"
          label="STUN and TURN servers"
          hint="One a line, such as turn:turn.example.org:3478. At most 8."
          rows={4}
          value={draft.urls}
          onChange={(urls) => set({ urls })}
          error={errors.at("iceUrls")}
        />
        <Radios
          id="turnAuth"
          legend="How viewers sign in to the TURN server"
          value={draft.auth}
          onChange={(auth) => set({ auth, secret: "" })}
          error={errors.at("turnAuth")}
          options={[
            { value: "none", label: "Not at all", hint: "For STUN servers alone." },
            {
              value: "secret",
              label: "Each viewer with credentials of their own",
              hint: "By a secret that the TURN server shares with ColourStream (coturn: static-auth-secret). They end after an hour.",
            },
            {
              value: "password",
              label: "All with one user name and password",
              hint: "Every viewer’s browser is given them, and they stay good until you change them.",
            },
          ]}
        />
        {draft.auth === "password" && (
          <TextField
            id="turnUsername"
            label="User name"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={128}
            value={draft.username}
            onChange={(username) => set({ username })}
            error={errors.at("turnUsername")}
          />
        )}
        {draft.auth !== "none" && (
          <PasswordField
            id="turnSecret"
            label={secretName}
            hint={
              settings.hasTurnSecret && draft.auth === settings.turnAuth
                ? "One is kept, and is not shown. Leave this empty to keep it."
                : undefined
            }
            autoComplete="new-password"
            maxLength={256}
            value={draft.secret}
            onChange={(secret) => set({ secret })}
            error={errors.at("turnSecret")}
          />
        )}
        <div className="cs-save">
          <Button type="submit" busy={save.isPending}>
            Save
          </Button>
          {isDirty && (
            <Button
              look="secondary"
              disabled={save.isPending}
              onClick={({ currentTarget }) => {
                currentTarget.form?.querySelector<HTMLElement>("[type=submit]")?.focus();
                errors.passes();
                set(turnDraftOf(settings));
              }}
            >
              Undo changes
            </Button>
          )}
          {settings.hasTurnSecret && !isDirty && (
            <Button look="secondary" disabled={isForgetting} onClick={() => setForgetting(true)}>
              Remove servers and secret
            </Button>
          )}
          <p className="cs-save__said" role="status">
            {isDirty ? "Not saved yet" : outcome}
          </p>
        </div>
      </form>
      {isForgetting && (
        <Confirm
          title="Remove all servers, and forget the secret?"
          yes="Remove"
          danger
          busy={save.isPending}
          onYes={() => save.mutate({ iceUrls: [], turnAuth: "none", turnUsername: "", turnSecret: null })}
          onNo={() => setForgetting(false)}
        >
          <p className="govuk-body">
            Viewers that are connected stay. Those who can only be reached through the TURN server lose the
            picture when they connect again.
          </p>
        </Confirm>
      )}
      <LeaveQuestion title={TITLE} isDirty={isDirty} isSaving={save.isPending} />
    </SummaryCard>
  );
}

/** What the server would not take, at the field of the setting that its sentence begins with. */
function refusalOf(error: Error): { message: string; field?: string } {
  const message = sentence(error);
  const [, name, why] = /^(\w+): (.*)$/s.exec(message) ?? [];
  if (!(error instanceof ApiProblem) || name === undefined || !Object.hasOwn(NAMES, name)) return { message };
  return { message: `${NAMES[name as keyof typeof NAMES]}: ${why}`, field: name };
}
