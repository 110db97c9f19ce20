import type { Prisma } from "../generated/prisma/client.js";
import type { Database } from "./database.js";
import { isUniqueViolation } from "./failures.js";
import { type StoredUser, userFromRow } from "./users.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** A WebAuthn credential as kept. */
export type StoredPasskey = {
  readonly id: string;
  readonly userId: string;
  readonly credentialId: Bytes;
  /** COSE_Key. */
  readonly publicKey: Bytes;
  /** The signature counter, unsigned 32 bit. */
  readonly counter: bigint;
  readonly name: string;
  readonly transports: readonly string[];
  readonly isSynced: boolean;
  readonly isBackedUp: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
};

/** A credential to be kept. */
export type NewPasskey = Omit<StoredPasskey, "lastUsedAt">;

/** A credential with whom it belongs to. */
export type HeldPasskey = {
  readonly passkey: StoredPasskey;
  readonly user: StoredUser;
  readonly handle: Uint8Array;
  readonly isDisabled: boolean;
};

/** Why a credential was not kept. */
export type AddRefusal = "known" | "too-many" | "session-over";

/** Passkeys. What must not happen twice at once is decided under a lock on the user's row. */
export type PasskeyStore = {
  ofUser(userId: string): Promise<StoredPasskey[]>;
  ownerHasOne(): Promise<boolean>;
  byCredential(credentialId: Bytes): Promise<HeldPasskey | null>;
  /**
   * Keeps a passkey that the session's user has just made. It ends the links that are open for their account, and
   * their other logins that could only add a first passkey; answers those logins' ids.
   */
  add(passkey: NewPasskey, sessionId: string): Promise<{ readonly ended: string[] } | AddRefusal>;
  /** Notes a use. False when the counter is no longer what it was: somebody else has used the same key meanwhile. */
  use(
    id: string,
    use: { readonly from: bigint; readonly to: bigint; readonly isBackedUp: boolean; readonly at: Date },
  ): Promise<boolean>;
  rename(userId: string, id: string, name: string): Promise<StoredPasskey | null>;
  /** Removes it, unless it is the user's last one. */
  remove(userId: string, id: string): Promise<StoredPasskey | "last" | "not-there">;
};

const MOST_OF_USER = 20; // what a page shows and an authenticator is asked to look through

export function createPasskeyStore(database: Database): PasskeyStore {
  return {
    ofUser: (userId) =>
      database.passkey.findMany({ where: { userId }, orderBy: [{ createdAt: "asc" }, { id: "asc" }] }),
    ownerHasOne: async () =>
      (await database.passkey.findFirst({ where: { user: { isOwner: true } } })) !== null,
    byCredential: async (credentialId) => {
      const row = await database.passkey.findUnique({ where: { credentialId }, include: { user: true } });
      if (row === null) return null;
      const { user, ...passkey } = row;
      return { passkey, user: userFromRow(user), handle: user.handle, isDisabled: user.disabledAt !== null };
    },
    add: async (passkey, sessionId) => {
      try {
        return await database.$transaction((tx) => add(tx, passkey, sessionId));
      } catch (error) {
        if (isUniqueViolation(error)) return "known";
        throw error;
      }
    },
    use: async (id, { from, to, isBackedUp, at }) => {
      const { count } = await database.passkey.updateMany({
        where: { id, counter: from },
        data: { counter: to, isBackedUp, lastUsedAt: at },
      });
      return count === 1;
    },
    rename: async (userId, id, name) => {
      const { count } = await database.passkey.updateMany({ where: { id, userId }, data: { name } });
      return count === 0 ? null : database.passkey.findUnique({ where: { id } });
    },
    remove: (userId, id) =>
      database.$transaction(async (tx) => {
        await lockUser(tx, userId);
        const all = await tx.passkey.findMany({ where: { userId } });
        const found = all.find((one) => one.id === id);
        if (found === undefined) return "not-there";
        if (all.length === 1) return "last";
        await tx.passkey.delete({ where: { id } });
        return found;
      }),
  };
}

async function add(
  tx: Prisma.TransactionClient,
  passkey: NewPasskey,
  sessionId: string,
): Promise<{ ended: string[] } | AddRefusal> {
  const { userId } = passkey;
  await lockUser(tx, userId);
  // Two links spent at once are two logins: the first to add its passkey has ended the other, here under the lock.
  const session = await tx.session.findUnique({ where: { id: sessionId }, include: { user: true } });
  if (session?.userId !== userId || session.user?.disabledAt !== null) return "session-over";
  if ((await tx.passkey.count({ where: { userId } })) >= MOST_OF_USER) return "too-many";
  await tx.passkey.create({ data: { ...passkey, transports: [...passkey.transports] } });

  const ownersToo = session.user.isOwner === true ? [{ userId: null }] : [];
  await tx.setUpCode.updateMany({
    where: { usedAt: null, OR: [{ userId }, ...ownersToo] },
    data: { usedAt: passkey.createdAt },
  });
  const others = await tx.session.findMany({
    where: { userId, stage: "enrol", id: { not: sessionId } },
    select: { id: true },
  });
  const ended = others.map(({ id }) => id);
  await tx.session.deleteMany({ where: { id: { in: ended } } });
  return { ended };
}

/** Until the transaction ends nobody else adds or removes this user's passkeys, or starts a login of theirs. */
async function lockUser(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "users" WHERE "id" = ${userId} FOR UPDATE`;
}
