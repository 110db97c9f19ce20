import { randomBytes } from "node:crypto";
import { makeId, makeSetUpCode, tidyName } from "../domain/room.js";
import { createTurns } from "../rooms/turns.js";
import { hashSecret, isSameHash } from "../secrets.js";
import type { OpenCode, OwnerWish, SetUpPurpose, StoredUser, UserStore } from "../store/users.js";
import type { Passkeys } from "./passkeys.js";

const OWNERS_CODE_MS = 3_600_000;
const LONGEST_CODE = 128;

/** One-time codes that make the owner or let somebody in again, and ADMIN_PASSWORD that may stand in for the first. */
export type SetUp = {
  /** True until the owner has a passkey. */
  isNeeded(): Promise<boolean>;
  /** True while ADMIN_PASSWORD is set and opens something. */
  passwordWorks(): Promise<boolean>;
  /** A code of 160 bits, good once, for an hour. */
  makeCode(purpose: "set_up" | "recovery"): Promise<string>;
  /** What it is for, without spending it; null when it is not one, spent, or over. */
  check(code: string): Promise<OpenCode | null>;
  /** Null when the code is not one, spent, or over, or the owner has got a passkey meanwhile. */
  spend(code: string, name: string | undefined): Promise<{ purpose: SetUpPurpose; user: StoredUser } | null>;
  /** Null when the password is not the one, or opens nothing (any more). */
  byPassword(password: string, name: string | undefined): Promise<StoredUser | null>;
};

/** What it needs. `know` is told of every user it makes or renames. */
export type SetUpOptions = {
  readonly users: UserStore;
  readonly passkeys: Pick<Passkeys, "ownerHasOne">;
  readonly adminPassword: string | null;
  readonly know: (user: StoredUser) => void;
  readonly wallClock: () => number;
};

/** The path that spends a code. In the fragment, so that it is in no log and no Referer. */
export function setUpPath(code: string): string {
  return `/set-up#${code}`;
}

export function createSetUp({ users, passkeys, adminPassword, know, wallClock }: SetUpOptions): SetUp {
  // The database decides who of many is first. That they come to it one by one leaves its connections to others.
  const inTurn = createTurns();
  const passwordHash = adminPassword === null ? null : hashSecret(adminPassword);

  const wishFor = (name: string | undefined): OwnerWish => {
    const given = name === undefined ? null : tidyName(name);
    const handle = new Uint8Array(randomBytes(32));
    const createdAt = new Date(wallClock());
    return { name: given, newOwner: { id: makeId(randomBytes), name: given ?? "Owner", handle, createdAt } };
  };

  const check = async (code: string): Promise<OpenCode | null> =>
    code.length > LONGEST_CODE ? null : users.readCode(hashSecret(code.trim()), new Date(wallClock()));

  const isNeeded = async (): Promise<boolean> => !(await passkeys.ownerHasOne());
  return {
    isNeeded,
    passwordWorks: async () => passwordHash !== null && (await isNeeded()),
    makeCode: async (purpose) => {
      const code = makeSetUpCode(randomBytes);
      const now = wallClock();
      await users.addCode({
        id: makeId(randomBytes),
        codeHash: hashSecret(code),
        purpose,
        userId: null,
        createdAt: new Date(now),
        expiresAt: new Date(now + OWNERS_CODE_MS),
      });
      return code;
    },
    check,
    spend: async (code, name) => {
      if ((await check(code)) === null) return null; // a guess: it takes nobody's turn
      return inTurn("spend", async () => {
        if ((await check(code)) === null) return null;
        const spent = await users.spendCode(hashSecret(code.trim()), new Date(wallClock()), wishFor(name));
        if (spent !== null) know(spent.user);
        return spent;
      });
    },
    byPassword: async (password, name) => {
      // Hashes of the same length are compared: how long it takes tells nothing of a password with the same beginning.
      const isRight = passwordHash !== null && isSameHash(hashSecret(password), passwordHash);
      const owner = isRight ? await inTurn("spend", () => users.makeOwner(wishFor(name))) : null;
      if (owner !== null) know(owner);
      return owner;
    },
  };
}
