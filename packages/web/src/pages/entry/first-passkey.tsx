import type { User } from "@colourstream/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addPasskey, keepSession } from "../../api/account-queries.js";
import { api } from "../../api/call.js";
import { sentence, sessionQuery } from "../../api/queries.js";
import type { PasskeyPlace } from "../../passkeys/place.js";
import { Button } from "../../ui/button.js";
import { ErrorSummary } from "../../ui/error-summary.js";
import { TextField } from "../../ui/text-field.js";
import { useFormErrors } from "../../ui/use-form-errors.js";
import { useTitle } from "../../ui/use-title.js";
import { WrongPlace } from "./wrong-place.js";

/** The step between a one-time link, or the password, and the studio. The server lets nothing else happen here. */
export function FirstPasskey({ user, place }: { user: User; place: PasskeyPlace }) {
  useTitle("Add your passkey");
  const [name, setName] = useState("");
  const errors = useFormErrors();
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () => addPasskey(name.trim()),
    onSuccess: ({ session }) => keepSession(client, session),
    onError: (error) => errors.show({ message: sentence(error) }),
  });
  const signOut = useMutation({
    mutationFn: () => api("signOut", {}),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
    onError: (error) => errors.show({ message: sentence(error) }),
  });
  const isHere = place.is === "here";
  return (
    <form
      data-testid="first-passkey"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (errors.passes()) add.mutate();
      }}
    >
      <ErrorSummary errors={errors.all} />
      <h1 className="govuk-heading-l">{isHere ? "Add your passkey" : "Passkeys do not work here"}</h1>
      {isHere ? (
        <>
          <p className="govuk-body">
            A passkey signs you in with the fingerprint, face or PIN that unlocks your device, or with a
            security key. There is nothing to remember, and nothing that somebody could steal or guess.
          </p>
          <TextField
            id="passkey-name"
            label="Name for this passkey (optional)"
            hint="To tell it from others later, such as “Studio Mac”."
            autoComplete="off"
            maxLength={60}
            value={name}
            onChange={setName}
          />
          <Button type="submit" busy={add.isPending}>
            Add passkey
          </Button>
        </>
      ) : (
        <WrongPlace place={place} path="/" />
      )}
      <p className="govuk-body cs-quiet">
        You have 15 minutes for this step. Not {user.name}?{" "}
        <button
          type="button"
          className="cs-link-button"
          disabled={signOut.isPending}
          onClick={() => signOut.mutate()}
        >
          Sign out
        </button>
      </p>
    </form>
  );
}
