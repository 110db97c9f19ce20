import type { Database } from "./database.js";
import { isMissingParent } from "./failures.js";
import { type StoredUser, userFromRow } from "./users.js";

/** Who a session is: someone with an account, or someone in one room. */
export type SessionHolder =
  | { readonly kind: "user"; readonly user: StoredUser }
  | { readonly kind: "participant"; readonly roomId: string; readonly name: string };

/** A session as kept: the cookie's secret only as its hash. */
export type StoredSession = {
  readonly id: string;
  readonly holder: SessionHolder;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
};

/** A session to be kept. */
export type NewSession = {
  readonly id: string;
  readonly tokenHash: Uint8Array<ArrayBuffer>;
  readonly expiresAt: Date;
  readonly now: Date;
} & ({ readonly userId: string } | { readonly roomId: string; readonly participantName: string });

/** Logins and seats as kept. */
export type SessionStore = {
  /** False when the room or user has gone meanwhile. */
  add(session: NewSession): Promise<boolean>;
  byToken(tokenHash: Uint8Array<ArrayBuffer>): Promise<StoredSession | null>;
  touch(id: string, now: Date): Promise<void>;
  remove(id: string): Promise<void>;
  /** Ends every seat in a room and answers their ids. */
  removeOfRoom(roomId: string): Promise<string[]>;
  removeOver(now: Date): Promise<number>;
};

export function createSessionStore(database: Database): SessionStore {
  return {
    add: async ({ now, ...session }) => {
      const kind = "userId" in session ? "user" : "participant";
      try {
        await database.session.create({ data: { ...session, kind, createdAt: now, lastSeenAt: now } });
        return true;
      } catch (error) {
        if (isMissingParent(error)) return false;
        throw error;
      }
    },
    byToken: async (tokenHash) => {
      const row = await database.session.findUnique({ where: { tokenHash }, include: { user: true } });
      if (row === null) return null;
      const { id, lastSeenAt, expiresAt } = row;
      if (row.kind === "user" && row.user !== null) {
        return { id, lastSeenAt, expiresAt, holder: { kind: "user", user: userFromRow(row.user) } };
      }
      if (row.kind === "participant" && row.roomId !== null) {
        const name = row.participantName ?? "";
        return { id, lastSeenAt, expiresAt, holder: { kind: "participant", roomId: row.roomId, name } };
      }
      return null;
    },
    touch: async (id, now) => {
      await database.session.updateMany({ where: { id }, data: { lastSeenAt: now } });
    },
    remove: async (id) => {
      await database.session.deleteMany({ where: { id } });
    },
    removeOfRoom: async (roomId) => {
      const rows = await database.session.findMany({ where: { roomId }, select: { id: true } });
      await database.session.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } });
      return rows.map(({ id }) => id);
    },
    removeOver: async (now) =>
      (await database.session.deleteMany({ where: { expiresAt: { lte: now } } })).count,
  };
}
