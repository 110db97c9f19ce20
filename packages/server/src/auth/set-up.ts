import { randomBytes } from "node:crypto";
import { makeId, makeSetUpCode, tidyName } from "../domain/room.js";
import { hashSecret } from "../secrets.js";
import type { SetUpPurpose, StoredUser, UserStore } from "../store/users.js";

const CODE_MS = 3_600_000;

/** One-time codes, printed on the machine, that make the owner or let the owner in again. */
export type SetUp = {
  isNeeded(): Promise<boolean>;
  /** A code of 160 bits, good once, for an hour. */
  makeCode(purpose: SetUpPurpose): Promise<string>;
  /** Null when the code is not one, spent, or over. */
  spend(code: string, name: string | undefined): Promise<StoredUser | null>;
};

/** The path that spends a code. In the fragment, so that it is in no log and no Referer. */
export function setUpPath(code: string): string {
  return `/set-up#${code}`;
}

export function createSetUp(users: UserStore, wallClock: () => number): SetUp {
  let hasOwner = false; // once true, true for good: an owner cannot be deleted
  return {
    isNeeded: async () => {
      hasOwner ||= (await users.owner()) !== null;
      return !hasOwner;
    },
    makeCode: async (purpose) => {
      const code = makeSetUpCode(randomBytes);
      const expiresAt = new Date(wallClock() + CODE_MS);
      await users.addCode({ id: makeId(randomBytes), codeHash: hashSecret(code), purpose, expiresAt });
      return code;
    },
    spend: (code, name) =>
      users.spendCode(hashSecret(code.trim()), new Date(wallClock()), {
        id: makeId(randomBytes),
        name: tidyName(name ?? "Owner"),
        handle: new Uint8Array(randomBytes(32)),
      }),
  };
}
