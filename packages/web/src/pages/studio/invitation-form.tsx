import type { Invitation, Room, SeatRole } from "@colourstream/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api } from "../../api/call.js";
import { invitationsQuery, sentence } from "../../api/queries.js";
import { Radios } from "../../ui/choices.js";
import { DateTimeField } from "../../ui/date-time-field.js";
import { ErrorSummary } from "../../ui/error-summary.js";
import { FormButtons } from "../../ui/form-buttons.js";
import { fromInput, momentInput } from "../../ui/local-time.js";
import { Select } from "../../ui/select.js";
import { TextField } from "../../ui/text-field.js";
import { useFormErrors } from "../../ui/use-form-errors.js";
import { ROLE_WORDS } from "../role-words.js";
import { lengthWords } from "./room-words.js";

const ROLES = ["reviewer", "observer", "presenter"] as const satisfies readonly SeatRole[];
const LENGTHS = [30, 45, 60, 90, 120, 180, 240, 480] as const;
const DAY_MS = 86_400_000;

const UNTIL = [
  { value: "usual", label: "The usual time" },
  { value: "1", label: "1 day" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "never", label: "Until it is taken back" },
] as const;

const BROWSERS = [
  { value: "1", label: "1" },
  { value: "3", label: "3" },
  { value: "10", label: "10" },
  { value: "any", label: "Any number" },
] as const;

/** Makes an invitation. */
export function InvitationForm({
  room,
  onMade,
  onCancel,
}: {
  room: Room;
  onMade: (invitation: Invitation) => void;
  onCancel: () => void;
}) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<SeatRole>("reviewer");
  const [at, setAt] = useState("");
  const [minutes, setMinutes] = useState("60");
  const [until, setUntil] = useState<(typeof UNTIL)[number]["value"]>("usual");
  const [browsers, setBrowsers] = useState<(typeof BROWSERS)[number]["value"]>("3");
  const errors = useFormErrors();
  const client = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const startsAt = fromInput(at);
  const days = until === "usual" || until === "never" ? null : Number(until);

  const make = useMutation({
    mutationFn: () =>
      api("createInvitation", {
        params: { roomId: room.id },
        body: {
          name: name.trim(),
          role,
          maxUses: browsers === "any" ? null : Number(browsers),
          ...(until === "usual" ? {} : { expiresAt: days === null ? null : Date.now() + days * DAY_MS }),
          ...(startsAt === null ? {} : { startsAt, durationMinutes: Number(minutes) }),
        },
      }),
    onSuccess: (invitation) => {
      client.setQueryData(invitationsQuery(room.id).queryKey, (before) =>
        before === undefined ? undefined : [invitation, ...before.filter(({ id }) => id !== invitation.id)],
      );
      onMade(invitation);
    },
    onError: (error) => errors.show({ message: sentence(error) }),
  });

  function submit() {
    const now = Date.now();
    const runsOutAt = days === null ? null : now + days * DAY_MS;
    const isFine = errors.passes(
      name.trim() === "" && { message: "Enter the name of the person", field: "invitation-name" },
      startsAt !== null &&
        startsAt <= now && { message: "Enter a time that is still to come", field: "invitation-at" },
      startsAt !== null &&
        runsOutAt !== null &&
        runsOutAt < startsAt && {
          message: "The invitation would run out before the meeting. Let it work longer.",
          field: "invitation-until",
        },
    );
    if (isFine) make.mutate();
  }

  return (
    <form
      className="cs-form cs-invite"
      noValidate
      data-testid="invitation-form"
      aria-labelledby="invite-title"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <h3 className="govuk-heading-s cs-confirm__title" id="invite-title" tabIndex={-1} ref={heading}>
        Invite someone
      </h3>
      <ErrorSummary errors={errors.all} />
      <TextField
        id="invitation-name"
        label="Name"
        hint="They can change it when they come in."
        maxLength={60}
        autoComplete="off"
        value={name}
        onChange={setName}
        error={errors.at("invitation-name")}
      />
      <Radios
        id="invitation-role"
        legend="What they may do"
        options={ROLES.map((value) => ({
          value,
          label: ROLE_WORDS[value].name,
          hint: ROLE_WORDS[value].may,
        }))}
        value={role}
        onChange={setRole}
      />
      <div className="cs-form__row">
        <DateTimeField
          id="invitation-at"
          label="When you meet (optional)"
          hint="Gives you a calendar file to send along."
          value={at}
          min={momentInput(Date.now())}
          onChange={setAt}
          error={errors.at("invitation-at")}
        />
        {startsAt !== null && (
          <Select
            id="invitation-minutes"
            label="For how long"
            options={LENGTHS.map((length) => ({ value: String(length), label: lengthWords(length) }))}
            value={minutes}
            onChange={setMinutes}
          />
        )}
      </div>
      <div className="cs-form__row">
        <Select
          id="invitation-until"
          label="How long the link works"
          hint="The owner sets the usual time."
          options={UNTIL}
          value={until}
          onChange={setUntil}
          error={errors.at("invitation-until")}
        />
        <Select
          id="invitation-browsers"
          label="On how many browsers"
          hint="Coming back after leaving counts again."
          options={BROWSERS}
          value={browsers}
          onChange={setBrowsers}
        />
      </div>
      <FormButtons yes="Make invitation" busy={make.isPending} onCancel={onCancel} />
    </form>
  );
}
