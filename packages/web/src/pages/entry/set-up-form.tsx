import type { ResponseOf, routes } from "@colourstream/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keepSession } from "../../api/account-queries.js";
import { api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { ErrorSummary } from "../../ui/error-summary.js";
import { TextField } from "../../ui/text-field.js";
import { useFormErrors } from "../../ui/use-form-errors.js";

type Purpose = ResponseOf<(typeof routes)["checkCode"]>;

/** Spends a one-time link: who one is, before the step that adds the passkey. */
export function SetUpForm({
  code,
  purpose: { purpose, name: known },
  onSpent,
}: {
  code: string;
  purpose: Purpose;
  onSpent: () => void;
}) {
  const [name, setName] = useState(known ?? "");
  const errors = useFormErrors();
  const client = useQueryClient();
  const asksName = purpose !== "recovery";
  const setUp = useMutation({
    mutationFn: () => api("setUp", { body: asksName ? { code, name: name.trim() } : { code } }),
    onSuccess: (session) => {
      keepSession(client, session);
      onSpent();
    },
    onError: (error) => errors.show({ message: sentence(error) }),
  });
  return (
    <form
      data-testid="set-up-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const isReady = errors.passes(
          asksName && name.trim() === "" && { message: "Enter your name", field: "name" },
        );
        if (isReady) setUp.mutate();
      }}
    >
      <ErrorSummary errors={errors.all} />
      <Words purpose={purpose} name={known} />
      {asksName && (
        <TextField
          id="name"
          label="Your name"
          hint="As your clients know you."
          autoComplete="name"
          maxLength={60}
          value={name}
          onChange={setName}
          error={errors.at("name")}
        />
      )}
      <Button type="submit" busy={setUp.isPending}>
        Continue
      </Button>
    </form>
  );
}

function Words({ purpose, name }: Purpose) {
  switch (purpose) {
    case "set-up":
      return (
        <>
          <h1 className="govuk-heading-l">Set up ColourStream</h1>
          <p className="govuk-body">
            You become the owner of this ColourStream: you make rooms, and you decide who sees the picture.
            The next step adds your passkey.
          </p>
        </>
      );
    case "colourist":
      return (
        <>
          <h1 className="govuk-heading-l">Join this ColourStream</h1>
          <p className="govuk-body">
            You have been invited as a colourist: you make rooms of your own, and you decide who sees the
            picture in them. The next step adds your passkey.
          </p>
        </>
      );
    case "recovery":
      return (
        <>
          <h1 className="govuk-heading-l">{name === null ? "Welcome back" : `Welcome back, ${name}`}</h1>
          <p className="govuk-body">
            This link lets you in once. The next step adds a new passkey; afterwards you can remove those that
            you have lost, under your account.
          </p>
        </>
      );
  }
}
