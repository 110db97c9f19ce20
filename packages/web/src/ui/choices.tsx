import type { ReactNode } from "react";
import { useId } from "react";
import { GroupFrame } from "./field-frame.js";

/** One box or circle: what it stands for, and what a person reads. */
export type Choice<V extends string = string> = {
  readonly value: V;
  readonly label: string;
  readonly hint?: ReactNode;
};

/** The design system's checkboxes: any number of the options. The first box has the group's id. */
export function Checkboxes<V extends string>({
  id,
  legend,
  hint,
  options,
  values,
  onChange,
  error,
}: {
  id: string;
  legend: string;
  hint?: ReactNode;
  options: readonly Choice<V>[];
  values: readonly V[];
  onChange: (values: readonly V[]) => void;
  error?: string | undefined;
}) {
  return (
    <GroupFrame legend={legend} hint={hint} error={error}>
      <div className="govuk-checkboxes govuk-checkboxes--small">
        {options.map((option, index) => (
          <Box
            key={option.value}
            id={itemId(id, index)}
            label={option.label}
            hint={option.hint}
            checked={values.includes(option.value)}
            onChange={(checked) =>
              onChange(
                // In the order of the options, whatever was ticked first.
                options
                  .map(({ value }) => value)
                  .filter((value) => (value === option.value ? checked : values.includes(value))),
              )
            }
          />
        ))}
      </div>
    </GroupFrame>
  );
}

/** One checkbox by itself: yes or no. */
export function Checkbox(props: BoxProps) {
  return (
    <div className="govuk-form-group">
      <div className="govuk-checkboxes govuk-checkboxes--small">
        <Box {...props} />
      </div>
    </div>
  );
}

type BoxProps = {
  id: string;
  label: string;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
};

function Box({ id, label, hint, checked, onChange, disabled = false }: BoxProps) {
  const hintId = useId();
  return (
    <div className="govuk-checkboxes__item">
      <input
        type="checkbox"
        className="govuk-checkboxes__input"
        id={id}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : hintId}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label className="govuk-label govuk-checkboxes__label" htmlFor={id}>
        {label}
      </label>
      {hint !== undefined && (
        <div className="govuk-hint govuk-checkboxes__hint" id={hintId}>
          {hint}
        </div>
      )}
    </div>
  );
}

/** The design system's radios: one of the options. The first circle has the group's id. */
export function Radios<V extends string>({
  id,
  legend,
  hint,
  options,
  value,
  onChange,
  error,
  inline = false,
}: {
  id: string;
  legend: string;
  hint?: ReactNode;
  options: readonly Choice<V>[];
  value: V | null;
  onChange: (value: V) => void;
  error?: string | undefined;
  inline?: boolean;
}) {
  const name = useId();
  return (
    <GroupFrame legend={legend} hint={hint} error={error}>
      <div className={`govuk-radios govuk-radios--small${inline ? " govuk-radios--inline" : ""}`}>
        {options.map((option, index) => {
          const own = itemId(id, index);
          return (
            <div className="govuk-radios__item" key={option.value}>
              <input
                type="radio"
                className="govuk-radios__input"
                id={own}
                name={name}
                value={option.value}
                checked={option.value === value}
                aria-describedby={option.hint === undefined ? undefined : `${own}-hint`}
                onChange={() => onChange(option.value)}
              />
              <label className="govuk-label govuk-radios__label" htmlFor={own}>
                {option.label}
              </label>
              {option.hint !== undefined && (
                <div className="govuk-hint govuk-radios__hint" id={`${own}-hint`}>
                  {option.hint}
                </div>
              )}
            </div>
          );
        })}
      </div>
    </GroupFrame>
  );
}

const itemId = (id: string, index: number) => (index === 0 ? id : `${id}-${index + 1}`);
