/** Monotonic milliseconds, such as `performance.now()`: a limit must not end because the wall clock was set. */
export type MonotonicClock = () => number;

/** So many in so long. */
export type Limit = { readonly count: number; readonly inMs: number };

/** Counts attempts for a key. */
export type Attempts = {
  /** Null: the attempt may be made and is counted. A number: it may not; try again after so many milliseconds. */
  take(key: string): number | null;
  /** The attempt was a good one after all: it does not count. */
  giveBack(key: string): void;
  readonly size: number;
};

const MAX_KEYS = 10_000; // an address or room each; the oldest is forgotten first

/** A limiter with a bounded memory. An attempt counts from the moment it begins, so that parallel ones count too. */
export function createAttempts(limit: Limit, clock: MonotonicClock, maxKeys: number = MAX_KEYS): Attempts {
  const taken = new Map<string, number[]>();

  return {
    take: (key) => {
      const now = clock();
      const recent = (taken.get(key) ?? []).filter((at) => at > now - limit.inMs);
      const oldest = recent[0];
      if (oldest !== undefined && recent.length >= limit.count) return oldest + limit.inMs - now;
      recent.push(now);
      taken.delete(key); // to the end of the map's order: the longest unused is first
      taken.set(key, recent);
      for (const forgotten of taken.keys()) {
        if (taken.size <= maxKeys) break;
        taken.delete(forgotten);
      }
      return null;
    },
    giveBack: (key) => {
      const recent = taken.get(key);
      recent?.pop();
      if (recent?.length === 0) taken.delete(key);
    },
    get size() {
      return taken.size;
    },
  };
}

const MINUTE_MS = 60_000;

/** The limits on guessing. They count by what was asked for, whether or not it exists: both must look the same. */
export type GuessLimits = {
  /** Null: go on, and call `giveBack` when the guess was right. A number: wait so many milliseconds. */
  take(guess: Guess): number | null;
  giveBack(guess: Guess): void;
};

/** A try at something secret: of a room, or of the set-up link (`target` null). */
export type Guess = { readonly target: string | null; readonly address: string };

/** 5 in 2 minutes for a target and address, 30 an hour for a target, 60 a minute for an address. */
export function createGuessLimits(clock: MonotonicClock): GuessLimits {
  const byBoth = createAttempts({ count: 5, inMs: 2 * MINUTE_MS }, clock);
  const byTarget = createAttempts({ count: 30, inMs: 60 * MINUTE_MS }, clock);
  const byAddress = createAttempts({ count: 60, inMs: MINUTE_MS }, clock);

  const keysOf = ({ target, address }: Guess): [Attempts, string][] => [
    [byAddress, address],
    [byBoth, `${target ?? "set-up"} ${address}`],
    // No limit across addresses on the set-up link: its 160 bits need none, and it would let anyone lock the owner out.
    ...(target === null ? [] : ([[byTarget, target]] as [Attempts, string][])),
  ];

  return {
    take: (guess) => {
      const counted: [Attempts, string][] = [];
      for (const [attempts, key] of keysOf(guess)) {
        const wait = attempts.take(key);
        if (wait !== null) {
          for (const [earlier, earlierKey] of counted) earlier.giveBack(earlierKey);
          return wait;
        }
        counted.push([attempts, key]);
      }
      return null;
    },
    giveBack: (guess) => {
      for (const [attempts, key] of keysOf(guess)) attempts.giveBack(key);
    },
  };
}
