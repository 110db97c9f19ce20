/** Milliseconds from 1900 (NTP, RFC 5905 §6) to 1970 (Unix). */
export const NTP_TO_UNIX_MS = 2_208_988_800_000;

/** A capture time as `RTCRtpSynchronizationSource` gives it, in milliseconds since 1970. */
export function unixFromNtpMs(captureTimestamp: number): number {
  return captureTimestamp - NTP_TO_UNIX_MS;
}

/** One frame on its way: all in milliseconds since 1970, `arrivedAt` by the server's clock, the rest by ours. */
export type FramePassage = {
  readonly arrivedAt: number;
  readonly shownAt: number;
  /** Server's clock minus ours. */
  readonly clockOffsetMs: number;
};

/** From the frame's last byte at the server to the screen's turn to show it. */
export function serverToScreenMs({ arrivedAt, shownAt, clockOffsetMs }: FramePassage): number {
  return shownAt + clockOffsetMs - arrivedAt;
}

/** A latency in frames at this rate, to a tenth. */
export function inFrames(ms: number, frameRate: number): number {
  return Math.round((ms * frameRate) / 100) / 10;
}

/** The middle value, which one late frame cannot move; null without values. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
