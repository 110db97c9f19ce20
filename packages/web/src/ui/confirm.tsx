import { type ReactNode, useId } from "react";
import { FormButtons } from "./form-buttons.js";
import { useFocusOnOpen } from "./use-focus-on-open.js";

/** Asks before something that cannot be taken back; says what will happen, takes the focus when it opens and gives it back when it closes. */
export function Confirm({
  title,
  children,
  yes,
  danger = false,
  busy,
  error,
  onYes,
  onNo,
}: {
  title: string;
  children: ReactNode;
  yes: string;
  danger?: boolean;
  busy: boolean;
  error?: string | undefined;
  onYes: () => void;
  onNo: () => void;
}) {
  const heading = useFocusOnOpen();
  const titleId = useId();
  return (
    <form
      className={`cs-confirm${danger ? " cs-confirm--danger" : ""}`}
      aria-labelledby={titleId}
      data-testid="confirm"
      onSubmit={(event) => {
        event.preventDefault();
        onYes();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") onNo();
      }}
    >
      <h3 className="govuk-heading-s cs-confirm__title" id={titleId} tabIndex={-1} ref={heading}>
        {title}
      </h3>
      {children}
      {error !== undefined && (
        <p className="govuk-error-message" role="alert">
          {error}
        </p>
      )}
      <FormButtons yes={yes} look={danger ? "warning" : "primary"} busy={busy} onCancel={onNo} />
    </form>
  );
}
