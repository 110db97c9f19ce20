import type { Prisma } from "../generated/prisma/client.js";
import type { Database } from "./database.js";
import { isMissingRow } from "./failures.js";

/** A person with an account. */
export type StoredUser = { readonly id: string; readonly name: string; readonly role: "owner" | "colourist" };

/** An account with what the owner sees of it. */
export type StoredAccount = StoredUser & {
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
  /** The last use of a login or of a passkey. */
  readonly lastSeenAt: Date | null;
  readonly passkeys: number;
  readonly rooms: number;
  /** Until when their link can be used; null: there is none. */
  readonly linkUntil: Date | null;
};

type Bytes = Uint8Array<ArrayBuffer>;

/** An account to be made. `handle`: WebAuthn's user handle, 32 random bytes. */
export type NewUser = {
  readonly id: string;
  readonly name: string;
  readonly handle: Bytes;
  readonly createdAt: Date;
};

/** What a set-up code is for. */
export type SetUpPurpose = "set_up" | "recovery" | "colourist";

/** A one-time code to be kept. `userId`: whose account it opens; null: the owner's. */
export type NewCode = {
  readonly id: string;
  readonly codeHash: Bytes;
  readonly purpose: SetUpPurpose;
  readonly userId: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
};

/** What a code that still works opens. */
export type OpenCode = { readonly purpose: SetUpPurpose; readonly user: StoredUser | null };

/** The owner to be; the name counts where one is given, or where there is no owner yet. */
export type OwnerWish = { readonly newOwner: NewUser; readonly name: string | null };

/** Why an account stays as it is. */
export type HandOverRefusal = "not-there" | "not-active" | "no-longer-owner";

/** People with an account, and the one-time codes that make or let them in. */
export type UserStore = {
  owner(): Promise<StoredUser | null>;
  all(now: Date): Promise<StoredAccount[]>;
  byId(id: string, now: Date): Promise<StoredAccount | null>;
  /** WebAuthn's user handle. */
  handle(id: string): Promise<Bytes | null>;
  addCode(code: NewCode): Promise<void>;
  /** Codes whose time is over, spent or not. */
  removeCodesOver(now: Date): Promise<number>;
  /** What a code is for, without spending it; null when it is unknown, spent or over. */
  readCode(codeHash: Bytes, now: Date): Promise<OpenCode | null>;
  /**
   * Spends a code. One for set-up makes the owner, or answers the one there is while they have no passkey. Null when
   * the code is unknown, spent or over. Of any number of spenders at once exactly one gets what it opens.
   */
  spendCode(
    codeHash: Bytes,
    now: Date,
    wish: OwnerWish,
  ): Promise<{ readonly purpose: SetUpPurpose; readonly user: StoredUser } | null>;
  /** Makes the owner, or answers the one there is while they have no passkey; null when they have one. */
  makeOwner(wish: OwnerWish): Promise<StoredUser | null>;
  /** Makes a colourist with the code that opens their account. */
  addColourist(user: NewUser, code: NewCode): Promise<void>;
  rename(id: string, name: string): Promise<StoredUser | null>;
  /** Disabling takes the account's open codes along. */
  setDisabled(id: string, disabledAt: Date | null, now: Date): Promise<StoredUser | null>;
  /** Puts a new code in the place of the account's open ones. */
  replaceCode(code: NewCode & { readonly userId: string }): Promise<void>;
  remove(id: string): Promise<boolean>;
  /** The owner keeps the rooms that are theirs, and so does the new one. Open recovery codes end. */
  handOver(ownerId: string, userId: string, now: Date): Promise<StoredUser | HandOverRefusal>;
};

const MAX_LISTED = 1_000; // accounts of one studio

