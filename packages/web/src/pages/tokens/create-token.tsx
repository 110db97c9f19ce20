import { type ApiToken, SCOPES, type Scope } from "@colourstream/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { provedApi } from "../../api/proved.js";
import { sentence, tokensQuery } from "../../api/queries.js";
import { Checkboxes, Radios } from "../../ui/choices.js";
import { ErrorSummary } from "../../ui/error-summary.js";
import { FormButtons } from "../../ui/form-buttons.js";
import { TextField } from "../../ui/text-field.js";
import { useFocusOnOpen } from "../../ui/use-focus-on-open.js";
import { useFormErrors } from "../../ui/use-form-errors.js";

const DAY_MS = 86_400_000;
const ENDS = [
  { value: "30", label: "After 30 days" },
  { value: "90", label: "After 90 days" },
  { value: "365", label: "After a year" },
  { value: "never", label: "Never by itself", hint: "Only for a machine that you look after." },
] as const;
type Ends = (typeof ENDS)[number]["value"];

const scopes = Object.keys(SCOPES) as Scope[];

/** Name, what it may do, how long. */
export function CreateToken({
  onMade,
  onCancel,
}: {
  onMade: (made: { token: ApiToken; secret: string }) => void;
  onCancel: () => void;
}) {
  const [name, setName] = useState("");
  const [may, setMay] = useState<readonly Scope[]>([]);
  const [ends, setEnds] = useState<Ends>("90");
  const errors = useFormErrors();
  const client = useQueryClient();
  const heading = useFocusOnOpen();
  const create = useMutation({
    mutationFn: () =>
      provedApi("createToken", {
        body: {
          name: name.trim(),
          scopes: [...may],
          expiresAt: ends === "never" ? null : Date.now() + Number(ends) * DAY_MS,
        },
      }),
    onSuccess: async (made) => {
      onMade(made);
      await client.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
    onError: (error) => errors.show({ message: sentence(error) }),
  });
  return (
    <form
      className="cs-form"
      data-testid="create-token"
      aria-labelledby="create-token-title"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const mayGo = errors.passes(
          name.trim() === "" && { message: "Enter a name for the token", field: "token-name" },
          may.length === 0 && { message: "Tick what the token may do", field: "token-scopes" },
        );
        if (mayGo) create.mutate();
      }}
    >
      <ErrorSummary errors={errors.all} />
      <h2 className="govuk-heading-m cs-confirm__title" id="create-token-title" tabIndex={-1} ref={heading}>
        New token
      </h2>
      <TextField
        id="token-name"
        label="Name"
        hint="What will use it, such as “Booking system”."
        autoComplete="off"
        maxLength={60}
        value={name}
        onChange={setName}
        error={errors.at("token-name")}
      />
      <Checkboxes
        id="token-scopes"
        legend="It may"
        hint="Tick no more than it needs."
        options={scopes.map((scope) => ({ value: scope, label: SCOPES[scope] }))}
        values={may}
        onChange={setMay}
        error={errors.at("token-scopes")}
      />
      <Radios id="token-ends" legend="It ends" options={ENDS} value={ends} onChange={setEnds} />
      <FormButtons yes="Make token" busy={create.isPending} onCancel={onCancel} />
    </form>
  );
}
