/** Waits between attempts: the first retry is at once, the last value repeats for ever. */
const LADDER_MS = [0, 300, 600, 1_200, 2_500, 5_000] as const;

/** Share of a wait that chance adds or takes away, so that a room full of viewers does not return in one instant. */
const JITTER = 0.2;

/** How long to wait before retry number `attempt` (1 is the first). `random` gives 0 up to 1. */
export function retryDelayMs(attempt: number, random: () => number): number {
  const rung = Math.min(Math.max(attempt, 1), LADDER_MS.length) - 1;
  const wait = LADDER_MS[rung] ?? 0;
  return Math.round(wait * (1 - JITTER + 2 * JITTER * random()));
}
