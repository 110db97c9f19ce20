import type { Viewing } from "@colourstream/contract";
import type { Measured } from "../../../player/measure.js";
import type { Way } from "../../../player/ways.js";

/** What the room is told of our picture, within what the contract lets be said; null: there is none. */
export function viewingOf(way: Way | null, measured: Measured | null): Viewing | null {
  if (way === null) return null;
  return {
    way,
    latencyMs: within(measured?.latencyMs, 600_000),
    latencyFrames: within(measured?.latencyFrames, 100_000),
    lossPercent: within(measured?.lossPercent, 100),
    freezes: Math.min(measured?.freezes ?? 0, 1_000_000),
  };
}

/** A clock that is some milliseconds off makes a picture arrive before it was sent: that is 0. */
function within(value: number | null | undefined, most: number): number | null {
  if (value == null || !Number.isFinite(value)) return null;
  return Math.round(Math.min(most, Math.max(0, value)) * 10) / 10;
}
