/** So many signals from one page to one other are a flood: connecting takes about 20, and a bad minute a few times that. */
const MAX_SIGNALS = 200;
const WINDOW_MS = 10_000;

/** Counts what a page signals to each of the others. */
export type SignalBudget = {
  /** Whether one more may go to this one now. */
  take(to: string): boolean;
  /** That one has left: nothing is kept of it. */
  forget(to: string): void;
};

/** A budget of one page's; `clock`: monotonic milliseconds. At most as many are counted for as a call has places. */
export function createSignalBudget(clock: () => number): SignalBudget {
  const windows = new Map<string, { since: number; count: number }>();
  return {
    take: (to) => {
      const now = clock();
      const before = windows.get(to);
      const window =
        before !== undefined && now - before.since < WINDOW_MS ? before : { since: now, count: 0 };
      windows.set(to, window);
      window.count += 1;
      return window.count <= MAX_SIGNALS;
    },
    forget: (to) => {
      windows.delete(to);
    },
  };
}
