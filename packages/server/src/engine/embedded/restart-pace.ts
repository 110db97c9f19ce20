const LADDER_MS = [200, 400, 800, 1_600, 3_200, 5_000];
const AT_ONCE_MS = 100; // with 0.5 s from spawn to hello: well within the 2 s promised for a crash
const MOST_AT_ONCE = 10; // in a minute; above that it is not bad luck but a fault, and the machine needs its breath
const COUNTED_MS = 60_000;

/** How long to wait before the engine is started again. */
export type RestartPace = {
  /** Milliseconds to wait. `hadAnswered`: the engine that has gone had said hello, so starting one works here. */
  next(hadAnswered: boolean): number;
};

/**
 * An engine that had answered is started again at once, however long it ran: viewers wait for it. One that never
 * answered climbs the ladder, and so does one that falls over more than ten times in a minute. `clock` counts in ms.
 */
export function createRestartPace(clock: () => number): RestartPace {
  let step = 0;
  let fallen: number[] = []; // when engines that had answered went, the last minute of them: at most 11 kept
  return {
    next: (hadAnswered) => {
      const now = clock();
      if (hadAnswered) {
        fallen = [...fallen.filter((at) => now - at < COUNTED_MS), now].slice(-MOST_AT_ONCE - 1);
        if (fallen.length <= MOST_AT_ONCE) {
          step = 0;
          return AT_ONCE_MS;
        }
      }
      const waitMs = LADDER_MS[Math.min(step, LADDER_MS.length - 1)] ?? AT_ONCE_MS;
      step += 1;
      return waitMs;
    },
  };
}
