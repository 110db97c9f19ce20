import type { MonotonicClock } from "../auth/attempts.js";

const WINDOW_MS = 1_000;

/** How many messages of one kind a socket may send. */
export type MessageAllowance = {
  /** Above so many a second they wait. */
  readonly perSecond: number;
  /** Above so many in a second the socket is closed. */
  readonly closeAbove: number;
};

/** A page says a few things a minute, and the time a few times a second when it opens. */
export const ORDINARY: MessageAllowance = { perSecond: 20, closeAbove: 100 };
/** Eight who join at once: each has seven connections, and a description and some candidates for each of them. */
export const CALL: MessageAllowance = { perSecond: 60, closeAbove: 200 };

/** What is to be done with a message: now, after so many milliseconds, or the socket is to be closed. */
export type Verdict = { readonly in: number } | "close";

/** A socket's budget for one kind of messages. */
export function createMessageBudget(
  { perSecond, closeAbove }: MessageAllowance,
  clock: MonotonicClock,
): () => Verdict {
  let windowAt = Number.NEGATIVE_INFINITY;
  let arrived = 0;
  let nextAt = Number.NEGATIVE_INFINITY;
  const spacing = WINDOW_MS / perSecond;
  return () => {
    const now = clock();
    if (now - windowAt >= WINDOW_MS) {
      windowAt = now;
      arrived = 0;
    }
    arrived += 1;
    if (arrived > closeAbove) return "close";
    // Up to a second's worth may come at once; from then on one every so often.
    const at = Math.max(now, nextAt);
    nextAt = Math.max(nextAt, now - WINDOW_MS + spacing) + spacing;
    return { in: at - now };
  };
}
