import type { Account } from "@colourstream/contract";
import type { Bus } from "../bus/bus.js";
import { rereadAfterGaps } from "../bus/reread.js";
import { makeId, makeSetUpCode, type RandomBytes, tidyName } from "../domain/room.js";
import type { RoomDirectory } from "../rooms/directory.js";
import { hashSecret } from "../secrets.js";
import type { StoredRoom } from "../store/rooms.js";
import type { HandOverRefusal, NewCode, StoredAccount, StoredUser, UserStore } from "../store/users.js";
import type { Sessions } from "./sessions.js";

const DAY_MS = 24 * 3_600_000;
const LINK_MS = 7 * DAY_MS;

/** Why something cannot be done to an account. `owner`: it is the owner's. */
export type AccountRefusal = "owner" | HandOverRefusal;

/** A one-time code for an account: 160 random bits, shown once. */
export type AccountCode = { readonly account: Account; readonly code: string; readonly expiresAt: number };

/** The people with an account, as the owner runs them. */
export type Accounts = {
  list(): Promise<Account[]>;
  byId(userId: string): Promise<Account | null>;
  /** The name by which others know a user; null: there is none (any more). From memory. */
  nameOf(userId: string): string | null;
  /** The owner's name; null: there is none yet. From memory. */
  ownersName(): string | null;
  /** Somebody was made, or has another name. */
  know(user: StoredUser): void;
  invite(name: string): Promise<AccountCode>;
  rename(userId: string, name: string): Promise<StoredUser | null>;
  /** Disabling ends logins, tokens and links at once. */
  setDisabled(userId: string, disabled: boolean): Promise<StoredUser | AccountRefusal>;
  makeLink(userId: string): Promise<AccountCode | AccountRefusal>;
  remove(userId: string): Promise<StoredUser | AccountRefusal>;
  /** Makes another the owner; each keeps their own rooms, and both are read anew at once. */
  handOver(ownerId: string, userId: string): Promise<StoredUser | AccountRefusal>;
};

/** What they need. `known`: who has an account when it begins. */
export type AccountsOptions = {
  readonly users: UserStore;
  readonly known: readonly StoredUser[];
  readonly sessions: Pick<Sessions, "endOfUser" | "userChanged">;
  readonly directory: Pick<RoomDirectory, "all" | "put">;
  readonly wallClock: () => number;
  readonly random: RandomBytes;
  readonly bus: Pick<Bus, "say" | "hear" | "onGap">;
  warn(message: string, error: unknown): void;
};

