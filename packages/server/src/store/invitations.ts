import type { SeatRole } from "@colourstream/contract";
import type { Database } from "./database.js";
import { isMissingParent } from "./failures.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** An invitation as kept: its secret hashed and sealed. */
export type StoredInvitation = {
  readonly id: string;
  readonly roomId: string;
  readonly sealedSecret: Uint8Array;
  readonly name: string;
  readonly role: SeatRole;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly maxUses: number | null;
  readonly uses: number;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly startsAt: Date | null;
  readonly durationMinutes: number | null;
};

/** An invitation to be kept. */
export type NewInvitation = Omit<StoredInvitation, "sealedSecret" | "uses" | "lastUsedAt" | "revokedAt"> & {
  readonly secretHash: Bytes;
  readonly sealedSecret: Bytes;
};

/** Personal links. */
export type InvitationStore = {
  /** Null when the room has gone meanwhile. */
  add(invitation: NewInvitation): Promise<StoredInvitation | null>;
  /** Newest first. */
  list(roomId: string): Promise<StoredInvitation[]>;
  /** How many of the room's are not revoked. */
  count(roomId: string): Promise<number>;
  /** Null when the room has none of this id. */
  byId(roomId: string, id: string): Promise<StoredInvitation | null>;
  bySecret(secretHash: Bytes): Promise<StoredInvitation | null>;
  /** Counts one more use. False when it is revoked, over or used up: of any number at once only so many get one. */
  use(id: string, now: Date): Promise<boolean>;
  /** False when it was revoked already. */
  revoke(id: string, now: Date): Promise<boolean>;
  /** The names by id, for those that are there. */
  names(ids: readonly string[]): Promise<Map<string, string>>;
};

const MAX_LISTED = 1_000;
const withoutHash = { secretHash: true } as const;

export function createInvitationStore(database: Database): InvitationStore {
  return {
    add: async (invitation) => {
      try {
        return await database.invitation.create({ data: invitation, omit: withoutHash });
      } catch (error) {
        if (isMissingParent(error)) return null;
        throw error;
      }
    },
    list: (roomId) =>
      database.invitation.findMany({
        where: { roomId },
        omit: withoutHash,
        orderBy: [{ createdAt: "desc" }, { id: "asc" }],
        take: MAX_LISTED,
      }),
    count: (roomId) => database.invitation.count({ where: { roomId, revokedAt: null } }),
    byId: (roomId, id) => database.invitation.findFirst({ where: { id, roomId }, omit: withoutHash }),
    bySecret: (secretHash) => database.invitation.findUnique({ where: { secretHash }, omit: withoutHash }),
    use: async (id, now) => {
      const counted = await database.$executeRaw`
        UPDATE invitations SET uses = uses + 1, last_used_at = ${now}
        WHERE id = ${id} AND revoked_at IS NULL
          AND (expires_at IS NULL OR expires_at > ${now})
          AND (max_uses IS NULL OR uses < max_uses)`;
      return counted === 1;
    },
    revoke: async (id, now) => {
      const where = { id, revokedAt: null };
      return (await database.invitation.updateMany({ where, data: { revokedAt: now } })).count === 1;
    },
    names: async (ids) => {
      if (ids.length === 0) return new Map();
      const rows = await database.invitation.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true, name: true },
      });
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
  };
}
