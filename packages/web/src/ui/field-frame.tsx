import { type ReactNode, useId } from "react";

type FrameProps = {
  /** Of the input that the label belongs to; the error summary's link leads there. */
  id: string;
  label: string;
  hint: ReactNode;
  error: string | undefined;
  className?: string;
  /** Draws the input; `describedBy` names its hint and its error. */
  children: (describedBy: string | undefined) => ReactNode;
};

/** Label, hint and error message around one input. */
export function FieldFrame({ id, label, hint, error, className = "", children }: FrameProps) {
  const said = useDescriptions(hint, error);
  return (
    <div className={`govuk-form-group ${className}${error === undefined ? "" : " govuk-form-group--error"}`}>
      <label className="govuk-label" htmlFor={id}>
        {label}
      </label>
      {said.parts}
      {children(said.describedBy)}
    </div>
  );
}

/** Legend, hint and error message around a group of boxes or circles. */
export function GroupFrame({
  legend,
  hint,
  error,
  children,
}: {
  legend: string;
  hint: ReactNode;
  error: string | undefined;
  children: ReactNode;
}) {
  const said = useDescriptions(hint, error);
  return (
    <div className={`govuk-form-group${error === undefined ? "" : " govuk-form-group--error"}`}>
      <fieldset className="govuk-fieldset" aria-describedby={said.describedBy}>
        <legend className="govuk-fieldset__legend">{legend}</legend>
        {said.parts}
        {children}
      </fieldset>
    </div>
  );
}

function useDescriptions(hint: ReactNode, error: string | undefined) {
  const own = useId();
  const hintId = hint === undefined ? undefined : `${own}-hint`;
  const errorId = error === undefined ? undefined : `${own}-error`;
  const ids = [hintId, errorId].filter((part) => part !== undefined).join(" ");
  return {
    describedBy: ids === "" ? undefined : ids,
    parts: (
      <>
        {hint !== undefined && (
          <div id={hintId} className="govuk-hint">
            {hint}
          </div>
        )}
        {error !== undefined && (
          <p id={errorId} className="govuk-error-message">
            <span className="govuk-visually-hidden">Error:</span> {error}
          </p>
        )}
      </>
    ),
  };
}