export function createAccounts(options: AccountsOptions): Accounts {
  const { users, sessions, directory, wallClock, random, bus, warn } = options;
  const names = new Map(options.known.map(({ id, name }) => [id, name]));
  let ownerId = options.known.find(({ role }) => role === "owner")?.id ?? null;

  const knowHere = ({ id, name, role }: StoredUser): void => {
    names.set(id, name);
    if (role === "owner") ownerId = id;
  };
  const know = (user: StoredUser): void => {
    knowHere(user);
    bus.say("user", user.id);
  };
  const forget = (id: string): void => {
    names.delete(id);
    if (ownerId === id) ownerId = null;
  };
  const readAgain = rereadAfterGaps(
    bus,
    async () => {
      const all = await users.all(new Date(wallClock()));
      const there = new Set(all.map(({ id }) => id));
      for (const id of [...names.keys()]) if (!there.has(id)) forget(id);
      for (const user of all) knowHere(user);
    },
    (error) => warn("the accounts were not read again", error),
  );
  bus.hear("user", readAgain);
  const put = (room: StoredRoom): void => {
    directory.put(room);
    bus.say("room", room.id);
  };
  const read = (userId: string): Promise<StoredAccount | null> => users.byId(userId, new Date(wallClock()));

  const makeCode = (userId: string): { code: string; kept: NewCode & { userId: string } } => {
    const code = makeSetUpCode(random);
    const now = wallClock();
    const times = { createdAt: new Date(now), expiresAt: new Date(now + LINK_MS) };
    const kept = { id: makeId(random), codeHash: hashSecret(code), userId, ...times };
    return { code, kept: { ...kept, purpose: "colourist" } };
  };
  const withCode = async (userId: string, code: string, expiresAt: Date): Promise<AccountCode> => {
    const account = await read(userId);
    if (account === null) throw new Error(`the account ${userId} went while its link was made`);
    return { account: accountView(account), code, expiresAt: expiresAt.getTime() };
  };

  /** A colourist's account, which the owner may change; the owner's own is changed by nobody. */
  const colourist = async (userId: string): Promise<StoredAccount | AccountRefusal> => {
    const account = await read(userId);
    if (account === null) return "not-there";
    return account.role === "owner" ? "owner" : account;
  };

  return {
    list: async () => (await users.all(new Date(wallClock()))).map(accountView),
    byId: async (userId) => {
      const account = await read(userId);
      return account === null ? null : accountView(account);
    },
    nameOf: (userId) => names.get(userId) ?? null,
    ownersName: () => (ownerId === null ? null : (names.get(ownerId) ?? null)),
    know,

    invite: async (name) => {
      const id = makeId(random);
      const { code, kept } = makeCode(id);
      const user = {
        id,
        name: tidyName(name),
        handle: new Uint8Array(random(32)),
        createdAt: kept.createdAt,
      };
      await users.addColourist(user, kept);
      know({ ...user, role: "colourist" });
      return withCode(id, code, kept.expiresAt);
    },

    rename: async (userId, name) => {
      const user = await users.rename(userId, tidyName(name));
      if (user === null) return null;
      know(user);
      sessions.userChanged(userId);
      return user;
    },

    setDisabled: async (userId, disabled) => {
      const account = await colourist(userId);
      if (typeof account === "string") return account;
      const now = new Date(wallClock());
      const user = await users.setDisabled(userId, disabled ? (account.disabledAt ?? now) : null, now);
      if (user === null) return "not-there";
      // Also when they are enabled: a login that had just begun while they were disabled is not one.
      await sessions.endOfUser(userId);
      sessions.userChanged(userId);
      return user;
    },

    makeLink: async (userId) => {
      const account = await colourist(userId);
      if (typeof account === "string") return account;
      if (account.disabledAt !== null) return "not-active";
      const { code, kept } = makeCode(userId);
      await users.replaceCode(kept);
      return withCode(userId, code, kept.expiresAt);
    },

    remove: async (userId) => {
      const account = await colourist(userId);
      if (typeof account === "string") return account;
      await sessions.endOfUser(userId);
      if (!(await users.remove(userId))) return "not-there";
      forget(userId);
      bus.say("user", userId);
      sessions.userChanged(userId); // a login that began meanwhile went with the account: it is not to be remembered
      return account;
    },

    handOver: async (formerId, userId) => {
      const now = new Date(wallClock());
      const heir = await users.handOver(formerId, userId, now);
      if (typeof heir === "string") return heir;
      know(heir);
      for (const room of directory.all()) {
        if (room.colouristId === null) put({ ...room, colouristId: formerId });
        else if (room.colouristId === userId) put({ ...room, colouristId: null });
      }
      sessions.userChanged(formerId);
      sessions.userChanged(userId);
      return heir;
    },
  };
}

function accountView(account: StoredAccount): Account {
  const { id, name, role, passkeys, rooms, createdAt, disabledAt, lastSeenAt, linkUntil } = account;
  return {
    id,
    name,
    role,
    state: disabledAt !== null ? "disabled" : passkeys === 0 ? "invited" : "active",
    createdAt: createdAt.getTime(),
    lastSeenAt: lastSeenAt?.getTime() ?? null,
    passkeys,
    rooms,
    linkUntil: linkUntil?.getTime() ?? null,
  };
}
