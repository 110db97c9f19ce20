import type { Clock } from "./clock.js";

/** A clock that stands still until a test moves it. */
export function createVirtualClock(startAt = 1_000_000): Clock & { advance(ms: number): void } {
  let now = startAt;
  let timers: { at: number; call: () => void }[] = [];
  return {
    now: () => now,
    after(ms, call) {
      const timer = { at: now + ms, call };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const end = now + ms;
      for (let turns = 0; turns < 100_000; turns++) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > end) break;
        timers = timers.filter((other) => other !== next);
        now = next.at;
        next.call();
      }
      now = end;
    },
  };
}
