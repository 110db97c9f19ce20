import type { ReactNode } from "react";
import { Checkbox } from "../../ui/choices.js";
import { TextField } from "../../ui/text-field.js";
import { SETTINGS, type SettingName } from "./draft.js";
import type { Section } from "./use-section.js";

type FieldProps = { section: Section; name: SettingName; hint?: ReactNode };

/** A setting that is on or off. */
export function FlagSetting({ section, name, hint }: FieldProps) {
  const value = section.valueOf(name) === true;
  const variable = section.variableOf(name);
  if (variable !== undefined) {
    return <FixedSetting name={name} value={value ? "On" : "Off"} variable={variable} />;
  }
  return (
    <Checkbox
      id={name}
      label={SETTINGS[name].label}
      hint={hint}
      checked={value}
      onChange={(checked) => section.set(name, checked)}
    />
  );
}

/** A setting that is a number, or empty; `unit` stands behind it. */
export function NumberSetting({ section, name, hint, unit }: FieldProps & { unit?: string }) {
  const value = String(section.valueOf(name));
  const variable = section.variableOf(name);
  if (variable !== undefined) return <FixedSetting name={name} value={value} variable={variable} />;
  return (
    <TextField
      id={name}
      className="cs-number"
      label={unit === undefined ? SETTINGS[name].label : `${SETTINGS[name].label} (${unit})`}
      hint={hint}
      inputMode="numeric"
      autoComplete="off"
      maxLength={6}
      value={value}
      onChange={(text) => section.set(name, text)}
      error={section.errorOf(name)}
    />
  );
}

/** The ports of WebRTC, from the first to the last: one variable fixes both. */
export function PortRange({ section, hint }: { section: Section; hint: string }) {
  const variable = section.variableOf("webrtcFirstPort");
  if (variable !== undefined) {
    const value = `${section.valueOf("webrtcFirstPort")} to ${section.valueOf("webrtcLastPort")}`;
    return <FixedSetting name="webrtcFirstPort" label="WebRTC ports" value={value} variable={variable} />;
  }
  return (
    <>
      <div className="cs-form__row">
        <NumberSetting section={section} name="webrtcFirstPort" />
        <NumberSetting section={section} name="webrtcLastPort" />
      </div>
      <p className="govuk-hint">{hint}</p>
    </>
  );
}

/** A setting that is a text, or empty. */
export function TextSetting({ section, name, hint }: FieldProps) {
  const value = String(section.valueOf(name));
  const variable = section.variableOf(name);
  if (variable !== undefined) return <FixedSetting name={name} value={value} variable={variable} />;
  return (
    <TextField
      id={name}
      label={SETTINGS[name].label}
      hint={hint}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={253}
      value={value}
      onChange={(text) => section.set(name, text)}
      error={section.errorOf(name)}
    />
  );
}

/** A setting that the environment names: it is read, not changed. */
function FixedSetting({
  name,
  label = SETTINGS[name].label,
  value,
  variable,
}: {
  name: SettingName;
  label?: string;
  value: string;
  variable: string;
}) {
  return (
    <div className="govuk-form-group" data-testid={`fixed-${name}`}>
      <p className="govuk-body cs-fixed__label">{label}</p>
      <p className="govuk-body cs-fixed__value">{value === "" ? "Not set" : value}</p>
      <p className="govuk-hint cs-fixed__why">
        Fixed by <code>{variable}</code> where ColourStream is started. Take it out there to set it here.
      </p>
    </div>
  );
}
