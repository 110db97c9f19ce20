/** Packet sequence numbers have 31 bits (draft-sharabayko-srt §3.1) and wrap: after five days at 50 Mbit/s. */
const SPAN = 2 ** 31;
const HALF = 2 ** 30;

/** `sequence` moved on by `by`, which may be negative. */
export function sequenceAfter(sequence: number, by: number): number {
  return (((sequence + by) % SPAN) + SPAN) % SPAN;
}

/** How far `to` is behind `from`: negative when it comes before it. */
export function sequenceDistance(from: number, to: number): number {
  const distance = to - from;
  if (distance >= HALF) return distance - SPAN;
  return distance < -HALF ? distance + SPAN : distance;
}
