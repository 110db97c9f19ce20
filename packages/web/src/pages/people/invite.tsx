import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keepAccount } from "../../api/account-queries.js";
import { provedApi } from "../../api/proved.js";
import { sentence, sessionQuery } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { ErrorSummary } from "../../ui/error-summary.js";
import { TextField } from "../../ui/text-field.js";
import { useFormErrors } from "../../ui/use-form-errors.js";
import { isLocalAddress } from "../studio/local-address.js";
import type { Outcome } from "./people-page.js";

/** Makes a colourist's account and the link that opens it. */
export function Invite({ onOutcome }: { onOutcome: (outcome: Outcome | null) => void }) {
  const [name, setName] = useState("");
  const errors = useFormErrors();
  const client = useQueryClient();
  const session = useQuery(sessionQuery);
  const invite = useMutation({
    mutationFn: () => provedApi("inviteUser", { body: { name: name.trim() } }),
    onMutate: () => onOutcome(null),
    onSuccess: (link) => {
      keepAccount(client, link.account);
      onOutcome({ is: "link", link });
      setName("");
    },
    onError: (error) => errors.show({ message: sentence(error) }),
  });
  const isLocal = session.data !== undefined && isLocalAddress(session.data.passkeyOrigin);
  return (
    <form
      className="cs-create"
      data-testid="invite"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const isReady = errors.passes(
          name.trim() === "" && { message: "Enter the colourist’s name", field: "invite-name" },
        );
        if (isReady) invite.mutate();
      }}
    >
      <ErrorSummary errors={errors.all} />
      <div className="cs-create__row">
        <TextField
          id="invite-name"
          label="Invite a colourist"
          hint="Their name. You get a link to send to them."
          maxLength={60}
          autoComplete="off"
          value={name}
          onChange={setName}
          error={errors.at("invite-name")}
        />
        <Button type="submit" busy={invite.isPending}>
          Make link
        </Button>
      </div>
      {isLocal && (
        <p className="govuk-hint cs-people-empty" data-testid="people-local">
          So far people can sign in only on the machine that runs ColourStream. For others, give it an https
          address and start it with <code>PUBLIC_URL</code> set to it.
        </p>
      )}
    </form>
  );
}
