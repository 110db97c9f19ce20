import { type InputHTMLAttributes, type ReactNode, useState } from "react";
import { FieldFrame } from "./field-frame.js";

type FieldProps = Omit<InputHTMLAttributes<HTMLInputElement>, "id" | "onChange" | "value"> & {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** Where the error summary's link leads. */
  id: string;
  value: string;
  onChange: (value: string) => void;
};

/** The design system's text input with label, hint and error message. */
export function TextField({ label, hint, error, id, value, onChange, className, ...rest }: FieldProps) {
  return (
    <FieldFrame label={label} hint={hint} error={error} id={id}>
      {(describedBy) => (
        <input
          type="text"
          {...rest}
          id={id}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={`govuk-input${error === undefined ? "" : " govuk-input--error"}${className === undefined ? "" : ` ${className}`}`}
          aria-describedby={describedBy}
          aria-invalid={error !== undefined}
        />
      )}
    </FieldFrame>
  );
}

/** The design system's text area: several lines. */
export function TextArea({
  label,
  hint,
  error,
  id,
  value,
  rows,
  onChange,
}: Pick<FieldProps, "label" | "hint" | "error" | "id" | "value" | "onChange"> & { rows: number }) {
  return (
    <FieldFrame label={label} hint={hint} error={error} id={id}>
      {(describedBy) => (
        <textarea
          id={id}
          rows={rows}
          value={value}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
          className={`govuk-textarea${error === undefined ? "" : " govuk-textarea--error"}`}
          aria-describedby={describedBy}
          aria-invalid={error !== undefined}
        />
      )}
    </FieldFrame>
  );
}

/** The design system's password input: it can be shown, since it is mostly typed from a phone's message. */
export function PasswordField({ label, hint, error, id, value, onChange, ...rest }: FieldProps) {
  const [isShown, setShown] = useState(false);
  return (
    <FieldFrame label={label} hint={hint} error={error} id={id} className="govuk-password-input">
      {(describedBy) => (
        <div className="govuk-input__wrapper govuk-password-input__wrapper">
          <input
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            {...rest}
            id={id}
            type={isShown ? "text" : "password"}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={`govuk-input govuk-password-input__input${error === undefined ? "" : " govuk-input--error"}`}
            aria-describedby={describedBy}
            aria-invalid={error !== undefined}
          />
          <button
            type="button"
            className="govuk-button govuk-button--secondary govuk-password-input__toggle"
            aria-controls={id}
            aria-label={isShown ? "Hide password" : "Show password"}
            onClick={() => setShown(!isShown)}
          >
            {isShown ? "Hide" : "Show"}
          </button>
        </div>
      )}
    </FieldFrame>
  );
}
