import { SCOPES, type Scope } from "@colourstream/contract";
import type { Database } from "./database.js";
import { type StoredUser, userFromRow } from "./users.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** An API token as kept: its secret only as its hash. */
export type StoredToken = {
  readonly id: string;
  readonly name: string;
  readonly begins: string;
  readonly scopes: Scope[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly lastUsedFrom: string | null;
};

/** A token to be kept. */
export type NewToken = Pick<StoredToken, "id" | "name" | "begins" | "scopes" | "createdAt" | "expiresAt"> & {
  readonly userId: string;
  readonly secretHash: Bytes;
};

/** API tokens as kept. */
export type TokenStore = {
  /** With whom it belongs to; null when it is unknown or they are disabled. */
  bySecret(secretHash: Bytes): Promise<{ readonly token: StoredToken; readonly user: StoredUser } | null>;
  /** Newest first. */
  ofUser(userId: string): Promise<StoredToken[]>;
  /** Null when the user has `most` already, or has gone or is disabled. */
  add(token: NewToken, most: number): Promise<StoredToken | null>;
  /** Notes a use, unless one was noted since `unlessSince`. */
  touch(id: string, now: Date, from: string, unlessSince: Date): Promise<void>;
  /** False when it is not theirs or not there. */
  remove(userId: string, id: string): Promise<boolean>;
  removeOfUser(userId: string): Promise<number>;
};

export function createTokenStore(database: Database): TokenStore {
  return {
    bySecret: async (secretHash) => {
      const row = await database.apiToken.findUnique({ where: { secretHash }, include: { user: true } });
      if (row === null || row.user.disabledAt !== null) return null;
      return { token: tokenFromRow(row), user: userFromRow(row.user) };
    },
    ofUser: async (userId) => {
      const rows = await database.apiToken.findMany({
        where: { userId },
        orderBy: [{ createdAt: "desc" }, { id: "asc" }],
      });
      return rows.map(tokenFromRow);
    },
    add: (token, most) =>
      database.$transaction(async (tx) => {
        // The user's row is held: of two that are made at once only one can be the last that fits.
        const held = await tx.$queryRaw<{ id: string }[]>`
          SELECT id FROM users WHERE id = ${token.userId} AND disabled_at IS NULL FOR UPDATE`;
        if (held.length === 0) return null;
        if ((await tx.apiToken.count({ where: { userId: token.userId } })) >= most) return null;
        return tokenFromRow(await tx.apiToken.create({ data: token }));
      }),
    touch: async (id, now, from, unlessSince) => {
      await database.apiToken.updateMany({
        where: { id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: unlessSince } }] },
        data: { lastUsedAt: now, lastUsedFrom: from },
      });
    },
    remove: async (userId, id) => (await database.apiToken.deleteMany({ where: { id, userId } })).count === 1,
    removeOfUser: async (userId) => (await database.apiToken.deleteMany({ where: { userId } })).count,
  };
}

/** A scope that this version does not know opens nothing. */
function tokenFromRow(row: Omit<StoredToken, "scopes"> & { scopes: string[] }): StoredToken {
  const { id, name, begins, createdAt, expiresAt, lastUsedAt, lastUsedFrom } = row;
  const scopes = row.scopes.filter((scope): scope is Scope => Object.hasOwn(SCOPES, scope));
  return { id, name, begins, scopes, createdAt, expiresAt, lastUsedAt, lastUsedFrom };
}
