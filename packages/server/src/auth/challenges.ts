import { makeId, type RandomBytes } from "../domain/room.js";
import { hashSecret, isSameHash } from "../secrets.js";
import type { ChallengePurpose, ChallengeStore } from "../store/challenges.js";

/** How long a challenge is good, and a browser waits for the person: the W3C's recommended upper range (§15.1). */
export const CHALLENGE_MS = 5 * 60_000;
const CHALLENGE_BYTES = 32; // W3C WebAuthn §13.4.3 asks for 16 at least

/** What a challenge was asked for with, and must be answered with. */
export type ChallengeBinding = {
  readonly purpose: ChallengePurpose;
  /** A secret that only the browser has that asked: its session's id, or the sign-in cookie's. */
  readonly browser: string;
  /** Whose proof is wanted; null: whoever's passkey it is. */
  readonly userId: string | null;
};

/** Challenges: random bytes, each good once, for 5 minutes, for one purpose, in one browser. */
export type Challenges = {
  make(binding: ChallengeBinding): Promise<Uint8Array<ArrayBuffer>>;
  /** Takes the challenge away and says why it does not count, or null when it does. */
  spend(challenge: Uint8Array<ArrayBuffer>, binding: ChallengeBinding): Promise<string | null>;
};

export function createChallenges(
  store: ChallengeStore,
  wallClock: () => number,
  random: RandomBytes,
): Challenges {
  return {
    make: async ({ purpose, browser, userId }) => {
      const challenge = new Uint8Array(random(CHALLENGE_BYTES));
      await store.add({
        id: makeId(random),
        purpose,
        challenge,
        browser: hashSecret(browser),
        userId,
        expiresAt: new Date(wallClock() + CHALLENGE_MS),
      });
      return challenge;
    },
    spend: async (challenge, { purpose, browser, userId }) => {
      const kept = await store.take(challenge);
      if (kept === null) return "the challenge is unknown, used or over";
      if (kept.purpose !== purpose) return `the challenge is one for ${kept.purpose}, expected ${purpose}`;
      if (!isSameHash(kept.browser, hashSecret(browser))) return "the challenge is another browser's";
      if (kept.userId !== userId) return "the challenge is another person's";
      if (kept.expiresAt.getTime() <= wallClock()) return "the challenge is older than 5 minutes";
      return null;
    },
  };
}
