import type { Person, Viewing } from "@colourstream/contract";
import { secondsWords } from "../../../signal/way-words.js";

const NEVER = Number.MAX_SAFE_INTEGER;
const LOSS_WORTH_A_WORD = 1; // percent; below it nobody sees anything of it

/** For how long somebody has been here: "12 min". */
export function sinceWords(sinceMs: number, nowMs: number): string {
  const minutes = Math.floor(Math.max(0, nowMs - sinceMs) / 60_000);
  if (minutes === 0) return "just came";
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How somebody's picture comes: "WebRTC, 1.9 frames", with the loss where it shows. */
export function viewingWords(viewing: Viewing | null): string {
  if (viewing === null) return "No picture";
  const { way, latencyMs, latencyFrames, lossPercent } = viewing;
  const late =
    way !== "hls" && latencyFrames !== null
      ? `${latencyFrames.toFixed(1)} frames`
      : latencyMs === null
        ? null
        : secondsWords(latencyMs);
  return [
    way === "hls" ? "HLS" : "WebRTC",
    ...(way === "universal" ? ["re-encoded"] : []),
    ...(late === null ? [] : [late]),
    ...(lossPercent !== null && lossPercent >= LOSS_WORTH_A_WORD
      ? [`${lossPercent.toFixed(lossPercent < 10 ? 1 : 0)} % lost`]
      : []),
  ].join(", ");
}

/** Raised hands first, the first raised before the others; then in the order in which people came. */
export function handsFirst(people: readonly Person[]): Person[] {
  return [...people].sort((a, b) => (a.handAt ?? NEVER) - (b.handAt ?? NEVER) || a.since - b.since);
}
