/**
 * HH:MM:SS:FF of a moment (SMPTE ST 12-1, non-drop). Frames count at the rate rounded up, as editors write 23.976 and
 * 29.97; without a rate the frames are left out.
 */
export function timecode(seconds: number, rate: number | null): string {
  const frame = frameAt(seconds, rate ?? 1);
  const perSecond = Math.round(rate ?? 1);
  const whole = Math.floor(frame / perSecond);
  const parts = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  if (rate !== null) parts.push(frame % perSecond);
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** A thousandth of a frame: what a player's clock may fall short of a frame's own time. */
const SHORT_BY = 0.001;

/** The number of the frame that is seen at a moment, from 0. */
export function frameAt(seconds: number, rate: number): number {
  return Math.max(0, Math.floor(seconds * rate + SHORT_BY));
}

/** Where to seek to see the frame that lies this many frames from the present one: its middle, clear of its edges. */
export function stepFrom(seconds: number, frames: number, rate: number, durationSeconds: number): number {
  const last = Math.max(0, Math.ceil(durationSeconds * rate - SHORT_BY) - 1);
  const frame = Math.min(last, Math.max(0, frameAt(seconds, rate) + frames));
  return (frame + 0.5) / rate;
}

const SPEEDS = [1, 2, 4, 8] as const; // as editing programs do; beyond it nobody can follow

/** The speed after another press of J (-1) or L (1): faster in the same direction, else once in the new one. */
export function shuttle(speed: number, direction: -1 | 1): number {
  if (Math.sign(speed) !== direction) return direction;
  const next = SPEEDS.find((one) => one > Math.abs(speed)) ?? SPEEDS[SPEEDS.length - 1] ?? 1;
  return direction * next;
}
