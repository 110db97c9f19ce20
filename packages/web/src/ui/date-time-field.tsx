import type { ReactNode } from "react";
import { FieldFrame } from "./field-frame.js";

/**
 * A moment on the reader's own clock, by the browser's own picker. `value` is what the input holds: "2026-11-22T10:30",
 * for `kind="date"` "2026-11-22", or "" while it is not complete. `local-time.ts` turns it into milliseconds and back.
 */
export function DateTimeField({
  id,
  label,
  hint,
  value,
  onChange,
  error,
  min,
  max,
  kind = "date-time",
}: {
  id: string;
  label: string;
  hint?: ReactNode;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  min?: string | undefined;
  max?: string | undefined;
  kind?: "date" | "date-time";
}) {
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      {(describedBy) => (
        <input
          type={kind === "date" ? "date" : "datetime-local"}
          id={id}
          value={value}
          min={min}
          max={max}
          onChange={(event) => onChange(event.target.value)}
          className={`govuk-input cs-date${kind === "date" ? " cs-date--day" : ""}${error === undefined ? "" : " govuk-input--error"}`}
          aria-describedby={describedBy}
          aria-invalid={error !== undefined}
        />
      )}
    </FieldFrame>
  );
}
