/** One question to the server's clock; all in milliseconds since 1970. */
export type ClockSample = { readonly sentAt: number; readonly serverAt: number; readonly receivedAt: number };

/** Samples kept: at one every 5 s the estimate follows a drifting clock within a minute. */
const KEPT = 12;

/** How far the server's clock is ahead of ours. */
export type ClockEstimate = { readonly offsetMs: number; readonly roundTripMs: number };

/**
 * The estimate from the sample with the shortest round trip: the less a message waited on its way, the less the two
 * directions can differ (RFC 5905 §10, the clock filter). Its error is at most half of that round trip.
 */
export function estimateOffset(samples: readonly ClockSample[]): ClockEstimate | null {
  let best: ClockEstimate | null = null;
  for (const { sentAt, serverAt, receivedAt } of samples) {
    const roundTripMs = receivedAt - sentAt;
    if (roundTripMs < 0 || (best !== null && roundTripMs >= best.roundTripMs)) continue;
    best = { offsetMs: serverAt - (sentAt + receivedAt) / 2, roundTripMs };
  }
  return best;
}

/** The samples with a new one at the end and the oldest dropped. */
export function addSample(samples: readonly ClockSample[], sample: ClockSample): ClockSample[] {
  return [...samples, sample].slice(-KEPT);
}
