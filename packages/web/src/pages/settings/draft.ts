import type { SettingName as AnySettingName, Settings, SettingsChange } from "@colourstream/contract";
import type { FormError } from "../../ui/error-summary.js";

/** The settings with a field of this kind; TURN has a form of its own. */
export type SettingName = Exclude<AnySettingName, "iceUrls" | "turnAuth" | "turnUsername">;

/** What a form holds of a setting: whether its box is ticked, or the text in its field. */
export type Drafted = boolean | string;
/** What has been typed and not saved, by setting. */
export type Draft = Readonly<Partial<Record<SettingName, Drafted>>>;

type Kind =
  | { readonly is: "flag" }
  | { readonly is: "text" }
  | { readonly is: "number"; readonly min: number; readonly max: number; readonly mayBeEmpty: boolean };

const FLAG = { is: "flag" } as const;
const PORT = { is: "number", min: 1, max: 65_535, mayBeEmpty: false } as const;
const DAYS = { is: "number", min: 1, max: 3650, mayBeEmpty: false } as const;
const DAYS_OR_NONE = { ...DAYS, mayBeEmpty: true } as const;

/** What each setting is called in the studio, and what may stand in its field (the contract has the same limits). */
export const SETTINGS: Readonly<Record<SettingName, Kind & { readonly label: string }>> = {
  rtmpOn: { ...FLAG, label: "Let encoders in by RTMP" },
  rtmpPort: { ...PORT, label: "RTMP port" },
  rtmpsOn: { ...FLAG, label: "Let encoders in by RTMPS" },
  rtmpsPort: { ...PORT, label: "RTMPS port" },
  srtOn: { ...FLAG, label: "Let encoders in by SRT" },
  srtPort: { ...PORT, label: "SRT port" },
  whipOn: { ...FLAG, label: "Let encoders and browsers in by WHIP" },
  webrtcFirstPort: { ...PORT, label: "First WebRTC port" },
  webrtcLastPort: { ...PORT, label: "Last WebRTC port" },
  publicAddress: { is: "text", label: "Public address" },
  relayOn: { ...FLAG, label: "Relay calls where browsers cannot reach each other" },
  relayPort: { ...PORT, label: "Relay port" },
  newRoomWaitingRoom: { ...FLAG, label: "Waiting room" },
  newRoomWatermark: { ...FLAG, label: "Watermark" },
  newRoomAutoRecord: { ...FLAG, label: "Record every take" },
  newRoomDays: { ...DAYS_OR_NONE, label: "Rooms are archived after" },
  newInvitationDays: { ...DAYS_OR_NONE, label: "Invitations end after" },
  auditDays: { ...DAYS, label: "Keep the audit log for" },
  takesDays: { ...DAYS_OR_NONE, label: "Keep the list of takes for" },
  archivedRoomsDays: { ...DAYS_OR_NONE, label: "Delete archived rooms after" },
  recordingsDays: { ...DAYS_OR_NONE, label: "Delete recordings after" },
  recordingsDiskPercent: {
    is: "number",
    min: 1,
    max: 95,
    mayBeEmpty: false,
    label: "Share of the disk for recordings",
  },
};

const NAMES = Object.keys(SETTINGS) as SettingName[];

/** Those of the settings whose change makes something be removed that would have been kept before. */
export function shortenedBy(settings: Settings, change: SettingsChange): SettingName[] {
  const names = [
    "auditDays",
    "takesDays",
    "archivedRoomsDays",
    "recordingsDays",
    "recordingsDiskPercent",
  ] as const;
  return names.filter((name) => {
    const limit = change[name];
    return limit !== undefined && limit !== null && limit < (settings[name] ?? Number.POSITIVE_INFINITY);
  });
}

/** What a form shows of a setting that nobody has touched. */
export function formValue(settings: Settings, name: SettingName): Drafted {
  const value = settings[name];
  if (value === null) return "";
  return typeof value === "boolean" ? value : String(value);
}

/** The settings whose draft differs from what is saved. */
export function changedNames(settings: Settings, draft: Draft): SettingName[] {
  return NAMES.filter((name) => {
    if (!(name in draft)) return false;
    const value = draft[name];
    return (typeof value === "string" ? value.trim() : value) !== formValue(settings, name);
  });
}

/** The change to send, or what must be put right first; each problem at its setting's field. */
export function readDraft(
  settings: Settings,
  draft: Draft,
): { readonly change: SettingsChange; readonly errors: readonly FormError[] } {
  const errors: FormError[] = [];
  const change: Record<string, boolean | string | number | null> = {};
  for (const name of changedNames(settings, draft)) {
    const value = draft[name];
    const kind = SETTINGS[name];
    if (value === undefined) continue;
    if (typeof value === "boolean") change[name] = value;
    else if (kind.is === "number") {
      const read = readNumber(value.trim(), kind, kind.label);
      if (typeof read === "string") errors.push({ message: read, field: name });
      else change[name] = read;
    } else change[name] = value.trim() === "" ? null : value.trim();
  }
  const first = (change["webrtcFirstPort"] ?? settings.webrtcFirstPort) as number;
  const last = (change["webrtcLastPort"] ?? settings.webrtcLastPort) as number;
  const touchesRange = "webrtcFirstPort" in change || "webrtcLastPort" in change;
  if (touchesRange && errors.length === 0 && last < first) {
    errors.push({
      message: `Last WebRTC port must be ${first} or higher, as the first one is ${first}`,
      field: "webrtcLastPort",
    });
  }
  return { change: change as SettingsChange, errors };
}

function readNumber(text: string, kind: Kind & { is: "number" }, label: string): number | null | string {
  if (text === "" && kind.mayBeEmpty) return null;
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= kind.min && number <= kind.max) return number;
  const range = `a whole number from ${kind.min} to ${kind.max}`;
  return `${label}: enter ${range}${kind.mayBeEmpty ? ", or leave the field empty" : ""}`;
}
