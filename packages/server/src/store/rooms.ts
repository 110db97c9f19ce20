import type { Playout } from "@colourstream/contract";
import { foldName } from "../domain/room.js";
import type { Database } from "./database.js";
import { isMissingRow, isUniqueViolation, NameTakenError } from "./failures.js";
import { lockRoom } from "./lock-room.js";

/** A room as kept: its secrets sealed or hashed. */
export type StoredRoom = {
  readonly id: string;
  readonly name: string;
  readonly streamName: string;
  readonly passwordHash: string;
  readonly sealedPassword: Uint8Array;
  readonly createdAt: Date;
  readonly archivedAt: Date | null;
  /** Whose room it is; null: the owner's. */
  readonly colouristId: string | null;
  /** When it archives itself. */
  readonly expiresAt: Date | null;
  readonly waitingRoom: boolean;
  readonly lockedAt: Date | null;
  readonly watermark: boolean;
  /** SRT encoders must send encrypted. */
  readonly srtEncrypted: boolean;
  /** Every take is recorded. */
  readonly autoRecord: boolean;
  readonly playout: Playout;
  /** A rendition for every browser is made beside the untouched one. */
  readonly universal: boolean;
  readonly keyHash: Uint8Array;
  readonly sealedKey: Uint8Array;
};

type Bytes = Uint8Array<ArrayBuffer>;

/** A room to be kept. */
export type NewRoom = {
  readonly id: string;
  readonly name: string;
  readonly streamName: string;
  readonly passwordHash: string;
  readonly sealedPassword: Bytes;
  readonly createdAt: Date;
  readonly colouristId: string | null;
  readonly expiresAt: Date | null;
  readonly waitingRoom: boolean;
  readonly watermark: boolean;
  /** SRT encoders must send encrypted. */
  readonly srtEncrypted: boolean;
  /** Every take is recorded. */
  readonly autoRecord: boolean;
  readonly playout: Playout;
  /** A rendition for every browser is made beside the untouched one. */
  readonly universal: boolean;
  readonly keyHash: Bytes;
  readonly sealedKey: Bytes;
};

/** What can be changed of a room; a missing field stays. */
export type RoomChange = {
  readonly name?: string | undefined;
  readonly password?: { readonly hash: string; readonly sealed: Bytes } | undefined;
  readonly archivedAt?: Date | null | undefined;
  readonly expiresAt?: Date | null | undefined;
  readonly waitingRoom?: boolean | undefined;
  readonly lockedAt?: Date | null | undefined;
  readonly watermark?: boolean | undefined;
  readonly srtEncrypted?: boolean | undefined;
  readonly autoRecord?: boolean | undefined;
  readonly playout?: Playout | undefined;
  readonly universal?: boolean | undefined;
};

/** Rooms with their stream keys. A name that another open room has throws `NameTakenError`. */
export type RoomStore = {
  all(): Promise<StoredRoom[]>;
  /** Null when there is no such room. */
  byId(id: string): Promise<StoredRoom | null>;
  add(room: NewRoom): Promise<StoredRoom>;
  /** Null when there is no such room. */
  change(id: string, change: RoomChange): Promise<StoredRoom | null>;
  changeKey(id: string, key: { hash: Bytes; sealed: Bytes; now: Date }): Promise<StoredRoom | null>;
  /** False when there was no such room. */
  remove(id: string): Promise<boolean>;
};

const withKey = { streamKey: true } as const;

export function createRoomStore(database: Database): RoomStore {
  return {
    all: async () => {
      const rows = await database.room.findMany({
        include: withKey,
        orderBy: { createdAt: "desc" },
        take: MAX_ROOMS,
      });
      return rows.map(roomFromRow);
    },
    byId: async (id) => {
      const row = await database.room.findUnique({ where: { id }, include: withKey });
      return row === null ? null : roomFromRow(row);
    },
    add: ({ keyHash, sealedKey, ...room }) =>
      refusingTakenNames(async () => {
        const row = await database.room.create({
          data: {
            ...room,
            openName: foldName(room.name),
            streamKey: { create: { keyHash, sealedKey, createdAt: room.createdAt } },
          },
          include: withKey,
        });
        return roomFromRow(row);
      }),
    change: (id, change) =>
      refusingTakenNames(() =>
        database.$transaction(async (tx) => {
          // The name is written with every change: nobody else's may come between.
          await lockRoom(tx, id);
          const before = await tx.room.findUnique({ where: { id } });
          if (before === null) return null;
          const name = change.name ?? before.name;
          const archivedAt = change.archivedAt === undefined ? before.archivedAt : change.archivedAt;
          const row = await tx.room.update({
            where: { id },
            data: {
              name,
              archivedAt,
              openName: archivedAt === null ? foldName(name) : null,
              ...(change.expiresAt !== undefined && { expiresAt: change.expiresAt }),
              ...(change.waitingRoom !== undefined && { waitingRoom: change.waitingRoom }),
              ...(change.lockedAt !== undefined && { lockedAt: change.lockedAt }),
              ...(change.watermark !== undefined && { watermark: change.watermark }),
              ...(change.srtEncrypted !== undefined && { srtEncrypted: change.srtEncrypted }),
              ...(change.autoRecord !== undefined && { autoRecord: change.autoRecord }),
              ...(change.playout !== undefined && { playout: change.playout }),
              ...(change.universal !== undefined && { universal: change.universal }),
              ...(change.password && {
                passwordHash: change.password.hash,
                sealedPassword: change.password.sealed,
              }),
            },
            include: withKey,
          });
          return roomFromRow(row);
        }),
      ),
    changeKey: async (id, key) => {
      try {
        const row = await database.streamKey.update({
          where: { roomId: id },
          data: { keyHash: key.hash, sealedKey: key.sealed, createdAt: key.now },
          include: { room: true },
        });
        return roomFromRow({ ...row.room, streamKey: row });
      } catch (error) {
        if (isMissingRow(error)) return null;
        throw error;
      }
    },
    remove: async (id) => (await database.room.deleteMany({ where: { id } })).count === 1,
  };
}

/** All of them are held in memory for admission; one colourist makes a few a day. */
export const MAX_ROOMS = 20_000;

type RoomRow = Omit<StoredRoom, "keyHash" | "sealedKey"> & {
  streamKey: { keyHash: Uint8Array; sealedKey: Uint8Array } | null;
};

function roomFromRow({ streamKey, ...row }: RoomRow): StoredRoom {
  if (streamKey === null)
    throw new Error(`room ${row.id} has no stream key: the database was changed by hand`);
  const { keyHash, sealedKey } = streamKey;
  return {
    id: row.id,
    name: row.name,
    streamName: row.streamName,
    passwordHash: row.passwordHash,
    sealedPassword: row.sealedPassword,
    createdAt: row.createdAt,
    archivedAt: row.archivedAt,
    colouristId: row.colouristId,
    expiresAt: row.expiresAt,
    waitingRoom: row.waitingRoom,
    lockedAt: row.lockedAt,
    watermark: row.watermark,
    srtEncrypted: row.srtEncrypted,
    autoRecord: row.autoRecord,
    playout: row.playout,
    universal: row.universal,
    keyHash,
    sealedKey,
  };
}

async function refusingTakenNames<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isUniqueViolation(error)) throw new NameTakenError();
    throw error;
  }
}
