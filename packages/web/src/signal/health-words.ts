import type { StreamStatus } from "@colourstream/contract";

/** How a stream is, at a glance: good, or what to look at. */
export type Health = { readonly isGood: boolean; readonly reasons: readonly string[] };

const WARNINGS: Record<StreamStatus["warnings"][number], string> = {
  "b-frames": "B-frames make the picture late",
  "long-gop": "Keyframes are far apart",
  "untagged-colour": "Colours are not tagged",
  "no-video": "No picture is sent",
  "codec-not-in-webrtc": "Not every browser shows this codec",
  "latency-too-low": "SRT’s latency is too low for this line",
};

/** The reasons to look at a stream, the worst first; none when it is good. A stream without sound may be meant so. */
export function healthOf({
  state,
  warnings,
  sound,
}: Pick<StreamStatus, "state" | "warnings" | "sound">): Health {
  const reasons: string[] = [];
  if (state === "interrupted") reasons.push("The encoder has gone");
  if (state === "stalled") reasons.push("No frames arrive");
  for (const warning of warnings) reasons.push(WARNINGS[warning]);
  if (sound === "codec-missing") reasons.push("The server lacks the AAC codec: no sound");
  if (sound === "unsupported") reasons.push("The sound cannot be passed on");
  if (sound === "restarting") reasons.push("Sound is restarting");
  return { isGood: reasons.length === 0, reasons };
}
