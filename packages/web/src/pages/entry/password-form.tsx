import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keepSession } from "../../api/account-queries.js";
import { ApiProblem, api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { ErrorSummary } from "../../ui/error-summary.js";
import { PasswordField, TextField } from "../../ui/text-field.js";
import { useFormErrors } from "../../ui/use-form-errors.js";

/** ADMIN_PASSWORD in place of the set-up link, until the owner has a passkey. */
export function PasswordForm({ title }: { title: string }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const errors = useFormErrors();
  const client = useQueryClient();
  const signIn = useMutation({
    mutationFn: () => api("signInByPassword", { body: { name: name.trim(), password } }),
    onSuccess: (session) => keepSession(client, session),
    onError: (error) => {
      const isWrong = error instanceof ApiProblem && error.code === "sign_in_refused";
      errors.show({ message: sentence(error), ...(isWrong && { field: "admin-password" }) });
    },
  });
  return (
    <form
      data-testid="password-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const isReady = errors.passes(
          name.trim() === "" && { message: "Enter your name", field: "name" },
          password === "" && { message: "Enter the password", field: "admin-password" },
        );
        if (isReady) signIn.mutate();
      }}
    >
      <ErrorSummary errors={errors.all} />
      <h1 className="govuk-heading-l">{title}</h1>
      <p className="govuk-body">
        You become the owner of this ColourStream. Enter the password that it was started with, or open the
        set-up link that <code>npm start</code> has printed.
      </p>
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
      <PasswordField
        id="admin-password"
        label="Password"
        hint={
          <>
            The one that <code>ADMIN_PASSWORD</code> holds. It stops working once you have a passkey.
          </>
        }
        maxLength={256}
        value={password}
        onChange={setPassword}
        error={errors.at("admin-password")}
      />
      <Button type="submit" busy={signIn.isPending}>
        Continue
      </Button>
    </form>
  );
}
