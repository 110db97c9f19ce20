import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentence } from "../api/queries.js";
import { FormButtons } from "./form-buttons.js";
import { TextField } from "./text-field.js";

/** A name to give or to change, in one field. What is wrong stands at the field, which then has the focus. */
export function NameForm({
  id,
  label,
  hint,
  missing,
  maxLength = 60,
  yes,
  value,
  save,
  onDone,
}: {
  id: string;
  label: string;
  hint?: ReactNode;
  /** What is said when the field is empty: "Enter a name for the passkey". Null: it may stay empty. */
  missing: string | null;
  maxLength?: number;
  yes: string;
  value: string;
  save: (name: string) => Promise<unknown>;
  onDone: () => void;
}) {
  const [name, setName] = useState(value);
  const [error, setError] = useState<string | undefined>(undefined);
  const show = (message: string) => {
    setError(message);
    document.getElementById(id)?.focus();
  };
  const change = useMutation({
    mutationFn: () => save(name.trim()),
    onSuccess: onDone,
    onError: (refused) => show(sentence(refused)),
  });
  return (
    <form
      className="cs-name-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setError(undefined);
        if (name.trim() === "" && missing !== null) show(missing);
        else change.mutate();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone();
      }}
    >
      <TextField
        id={id}
        label={label}
        hint={hint}
        maxLength={maxLength}
        autoComplete="off"
        autoFocus
        value={name}
        onChange={setName}
        error={error}
      />
      <FormButtons yes={yes} busy={change.isPending} onCancel={onDone} />
    </form>
  );
}
