import type { Room } from "@colourstream/contract";
import { useState } from "react";
import { sentence } from "../../api/queries.js";
import { ErrorSummary } from "../../ui/error-summary.js";
import { FormButtons } from "../../ui/form-buttons.js";
import { TextField } from "../../ui/text-field.js";
import { StateTag } from "./state-tag.js";
import { useChangeRoom } from "./use-change-room.js";

/** The room's name as heading, or the field to change it. */
export function RenameRoom({ room }: { room: Room }) {
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return <RenameForm room={room} onDone={() => setOpen(false)} />;
  return (
    <div className="cs-room-head__line">
      <h1 className="govuk-heading-l" data-testid="room-name">
        {room.name}
      </h1>
      <StateTag room={room} />
      <button type="button" className="cs-link-button cs-room-head__rename" onClick={() => setOpen(true)}>
        Rename<span className="govuk-visually-hidden"> this room</span>
      </button>
    </div>
  );
}

function RenameForm({ room, onDone }: { room: Room; onDone: () => void }) {
  const [name, setName] = useState(room.name);
  const [missing, setMissing] = useState<string | undefined>(undefined);
  const change = useChangeRoom(room, onDone);
  const error = missing ?? (change.isError ? sentence(change.error) : undefined);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const isEmpty = name.trim() === "";
        setMissing(isEmpty ? "Enter a name for the room" : undefined);
        if (!isEmpty) change.mutate({ name: name.trim() });
      }}
    >
      <ErrorSummary errors={error === undefined ? [] : [{ message: error, field: "rename" }]} />
      <h1 className="govuk-visually-hidden">Rename {room.name}</h1>
      <TextField
        id="rename"
        label="Room name"
        maxLength={80}
        autoComplete="off"
        autoFocus
        value={name}
        onChange={setName}
        error={error}
      />
      <FormButtons yes="Save name" busy={change.isPending} onCancel={onDone} />
    </form>
  );
}
