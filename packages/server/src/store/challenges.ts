import type { Database } from "./database.js";

/** What a challenge was given out for; it serves nothing else. */
export type ChallengePurpose = "register" | "sign_in" | "step_up";

type Bytes = Uint8Array<ArrayBuffer>;

/** A WebAuthn challenge that is out. */
export type StoredChallenge = {
  readonly purpose: ChallengePurpose;
  /** SHA-256 of what binds it to the browser that asked. */
  readonly browser: Uint8Array;
  /** Who it was made for; null for a sign-in, where nobody is known yet. */
  readonly userId: string | null;
  readonly expiresAt: Date;
};

/** A challenge to be kept. */
export type NewChallenge = Omit<StoredChallenge, "browser"> & {
  readonly id: string;
  readonly challenge: Bytes;
  readonly browser: Bytes;
};

/** The challenges that are out. */
export type ChallengeStore = {
  /** Keeps it. Of the same browser and of all together, the oldest go that are too many. */
  add(challenge: NewChallenge): Promise<void>;
  /** Takes it away, whatever comes of it: of any number of takers at once exactly one gets it. */
  take(challenge: Bytes): Promise<StoredChallenge | null>;
  removeOver(now: Date): Promise<number>;
};

const MOST_OF_BROWSER = 4; // tabs of one browser that wait at once
const MOST = 10_000; // every visit of the sign-in page makes one; 5 minutes of 30 a second

export function createChallengeStore(database: Database): ChallengeStore {
  /** What lies behind the newest so many of those that fit. */
  const removeBehind = async (where: { browser?: Bytes }, most: number): Promise<void> => {
    const tooMany = await database.challenge.findMany({
      where,
      select: { id: true },
      orderBy: [{ expiresAt: "desc" }, { id: "asc" }], // all live equally long: the first to end is the oldest
      skip: most,
    });
    if (tooMany.length === 0) return;
    await database.challenge.deleteMany({ where: { id: { in: tooMany.map(({ id }) => id) } } });
  };

  return {
    add: async (challenge) => {
      await database.challenge.create({ data: challenge });
      await removeBehind({ browser: challenge.browser }, MOST_OF_BROWSER);
      if ((await database.challenge.count()) > MOST) await removeBehind({}, MOST);
    },
    take: async (challenge) => {
      const row = await database.challenge.findUnique({ where: { challenge } });
      if (row === null) return null;
      const { count } = await database.challenge.deleteMany({ where: { id: row.id } });
      return count === 1 ? row : null;
    },
    removeOver: async (now) =>
      (await database.challenge.deleteMany({ where: { expiresAt: { lte: now } } })).count,
  };
}
