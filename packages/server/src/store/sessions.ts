import type { SeatRole } from "@colourstream/contract";
import { isOpen } from "../domain/room.js";
import type { Prisma } from "../generated/prisma/client.js";
import type { Database } from "./database.js";
import { isMissingParent } from "./failures.js";
import { lockRoom } from "./lock-room.js";
import { type StoredUser, userFromRow } from "./users.js";

/** A login: full, or one that can only add a first passkey. */
export type UserHolder = {
  readonly kind: "user";
  readonly user: StoredUser;
  readonly stage: "enrol" | "full";
  /** When a passkey was last shown, wall clock. */
  readonly provedAt: number | null;
};

/** A seat in one room. */
export type SeatHolder = {
  readonly kind: "participant";
  readonly roomId: string;
  /** What their browser is called in this room, from seat to seat: whose messages they are, and who is banned. */
  readonly personId: string;
  readonly name: string;
  readonly role: SeatRole;
  /** Null: came by the room's password. */
  readonly invitationId: string | null;
  /** Wall clock; null while it waits to be let in. */
  readonly admittedAt: number | null;
};

/** Who a session is: someone with an account, or someone in one room. */
export type SessionHolder = UserHolder | SeatHolder;

/** What a browser says of itself when a session starts. */
export type Device = { readonly userAgent: string | null; readonly address: string };

/** A session as kept: the cookie's secret only as its hash. */
export type StoredSession = {
  readonly id: string;
  readonly holder: SessionHolder;
  readonly device: { readonly userAgent: string | null; readonly address: string | null };
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
};

/** A session to be kept. */
export type NewSession = {
  readonly id: string;
  readonly tokenHash: Uint8Array<ArrayBuffer>;
  readonly expiresAt: Date;
  readonly now: Date;
  readonly device: Device;
  readonly holder: SessionHolder;
};

/** Why a seat is not taken. `closed`: no such room, shut, or what they came by holds no longer. */
export type SeatRefusal = "closed" | "banned" | "locked" | "full";

/** What must still be so when a seat is taken. */
export type SeatTerms = {
  /** Came by the room's password, as its hash was then; null: by an invitation. */
  readonly passwordHash: string | null;
  /** Was let in before: into a locked room too. */
  readonly wasIn: boolean;
  readonly mostWaiting: number;
  /** The seat that this one takes the place of. */
  readonly earlier: string | null;
};

/** A seat to be kept. */
export type NewSeat = NewSession & { readonly holder: SeatHolder };

/** Logins and seats as kept. */
export type SessionStore = {
  /** False when the user has gone meanwhile. */
  add(session: NewSession): Promise<boolean>;
  /**
   * Takes a seat, under a lock on the room's row: who shuts or locks the room, bans or revokes at another process does
   * so before it, and is heeded, or after it, and finds the seat.
   */
  addSeat(session: NewSeat, terms: SeatTerms): Promise<"kept" | SeatRefusal>;
  /** Null for a login of someone who is disabled, too. */
  byToken(tokenHash: Uint8Array<ArrayBuffer>): Promise<StoredSession | null>;
  byId(id: string): Promise<StoredSession | null>;
  /** Those of them that are there. */
  byIds(ids: readonly string[]): Promise<StoredSession[]>;
  touch(id: string, now: Date, address: string): Promise<void>;
  /** Gives a login another secret and notes a proof. False when it has gone. */
  renew(
    id: string,
    change: { tokenHash: Uint8Array<ArrayBuffer>; provedAt: Date; expiresAt: Date },
  ): Promise<boolean>;
  /** Lets a waiting seat in. False when it has gone or was in already. */
  admit(id: string, now: Date): Promise<boolean>;
  /** Gives a seat another role. False when it has gone or has that role. */
  changeRole(id: string, role: SeatRole): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  /** Ends every session that fits and answers their ids. */
  removeWhere(
    which:
      | { readonly roomId: string; readonly byPassword?: true }
      | { readonly invitationId: string }
      | { readonly userId: string; readonly but?: string },
  ): Promise<string[]>;
  /** Logins that have not run out, the one seen last first; of one user, or of everybody. */
  logins(userId: string | null, now: Date): Promise<StoredSession[]>;
  /** The seats in a room that have not run out, oldest first. */
  seats(roomId: string, now: Date): Promise<StoredSession[]>;
  removeOver(now: Date): Promise<number>;
};

const MAX_LISTED = 500; // a page of logins or seats; a room with more people than that is not a review
const withUser = { user: true } as const;

