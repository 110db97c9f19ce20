import { hashKey } from "../secrets.js";
import type { StoredRoom } from "../store/rooms.js";
import type { SrtAccess } from "./srt-access.js";

/**
 * All rooms, in memory: what the engine asks is answered from here, within its 50 ms and with the database away. The
 * store is written first, then this; whoever reads it reads what is on disk.
 */
export type RoomDirectory = {
  /** Newest first. */
  all(): StoredRoom[];
  byId(id: string): StoredRoom | null;
  byStream(streamName: string): StoredRoom | null;
  /** The room that a stream key publishes into, also when it is archived. */
  byKey(key: string): StoredRoom | null;
  /** The room that an SRT streamid publishes into, also when it is archived. */
  bySrtId(srtId: string): StoredRoom | null;
  put(room: StoredRoom): void;
  remove(id: string): void;
};

export function createRoomDirectory(
  rooms: readonly StoredRoom[],
  srtAccess: Pick<SrtAccess, "idOf">,
): RoomDirectory {
  const byId = new Map<string, StoredRoom>();
  const byStream = new Map<string, StoredRoom>();
  const byKeyHash = new Map<string, StoredRoom>();
  const bySrtId = new Map<string, StoredRoom>(); // by its hash, as keys are

  const remove = (id: string): void => {
    const room = byId.get(id);
    if (room === undefined) return;
    byId.delete(id);
    byStream.delete(room.streamName);
    byKeyHash.delete(indexOf(room));
    bySrtId.delete(hashKey(srtAccess.idOf(room)));
  };
  const put = (room: StoredRoom): void => {
    remove(room.id);
    byId.set(room.id, room);
    byStream.set(room.streamName, room);
    byKeyHash.set(indexOf(room), room);
    bySrtId.set(hashKey(srtAccess.idOf(room)), room);
  };
  for (const room of rooms) put(room);

  return {
    all: () => [...byId.values()].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime()),
    byId: (id) => byId.get(id) ?? null,
    byStream: (streamName) => byStream.get(streamName) ?? null,
    // The lookup is by the key's hash: how long it takes tells nothing of a key with the same beginning.
    byKey: (key) => byKeyHash.get(hashKey(key)) ?? null,
    bySrtId: (srtId) => bySrtId.get(hashKey(srtId)) ?? null,
    put,
    remove,
  };
}

function indexOf(room: StoredRoom): string {
  return Buffer.from(room.keyHash).toString("base64url");
}
