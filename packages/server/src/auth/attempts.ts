import { household } from "../net/ip.js";

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

/** A burst, then one more after each wait. */
export type Pace = { readonly burst: number; readonly thenEveryMs: number };

/** A limiter that gives out a burst and then one try at a time (Authelia's and Vaultwarden's way with administrators). */
export function createPacedAttempts(pace: Pace, clock: MonotonicClock, maxKeys: number = MAX_KEYS): Attempts {
  const { burst, thenEveryMs } = pace;
  const left = new Map<string, { tries: number; at: number }>();

  const put = (key: string, tries: number): void => {
    left.delete(key);
    if (tries < burst) left.set(key, { tries, at: clock() });
    for (const forgotten of left.keys()) {
      if (left.size <= maxKeys) break;
      left.delete(forgotten);
    }
  };
  const triesOf = (key: string): number => {
    const before = left.get(key);
    return before === undefined ? burst : Math.min(burst, before.tries + (clock() - before.at) / thenEveryMs);
  };

  return {
    take: (key) => {
      const tries = triesOf(key);
      if (tries < 1) return Math.ceil((1 - tries) * thenEveryMs);
      put(key, tries - 1);
      return null;
    },
    giveBack: (key) => put(key, triesOf(key) + 1),
    get size() {
      return left.size;
    },
  };
}

/** The same limit, where keys are addresses: an IPv6 household counts as one. */
export function byHousehold(attempts: Attempts): Pick<Attempts, "take"> {
  return { take: (address) => attempts.take(household(address)) };
}

const MINUTE_MS = 60_000;

/** What can be guessed at. */
export type GuessKind =
  | "room-password"
  | "invitation"
  | "talk-link"
  | "set-up-code"
  | "admin-password"
  | "passkey";

/** A try at something secret. `target`: of which room; null where there is one secret only, or as many as there are. */
export type Guess = { readonly kind: GuessKind; readonly target: string | null; readonly address: string };

/** The limits on guessing. They count by what was asked for, whether or not it exists: both must look the same. */
export type GuessLimits = {
  /** Null: go on, and call `giveBack` when the guess was right. A number: wait so many milliseconds. */
  take(guess: Guess): number | null;
  giveBack(guess: Guess): void;
};

type Rule = { readonly attempts: Attempts; readonly key: (guess: Guess) => string };

/**
 * The budgets. An address counts as its household: for IPv6 its /64. No limit goes across addresses but on what has
 * few bits and one target: a room's password and the administrator's. Set-up codes, invitations and talk links have 160 bits and
 * more, and a passkey cannot be guessed: a limit across addresses there would only let strangers lock people out.
 * `refused` is told of every guess that was one too many.
 */
export function createGuessLimits(
  clock: MonotonicClock,
  refused: (address: string) => void = () => undefined,
): GuessLimits {
  const byAddress = ({ address }: Guess): string => household(address);
  const within = (count: number, inMs: number, key: Rule["key"]): Rule => ({
    attempts: createAttempts({ count, inMs }, clock),
    key,
  });
  const paced = (key: Rule["key"]): Rule => ({
    attempts: createPacedAttempts({ burst: 3, thenEveryMs: 5 * MINUTE_MS }, clock),
    key,
  });
  const rules: Readonly<Record<GuessKind, readonly Rule[]>> = {
    "room-password": [
      within(60, MINUTE_MS, byAddress),
      within(5, 2 * MINUTE_MS, (guess) => `${guess.target} ${byAddress(guess)}`),
      within(30, 60 * MINUTE_MS, ({ target }) => String(target)),
    ],
    invitation: [within(10, 2 * MINUTE_MS, byAddress)],
    "talk-link": [within(10, 2 * MINUTE_MS, byAddress)],
    "set-up-code": [within(5, 2 * MINUTE_MS, byAddress)],
    "admin-password": [paced(byAddress), paced(() => "the owner")],
    passkey: [within(20, 5 * MINUTE_MS, byAddress)],
  };

  return {
    take: (guess) => {
      const counted: Rule[] = [];
      for (const rule of rules[guess.kind]) {
        const wait = rule.attempts.take(rule.key(guess));
        if (wait !== null) {
          for (const earlier of counted) earlier.attempts.giveBack(earlier.key(guess));
          refused(guess.address);
          return wait;
        }
        counted.push(rule);
      }
      return null;
    },
    giveBack: (guess) => {
      for (const { attempts, key } of rules[guess.kind]) attempts.giveBack(key(guess));
    },
  };
}
