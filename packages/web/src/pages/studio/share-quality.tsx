import type { Choice } from "../../publish/choice.js";
import { Radios } from "../../ui/choices.js";
import { Select } from "../../ui/select.js";

const LINES = [
  { value: "source", label: "As it is" },
  { value: "2160", label: "Up to 3840 × 2160" },
  { value: "1080", label: "Up to 1920 × 1080" },
  { value: "720", label: "Up to 1280 × 720" },
] as const;
const RATES = (["24", "25", "30", "50", "60"] as const).map((value) => ({ value, label: `${value} fps` }));
const BITS = (["2", "4", "8", "12", "20", "40"] as const).map((value) => ({
  value,
  label: `${value} Mbit/s`,
}));
const CODECS = [
  { value: "H264", label: "H.264: every viewer can play it" },
  { value: "VP9", label: "VP9: sharper, more work for this computer" },
  { value: "AV1", label: "AV1: sharpest, most work for this computer" },
] as const;

const HEIGHTS = [2160, 1080, 720] as const;
const FRAMES = [24, 25, 30, 50, 60] as const;

/** How fine the picture is; what is set here suits most. */
export function ShareQuality({
  choice,
  onChange,
}: {
  choice: Choice;
  onChange: (part: Partial<Choice>) => void;
}) {
  const bits = BITS.find(({ value }) => Number(value) * 1_000_000 === choice.bitsPerSecond);
  return (
    <details className="govuk-details" data-testid="share-quality">
      <summary className="govuk-details__summary">
        <span className="govuk-details__summary-text">Picture quality</span>
      </summary>
      <div className="govuk-details__text">
        <Radios
          id="share-keeps"
          legend="When there is not enough room for both, keep"
          inline
          options={[
            { value: "detail", label: "Sharpness" },
            { value: "motion", label: "Movement" },
          ]}
          value={choice.keeps}
          onChange={(keeps) => onChange({ keeps })}
        />
        <div className="cs-share-fields">
          <Select
            id="share-lines"
            label="Size"
            options={LINES}
            value={LINES.find(({ value }) => value === String(choice.lines))?.value ?? "source"}
            onChange={(value) =>
              onChange({ lines: HEIGHTS.find((lines) => String(lines) === value) ?? null })
            }
          />
          <Select
            id="share-rate"
            label="Frames"
            options={RATES}
            value={numberToValue(choice.framesPerSecond)}
            onChange={(value) =>
              onChange({ framesPerSecond: FRAMES.find((rate) => String(rate) === value) ?? 30 })
            }
          />
          <Select
            id="share-bits"
            label="Bit rate at most"
            options={BITS}
            value={bits?.value ?? "8"}
            onChange={(value) => onChange({ bitsPerSecond: Number(value) * 1_000_000 })}
          />
          <Select
            id="share-codec"
            label="Format"
            options={CODECS}
            value={choice.codec}
            onChange={(codec) => onChange({ codec })}
          />
        </div>
      </div>
    </details>
  );
}

function numberToValue(rate: Choice["framesPerSecond"]) {
  return RATES.find(({ value }) => Number(value) === rate)?.value ?? "30";
}
