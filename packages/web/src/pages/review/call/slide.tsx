import { FieldFrame } from "../../../ui/field-frame.js";

/** A value to be slid, with its words beside the label. */
export function Slide({
  id,
  label,
  value,
  least,
  most,
  step,
  words,
  hint,
  isOff = false,
  onChange,
}: {
  id: string;
  label: string;
  value: number;
  least: number;
  most: number;
  step: number;
  words: string;
  hint?: string;
  isOff?: boolean;
  onChange: (value: number) => void;
}) {
  return (
    <FieldFrame id={id} label={`${label}: ${words}`} hint={hint} error={undefined}>
      {(describedBy) => (
        <input
          id={id}
          className="cs-slide"
          type="range"
          min={least}
          max={most}
          step={step}
          value={value}
          disabled={isOff}
          aria-describedby={describedBy}
          aria-valuetext={words}
          onChange={(event) => onChange(event.target.valueAsNumber)}
        />
      )}
    </FieldFrame>
  );
}
