import type { Prisma } from "../generated/prisma/client.js";
import type { Database } from "./database.js";

/** An event as kept, with the names of those who are still there. */
export type ReadAuditEvent = {
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly actor: { readonly id: string; readonly name: string | null } | null;
  readonly room: { readonly id: string; readonly name: string | null } | null;
  readonly address: string | null;
  readonly detail: string | null;
};

/** Which events are asked for; what is left out does not matter. */
export type AuditFilter = {
  /** An action, or its first parts up to a dot: `room` finds `room.created`. */
  readonly action?: string | undefined;
  readonly actorId?: string | undefined;
  readonly roomId?: string | undefined;
  readonly address?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
};

/** The place of an event in the log: events of one millisecond are told apart by their ids. */
export type AuditPlace = { readonly at: Date; readonly id: string };

/** Refused attempts of one kind from one address. */
export type RefusedAttempts = {
  readonly address: string;
  readonly action: string;
  readonly count: number;
  readonly lastAt: Date;
};

/** Reads the audit log. */
export type AuditReader = {
  /** Newest first, from the one before `before`; `limit` at most. */
  page(filter: AuditFilter, before: AuditPlace | null, limit: number): Promise<ReadAuditEvent[]>;
  /** Refusals since then, most first, 200 groups at most. */
  refusedSince(since: Date): Promise<RefusedAttempts[]>;
};

const MAX_GROUPS = 200; // a page of them; the rest is in the log itself
const ACTION_FORM = /^[a-z-]+(\.[a-z-]+)*$/; // so that no wildcard of LIKE is in it

export function createAuditReader(database: Database): AuditReader {
  const withNames = async (rows: readonly AuditRow[]): Promise<ReadAuditEvent[]> => {
    const actors = [...new Set(rows.flatMap(({ actorId }) => actorId ?? []))];
    const rooms = [...new Set(rows.flatMap(({ roomId }) => roomId ?? []))];
    const name = { id: true, name: true } as const;
    const users = await database.user.findMany({ where: { id: { in: actors } }, select: name });
    const seats = await database.session.findMany({
      where: { id: { in: actors }, kind: "participant" },
      select: { id: true, participantName: true },
    });
    const named = await database.room.findMany({ where: { id: { in: rooms } }, select: name });
    const actorNames = new Map([
      ...seats.map(({ id, participantName }) => [id, participantName] as const),
      ...users.map((user) => [user.id, user.name] as const),
    ]);
    const roomNames = new Map(named.map((room) => [room.id, room.name]));
    return rows.map(({ actorId, roomId, ...row }) => ({
      ...row,
      actor: actorId === null ? null : { id: actorId, name: actorNames.get(actorId) ?? null },
      room: roomId === null ? null : { id: roomId, name: roomNames.get(roomId) ?? null },
    }));
  };

  return {
    page: async (filter, before, limit) => {
      const where = whereOf(filter, before);
      if (where === null) return [];
      const orderBy = [{ at: "desc" }, { id: "desc" }] as const;
      return withNames(await database.auditEvent.findMany({ where, orderBy: [...orderBy], take: limit }));
    },
    refusedSince: async (since) => {
      const groups = await database.auditEvent.groupBy({
        by: ["address", "action"],
        where: {
          at: { gte: since },
          address: { not: null },
          OR: [{ action: { endsWith: ".refused" } }, { action: { endsWith: "-refused" } }],
        },
        _count: { id: true },
        _max: { at: true },
        orderBy: [{ _count: { id: "desc" } }, { address: "asc" }, { action: "asc" }],
        take: MAX_GROUPS,
      });
      return groups.flatMap(({ address, action, _count, _max }) =>
        address === null || _max.at === null ? [] : [{ address, action, count: _count.id, lastAt: _max.at }],
      );
    },
  };
}

type AuditRow = {
  id: string;
  at: Date;
  action: string;
  actorId: string | null;
  roomId: string | null;
  address: string | null;
  detail: string | null;
};

/** Null: no event can fit. */
function whereOf(filter: AuditFilter, before: AuditPlace | null): Prisma.AuditEventWhereInput | null {
  const { action, actorId, roomId, address, from, to } = filter;
  if (action !== undefined && !ACTION_FORM.test(action)) return null;
  const all: Prisma.AuditEventWhereInput[] = [];
  if (action !== undefined) all.push({ OR: [{ action }, { action: { startsWith: `${action}.` } }] });
  if (before !== null)
    all.push({ OR: [{ at: { lt: before.at } }, { at: before.at, id: { lt: before.id } }] });
  if (from !== undefined) all.push({ at: { gte: from } });
  if (to !== undefined) all.push({ at: { lte: to } });
  return {
    AND: all,
    ...(actorId !== undefined && { actorId }),
    ...(roomId !== undefined && { roomId }),
    ...(address !== undefined && { address }),
  };
}