export function createSessionStore(database: Database): SessionStore {
  return {
    add: async (session) => {
      try {
        await database.session.create({ data: dataFrom(session) });
        return true;
      } catch (error) {
        if (isMissingParent(error)) return false;
        throw error;
      }
    },
    addSeat: (seat, terms) =>
      database.$transaction(async (tx) => {
        const refusal = await whyNoSeat(tx, seat, terms);
        if (refusal !== null) return refusal;
        await tx.session.create({ data: dataFrom(seat) });
        return "kept";
      }),
    byToken: async (tokenHash) =>
      sessionFromRow(await database.session.findUnique({ where: { tokenHash }, include: withUser })),
    byId: async (id) =>
      sessionFromRow(await database.session.findUnique({ where: { id }, include: withUser })),
    byIds: async (ids) => {
      const rows = await database.session.findMany({ where: { id: { in: [...ids] } }, include: withUser });
      return rows.map(sessionFromRow).filter((session) => session !== null);
    },
    touch: async (id, now, address) => {
      await database.session.updateMany({ where: { id }, data: { lastSeenAt: now, address } });
    },
    renew: async (id, { tokenHash, provedAt, expiresAt }) => {
      const data = { tokenHash, provedAt, expiresAt, stage: "full" } as const;
      return (await database.session.updateMany({ where: { id, kind: "user" }, data })).count === 1;
    },
    admit: async (id, now) => {
      const where = { id, kind: "participant", admittedAt: null } as const;
      return (await database.session.updateMany({ where, data: { admittedAt: now } })).count === 1;
    },
    changeRole: async (id, role) => {
      const where = { id, kind: "participant", role: { not: role } } as const;
      return (await database.session.updateMany({ where, data: { role } })).count === 1;
    },
    remove: async (id) => (await database.session.deleteMany({ where: { id } })).count === 1,
    removeWhere: async (which) => {
      const where =
        "userId" in which
          ? { userId: which.userId, ...(which.but !== undefined && { id: { not: which.but } }) }
          : "invitationId" in which
            ? which
            : { roomId: which.roomId, ...(which.byPassword && { invitationId: null }) };
      const rows = await database.session.findMany({ where, select: { id: true } });
      const ids = rows.map(({ id }) => id);
      await database.session.deleteMany({ where: { id: { in: ids } } });
      return ids;
    },
    logins: async (userId, now) => {
      const rows = await database.session.findMany({
        where: { kind: "user", expiresAt: { gt: now }, ...(userId !== null && { userId }) },
        include: withUser,
        orderBy: [{ lastSeenAt: "desc" }, { id: "asc" }],
        take: MAX_LISTED,
      });
      return rows.map(sessionFromRow).filter((session) => session !== null);
    },
    seats: async (roomId, now) => {
      const rows = await database.session.findMany({
        where: { roomId, expiresAt: { gt: now } },
        include: withUser,
        // Where there are too many for a page, those who wait and the newest are what a host looks for.
        orderBy: [{ admittedAt: { sort: "desc", nulls: "first" } }, { createdAt: "desc" }],
        take: MAX_LISTED,
      });
      const oldestFirst = rows.sort((a, b) => +a.createdAt - +b.createdAt || (a.id < b.id ? -1 : 1));
      return oldestFirst.map(sessionFromRow).filter((session) => session !== null);
    },
    removeOver: async (now) =>
      (await database.session.deleteMany({ where: { expiresAt: { lte: now } } })).count,
  };
}

function dataFrom({ id, tokenHash, expiresAt, now, device, holder }: NewSession) {
  const who =
    holder.kind === "user"
      ? { userId: holder.user.id, stage: holder.stage, provedAt: dateOf(holder.provedAt) }
      : {
          roomId: holder.roomId,
          personId: holder.personId,
          participantName: holder.name,
          role: holder.role,
          invitationId: holder.invitationId,
          admittedAt: dateOf(holder.admittedAt),
        };
  return { id, tokenHash, expiresAt, kind: holder.kind, createdAt: now, lastSeenAt: now, ...device, ...who };
}

async function whyNoSeat(
  tx: Prisma.TransactionClient,
  { holder, now }: NewSeat,
  { passwordHash, wasIn, mostWaiting, earlier }: SeatTerms,
): Promise<SeatRefusal | null> {
  const { roomId, personId, invitationId, admittedAt } = holder;
  await lockRoom(tx, roomId);
  const room = await tx.room.findUnique({ where: { id: roomId } });
  if (room === null || !isOpen(room, now.getTime())) return "closed";
  if (passwordHash !== null && passwordHash !== room.passwordHash) return "closed";
  if (invitationId !== null) {
    const good = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM invitations WHERE id = ${invitationId} AND revoked_at IS NULL FOR SHARE`;
    if (good.length === 0) return "closed";
  }
  if ((await tx.roomBan.findFirst({ where: { roomId, personId } })) !== null) return "banned";
  if (room.lockedAt !== null && !wasIn) return "locked";
  if (admittedAt !== null) return null;
  const waiting = await tx.session.count({
    where: {
      roomId,
      admittedAt: null,
      expiresAt: { gt: now },
      ...(earlier !== null && { id: { not: earlier } }),
    },
  });
  return waiting >= mostWaiting ? "full" : null;
}

type SessionRow = {
  id: string;
  kind: "user" | "participant";
  stage: "enrol" | "full" | null;
  provedAt: Date | null;
  roomId: string | null;
  personId: string | null;
  participantName: string | null;
  role: SeatRole | null;
  invitationId: string | null;
  admittedAt: Date | null;
  userAgent: string | null;
  address: string | null;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  user: { id: string; name: string; isOwner: boolean | null; disabledAt: Date | null } | null;
};

function sessionFromRow(row: SessionRow | null): StoredSession | null {
  const holder = row === null ? null : holderFromRow(row);
  if (row === null || holder === null) return null;
  const { id, userAgent, address, createdAt, lastSeenAt, expiresAt } = row;
  return { id, holder, device: { userAgent, address }, createdAt, lastSeenAt, expiresAt };
}

function holderFromRow(row: SessionRow): SessionHolder | null {
  if (row.kind === "user") {
    if (row.user === null || row.user.disabledAt !== null) return null;
    // Fails closed: a login without a stage is one that can only add a passkey.
    const stage = row.stage ?? "enrol";
    return { kind: "user", user: userFromRow(row.user), stage, provedAt: row.provedAt?.getTime() ?? null };
  }
  if (row.roomId === null) return null;
  return {
    kind: "participant",
    roomId: row.roomId,
    personId: row.personId ?? row.id,
    name: row.participantName ?? "",
    role: row.role ?? "observer",
    invitationId: row.invitationId,
    admittedAt: row.admittedAt?.getTime() ?? null,
  };
}

function dateOf(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}