export function createUserStore(database: Database): UserStore {
  const accounts = (now: Date) =>
    ({
      include: {
        _count: { select: { passkeys: true, rooms: true } },
        sessions: { select: { lastSeenAt: true }, orderBy: { lastSeenAt: "desc" }, take: 1 },
        passkeys: { select: { lastUsedAt: true, createdAt: true } },
        codes: {
          select: { expiresAt: true },
          where: { usedAt: null, expiresAt: { gt: now } },
          orderBy: { expiresAt: "desc" },
          take: 1,
        },
      },
    }) as const;

  return {
    owner: async () => {
      const row = await database.user.findUnique({ where: { isOwner: true } });
      return row === null ? null : userFromRow(row);
    },
    all: async (now) => {
      const rows = await database.user.findMany({
        ...accounts(now),
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
        take: MAX_LISTED,
      });
      const ofNobody = await database.room.count({ where: { colouristId: null } });
      return rows.map((row) => accountFromRow(row, ofNobody));
    },
    byId: async (id, now) => {
      const row = await database.user.findUnique({ where: { id }, ...accounts(now) });
      if (row === null) return null;
      return accountFromRow(row, await database.room.count({ where: { colouristId: null } }));
    },
    handle: async (id) =>
      (await database.user.findUnique({ where: { id }, select: { handle: true } }))?.handle ?? null,
    addCode: async (code) => {
      await database.setUpCode.create({ data: code });
    },
    removeCodesOver: async (now) =>
      (await database.setUpCode.deleteMany({ where: { expiresAt: { lte: now } } })).count,
    readCode: async (codeHash, now) => {
      const code = await database.setUpCode.findFirst({
        where: { codeHash, usedAt: null, expiresAt: { gt: now } },
        include: { user: true },
      });
      if (code === null || (code.user !== null && code.user.disabledAt !== null)) return null;
      const owner =
        code.userId === null ? await database.user.findUnique({ where: { isOwner: true } }) : null;
      const user = code.user ?? owner;
      return { purpose: code.purpose, user: user === null ? null : userFromRow(user) };
    },
    spendCode: (codeHash, now, wish) => database.$transaction((tx) => spend(tx, codeHash, now, wish)),
    makeOwner: (wish) =>
      database.$transaction(async (tx) => {
        await takeTurns(tx);
        return makeOwner(tx, wish);
      }),
    addColourist: async (user, code) => {
      await database.$transaction([
        database.user.create({ data: user }),
        database.setUpCode.create({ data: code }),
      ]);
    },
    rename: (id, name) => updated(database.user.update({ where: { id }, data: { name } })),
    setDisabled: (id, disabledAt, now) =>
      updated(
        database.$transaction(async (tx) => {
          if (disabledAt !== null)
            await tx.setUpCode.updateMany({ where: { userId: id, usedAt: null }, data: { usedAt: now } });
          return tx.user.update({ where: { id }, data: { disabledAt } });
        }),
      ),
    replaceCode: async (code) => {
      await database.$transaction([
        database.setUpCode.updateMany({
          where: { userId: code.userId, usedAt: null },
          data: { usedAt: code.createdAt },
        }),
        database.setUpCode.create({ data: code }),
      ]);
    },
    remove: async (id) => (await database.user.deleteMany({ where: { id, isOwner: null } })).count === 1,
    handOver: (ownerId, userId, now) => database.$transaction((tx) => handOver(tx, ownerId, userId, now)),
  };
}

const TURNS = 72_707_001; // the advisory lock's number; any that nothing else uses

