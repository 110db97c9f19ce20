import { household } from "../net/ip.js";
import { createAttempts, type MonotonicClock } from "./attempts.js";
import { BlockRefusedError, type Blocks } from "./blocks.js";
import type { Sessions } from "./sessions.js";

/** Counts refused guesses by address, and blocks the address that makes too many. */
export type Suspects = {
  /** One more refused guess from there. */
  note(address: string): void;
};

/** What it needs. */
export type SuspectsOptions = {
  readonly clock: MonotonicClock;
  readonly wallClock: () => number;
  readonly blocks: Pick<Blocks, "add" | "isBlocked">;
  readonly sessions: Pick<Sessions, "logins">;
  /** Writes the new block into the audit log. */
  blocked(address: string, reason: string): Promise<void>;
  warn(message: string, error: unknown): void;
};

const REFUSED = { count: 99, inMs: 3_600_000 }; // the hundredth in an hour
const BLOCKED_MS = 3_600_000;
const SEEN_MS = 10 * 60_000; // a login is noted as seen every 5 minutes while it is used
const REASON = "Too many wrong passwords, codes, links or stream keys: 100 in an hour.";

/**
 * An address from which somebody who is signed in was seen in the last ten minutes is never blocked: behind a proxy
 * that TRUST_PROXY does not name, everybody has one address, and an office has one for all its people.
 */
export function createSuspects(options: SuspectsOptions): Suspects {
  const { clock, wallClock, blocks, sessions, blocked, warn } = options;
  const refused = createAttempts(REFUSED, clock);
  const underWay = new Set<string>();

  const block = async (address: string): Promise<void> => {
    const now = wallClock();
    const logins = await sessions.logins(null);
    const isHome = logins.some(
      ({ device, lastSeenAt }) =>
        device.address !== null &&
        household(device.address) === address &&
        now - lastSeenAt.getTime() < SEEN_MS,
    );
    if (isHome) return;
    try {
      await blocks.add({ address, reason: REASON, expiresAt: now + BLOCKED_MS }, "limits", null);
    } catch (error) {
      if (error instanceof BlockRefusedError) return; // this machine, or the list is full: the limits go on
      throw error;
    }
    await blocked(address, REASON);
  };

  return {
    note: (from) => {
      const address = household(from);
      if (refused.take(address) === null || underWay.has(address) || blocks.isBlocked(from)) return;
      underWay.add(address); // at most one for each address whose requests are being answered
      block(address)
        .catch((error) => warn("an address was not blocked", error))
        .finally(() => underWay.delete(address));
    },
  };
}
