import type { Prisma } from "../generated/prisma/client.js";
import type { Database } from "./database.js";
import { isUniqueViolation } from "./failures.js";

/** A person with an account. */
export type StoredUser = { readonly id: string; readonly name: string; readonly role: "owner" | "colourist" };

/** An account to be made. `handle`: WebAuthn's user handle, 32 random bytes. */
export type NewUser = {
  readonly id: string;
  readonly name: string;
  readonly handle: Uint8Array<ArrayBuffer>;
};

/** What a set-up code is for. */
export type SetUpPurpose = "set_up" | "recovery" | "colourist";

/** People with an account and the one-time codes that make or let in the owner. */
export type UserStore = {
  owner(): Promise<StoredUser | null>;
  addCode(code: {
    id: string;
    codeHash: Uint8Array<ArrayBuffer>;
    purpose: SetUpPurpose;
    expiresAt: Date;
  }): Promise<void>;
  /**
   * Spends a code: a set-up code makes the owner, a recovery code answers the one there is. Null when the code is
   * unknown, spent or over. Of any number of spenders at once exactly one gets the owner.
   */
  spendCode(codeHash: Uint8Array<ArrayBuffer>, now: Date, newOwner: NewUser): Promise<StoredUser | null>;
};

export function createUserStore(database: Database): UserStore {
  return {
    owner: async () => {
      const row = await database.user.findUnique({ where: { isOwner: true } });
      return row === null ? null : userFromRow(row);
    },
    addCode: async (code) => {
      await database.setUpCode.create({ data: code });
    },
    spendCode: async (codeHash, now, newOwner) => {
      try {
        return await database.$transaction((tx) => spend(tx, codeHash, now, newOwner));
      } catch (error) {
        if (isUniqueViolation(error)) return null; // another set-up made the owner between our look and our insert
        throw error;
      }
    },
  };
}

const SPENDING = 72_707_001; // the advisory lock's number; any that nothing else uses

async function spend(
  tx: Prisma.TransactionClient,
  codeHash: Uint8Array<ArrayBuffer>,
  now: Date,
  newOwner: NewUser,
): Promise<StoredUser | null> {
  // One after another: two spenders of different codes would each wait for the other's row.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${SPENDING})`;
  // One statement decides who spends the code: whoever updates the unused row.
  const spent = await tx.setUpCode.updateManyAndReturn({
    where: { codeHash, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  });
  const code = spent[0];
  if (code === undefined) return null;
  const owner = await tx.user.findUnique({ where: { isOwner: true } });
  if (code.purpose === "recovery") return owner === null ? null : userFromRow(owner);
  if (owner !== null) return null;
  const made = await tx.user.create({ data: { ...newOwner, isOwner: true } });
  // Every other set-up link that is still about ends with the first one used.
  await tx.setUpCode.updateMany({ where: { purpose: "set_up", usedAt: null }, data: { usedAt: now } });
  return userFromRow(made);
}

/** A row as the rest of the program sees it. */
export function userFromRow(row: { id: string; name: string; isOwner: boolean | null }): StoredUser {
  return { id: row.id, name: row.name, role: row.isOwner === true ? "owner" : "colourist" };
}
