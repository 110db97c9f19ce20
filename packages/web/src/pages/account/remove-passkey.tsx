import type { Passkey } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { provedApi } from "../../api/proved.js";
import { sentence } from "../../api/queries.js";
import { Confirm } from "../../ui/confirm.js";

/** Asks before a passkey goes. */
export function RemovePasskey({
  passkey,
  onRemoved,
  onClose,
}: {
  passkey: Passkey;
  onRemoved: () => Promise<void>;
  onClose: () => void;
}) {
  const remove = useMutation({
    mutationFn: () => provedApi("removePasskey", { params: { passkeyId: passkey.id } }),
    onSuccess: onRemoved,
  });
  return (
    <Confirm
      title={`Remove the passkey “${passkey.name}”?`}
      yes="Remove passkey"
      danger
      busy={remove.isPending}
      error={remove.isError ? sentence(remove.error) : undefined}
      onYes={() => remove.mutate()}
      onNo={onClose}
    >
      <p className="govuk-body">
        It stops signing you in here, at once and for good. Where you are signed in now, you stay signed in:
        sign out there too if the device is lost. The device may go on listing the passkey until you delete it
        there.
      </p>
    </Confirm>
  );
}
