import { useEffect, useRef } from "react";

/** One thing that is wrong; `field` is the id of the input to go to. */
export type FormError = { readonly message: string; readonly field?: string };

/** The design system's error summary: takes the focus when it appears or its errors change. */
export function ErrorSummary({ errors }: { errors: readonly FormError[] }) {
  const box = useRef<HTMLDivElement>(null);
  const text = errors.map(({ message }) => message).join("\n");
  useEffect(() => {
    if (text !== "") box.current?.focus();
  }, [text]);
  if (errors.length === 0) return null;
  return (
    <div className="govuk-error-summary" tabIndex={-1} ref={box} data-testid="error-summary">
      <div role="alert">
        <h2 className="govuk-error-summary__title">There is a problem</h2>
        <div className="govuk-error-summary__body">
          <ul className="govuk-list govuk-error-summary__list">
            {errors.map(({ message, field }) => (
              <li key={message}>
                {field === undefined ? message : <FieldLink field={field} message={message} />}
              </li>
            ))}
          </ul>
        </div>
      </div>
    </div>
  );
}

function FieldLink({ field, message }: { field: string; message: string }) {
  return (
    <a
      href={`#${field}`}
      onClick={(event) => {
        event.preventDefault(); // the address stays as it is: it is the one that people copy
        document.getElementById(field)?.focus();
      }}
    >
      {message}
    </a>
  );
}