/** Who makes, lets in or changes the owner does so one after another. */
async function takeTurns(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${TURNS})`;
}

async function spend(
  tx: Prisma.TransactionClient,
  codeHash: Bytes,
  now: Date,
  wish: OwnerWish,
): Promise<{ purpose: SetUpPurpose; user: StoredUser } | null> {
  await takeTurns(tx);
  // One statement decides who spends the code: whoever updates the unused row.
  const spent = await tx.setUpCode.updateManyAndReturn({
    where: { codeHash, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  });
  const code = spent[0];
  if (code === undefined) return null;
  const { purpose, userId } = code;
  if (purpose === "set_up") {
    // Every other set-up link that is still about ends with the first one used.
    await tx.setUpCode.updateMany({ where: { purpose, usedAt: null }, data: { usedAt: now } });
    const user = await makeOwner(tx, wish);
    return user === null ? null : { purpose, user };
  }
  const where = purpose === "recovery" ? ({ isOwner: true } as const) : { id: userId ?? "" };
  const row = await tx.user.findUnique({ where, include: { passkeys: { take: 1 } } });
  if (row === null || row.disabledAt !== null) return null;
  // Who comes for the first time says how they are called; the link of a lost passkey changes nothing.
  const isNew = purpose === "colourist" && row.passkeys.length === 0;
  if (!isNew || wish.name === null) return { purpose, user: userFromRow(row) };
  return {
    purpose,
    user: userFromRow(await tx.user.update({ where: { id: row.id }, data: { name: wish.name } })),
  };
}

async function makeOwner(
  tx: Prisma.TransactionClient,
  { newOwner, name }: OwnerWish,
): Promise<StoredUser | null> {
  const owner = await tx.user.findUnique({ where: { isOwner: true }, include: { passkeys: { take: 1 } } });
  if (owner === null) return userFromRow(await tx.user.create({ data: { ...newOwner, isOwner: true } }));
  if (owner.passkeys.length > 0) return null;
  if (name === null) return userFromRow(owner);
  return userFromRow(await tx.user.update({ where: { id: owner.id }, data: { name } }));
}

async function handOver(
  tx: Prisma.TransactionClient,
  ownerId: string,
  userId: string,
  now: Date,
): Promise<StoredUser | HandOverRefusal> {
  await takeTurns(tx);
  const owner = await tx.user.findUnique({ where: { isOwner: true } });
  if (owner?.id !== ownerId) return "no-longer-owner";
  await tx.$queryRaw`SELECT 1 FROM "users" WHERE "id" = ${userId} FOR UPDATE`; // no passkey of theirs goes meanwhile
  const heir = await tx.user.findUnique({ where: { id: userId }, include: { passkeys: { take: 1 } } });
  if (heir === null) return "not-there";
  if (heir.disabledAt !== null || heir.passkeys.length === 0) return "not-active";
  // In this order: the unique index lets in one true at a time.
  await tx.user.update({ where: { id: ownerId }, data: { isOwner: null } });
  const row = await tx.user.update({ where: { id: userId }, data: { isOwner: true } });
  await tx.room.updateMany({ where: { colouristId: null }, data: { colouristId: ownerId } });
  await tx.room.updateMany({ where: { colouristId: userId }, data: { colouristId: null } });
  await tx.setUpCode.updateMany({
    where: { usedAt: null, OR: [{ userId: null }, { userId }] },
    data: { usedAt: now },
  });
  return userFromRow(row);
}

/** A row as the rest of the program sees it. */
export function userFromRow(row: { id: string; name: string; isOwner: boolean | null }): StoredUser {
  return { id: row.id, name: row.name, role: row.isOwner === true ? "owner" : "colourist" };
}

type AccountRow = {
  id: string;
  name: string;
  isOwner: boolean | null;
  createdAt: Date;
  disabledAt: Date | null;
  _count: { passkeys: number; rooms: number };
  sessions: { lastSeenAt: Date }[];
  passkeys: { lastUsedAt: Date | null; createdAt: Date }[];
  codes: { expiresAt: Date }[];
};

/** `ofNobody`: how many rooms are no colourist's: the owner's. */
function accountFromRow(row: AccountRow, ofNobody: number): StoredAccount {
  const seen = [
    ...row.sessions.map(({ lastSeenAt }) => lastSeenAt),
    ...row.passkeys.map(({ lastUsedAt, createdAt }) => lastUsedAt ?? createdAt),
  ].map((at) => at.getTime());
  return {
    ...userFromRow(row),
    createdAt: row.createdAt,
    disabledAt: row.disabledAt,
    lastSeenAt: seen.length === 0 ? null : new Date(Math.max(...seen)),
    passkeys: row._count.passkeys,
    rooms: row._count.rooms + (row.isOwner === true ? ofNobody : 0),
    linkUntil: row.codes[0]?.expiresAt ?? null,
  };
}

async function updated(
  update: Promise<{ id: string; name: string; isOwner: boolean | null }>,
): Promise<StoredUser | null> {
  try {
    return userFromRow(await update);
  } catch (error) {
    if (isMissingRow(error)) return null;
    throw error;
  }
}
