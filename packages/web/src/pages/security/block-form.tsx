import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem, api } from "../../api/call.js";
import { attemptsQuery, blocksQuery, sentence } from "../../api/queries.js";
import { ErrorSummary } from "../../ui/error-summary.js";
import { FormButtons } from "../../ui/form-buttons.js";
import { Select } from "../../ui/select.js";
import { TextField } from "../../ui/text-field.js";
import { useFocusOnOpen } from "../../ui/use-focus-on-open.js";
import { useFormErrors } from "../../ui/use-form-errors.js";

const HOUR_MS = 3_600_000;
const FOR = [
  { value: "hour", label: "For an hour", ms: HOUR_MS },
  { value: "day", label: "For a day", ms: 24 * HOUR_MS },
  { value: "week", label: "For 7 days", ms: 7 * 24 * HOUR_MS },
  { value: "month", label: "For 30 days", ms: 30 * 24 * HOUR_MS },
  { value: "ever", label: "Until I remove it", ms: null },
] as const;
type HowLong = (typeof FOR)[number]["value"];

/** Blocks an address or a net: which, why, for how long. Takes the focus when it opens. */
export function BlockForm({
  address: givenAddress,
  reason: givenReason,
  onDone,
  onCancel,
}: {
  address: string;
  reason: string;
  onDone: (said: string) => void;
  onCancel: () => void;
}) {
  const [address, setAddress] = useState(givenAddress);
  const [reason, setReason] = useState(givenReason);
  const [howLong, setHowLong] = useState<HowLong>("week");
  const errors = useFormErrors();
  const client = useQueryClient();
  const heading = useFocusOnOpen();
  const add = useMutation({
    mutationFn: () => {
      const ms = FOR.find(({ value }) => value === howLong)?.ms ?? null;
      const expiresAt = ms === null ? null : Date.now() + ms;
      return api("addBlock", { body: { address: address.trim(), reason: reason.trim(), expiresAt } });
    },
    onSuccess: async (block) => {
      onDone(`${block.address} is blocked`);
      await client.invalidateQueries({ queryKey: blocksQuery.queryKey });
      await client.invalidateQueries({ queryKey: attemptsQuery.queryKey });
    },
    onError: (error) => {
      const isAddress = error instanceof ApiProblem && error.status >= 400 && error.status < 500;
      errors.show({ message: sentence(error), ...(isAddress && { field: "block-address" }) });
    },
  });
  return (
    <form
      className="cs-confirm"
      aria-labelledby="block-title"
      data-testid="block-form"
      noValidate
      onKeyDown={(event) => {
        if (event.key === "Escape") onCancel();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        const mayGo = errors.passes(
          address.trim() === "" && { message: "Enter the address to block", field: "block-address" },
          reason.trim() === "" && {
            message: "Say why, for when you look at this later",
            field: "block-reason",
          },
        );
        if (mayGo) add.mutate();
      }}
    >
      <h2 className="govuk-heading-m cs-confirm__title" id="block-title" tabIndex={-1} ref={heading}>
        Block an address
      </h2>
      <ErrorSummary errors={errors.all} />
      <p className="govuk-body">
        Everyone behind it is cut off at once, from every room too. You cannot block the address that you are
        at yourself.
      </p>
      <TextField
        id="block-address"
        label="Address"
        hint="Such as 203.0.113.7, or a whole net: 203.0.113.0/24, 2001:db8::/48"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={64}
        value={address}
        onChange={setAddress}
        error={errors.at("block-address")}
      />
      <TextField
        id="block-reason"
        label="Why"
        autoComplete="off"
        maxLength={200}
        value={reason}
        onChange={setReason}
        error={errors.at("block-reason")}
      />
      <Select id="block-for" label="How long" options={FOR} value={howLong} onChange={setHowLong} />
      <FormButtons yes="Block" look="warning" busy={add.isPending} onCancel={onCancel} />
    </form>
  );
}
