import type { ReactNode } from "react";
import { FieldFrame } from "./field-frame.js";

/** The design system's select: one of many, where radios would fill the page. */
export function Select<V extends string>({
  id,
  label,
  hint,
  options,
  value,
  onChange,
  error,
  disabled = false,
}: {
  id: string;
  label: string;
  hint?: ReactNode;
  options: readonly { readonly value: V; readonly label: string }[];
  value: V;
  onChange: (value: V) => void;
  error?: string | undefined;
  disabled?: boolean;
}) {
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      {(describedBy) => (
        <select
          id={id}
          value={value}
          disabled={disabled}
          className={`govuk-select${error === undefined ? "" : " govuk-select--error"}`}
          aria-describedby={describedBy}
          aria-invalid={error !== undefined}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.target.value);
            if (chosen !== undefined) onChange(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </FieldFrame>
  );
}
