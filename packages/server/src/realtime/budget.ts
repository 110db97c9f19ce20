import type { MonotonicClock } from "../auth/attempts.js";

const PER_SECOND = 20; // a page says a few things a minute, and the time a few times a second when it opens
const CLOSE_ABOVE = 100;
const WINDOW_MS = 1_000;

/** What is to be done with a message: now, after so many milliseconds, or the socket is to be closed. */
export type Verdict = { readonly in: number } | "close";

/** A socket's budget: above 20 messages a second they wait, above 100 the socket is closed. */
export function createMessageBudget(clock: MonotonicClock): () => Verdict {
  let windowAt = Number.NEGATIVE_INFINITY;
  let arrived = 0;
  let nextAt = Number.NEGATIVE_INFINITY;
  const spacing = WINDOW_MS / PER_SECOND;
  return () => {
    const now = clock();
    if (now - windowAt >= WINDOW_MS) {
      windowAt = now;
      arrived = 0;
    }
    arrived += 1;
    if (arrived > CLOSE_ABOVE) return "close";
    // Up to a second's worth may come at once; from then on one every 50 ms.
    const at = Math.max(now, nextAt);
    nextAt = Math.max(nextAt, now - WINDOW_MS + spacing) + spacing;
    return { in: at - now };
  };
}
