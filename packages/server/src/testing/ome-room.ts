import { createAlone } from "../bus/alone.js";
import type { Bus } from "../bus/bus.js";
import { createRoomDirectory, type RoomDirectory } from "../rooms/directory.js";
import { hashSecret } from "../secrets.js";
import type { StoredRoom } from "../store/rooms.js";

/** A room as the directory holds it. */
export function storedRoom(key: string, change: Partial<StoredRoom> = {}): StoredRoom {
  return {
    id: `room of ${key}`,
    name: `Room of ${key}`,
    streamName: `s-${key}`,
    passwordHash: "",
    sealedPassword: new Uint8Array(),
    createdAt: new Date(0),
    archivedAt: null,
    colouristId: null,
    expiresAt: null,
    waitingRoom: false,
    lockedAt: null,
    watermark: false,
    srtEncrypted: false,
    autoRecord: false,
    playout: "lowest",
    universal: false,
    keyHash: hashSecret(key),
    sealedKey: new Uint8Array(),
    ...change,
  };
}

/** A directory whose rooms take over SRT what they take over RTMP, with `srt-` before it. */
export function directoryOf(keys: readonly string[], rooms: readonly StoredRoom[]): RoomDirectory {
  const idOf = ({ keyHash }: Pick<StoredRoom, "keyHash">): string =>
    `srt-${keys.find((key) => Buffer.from(hashSecret(key)).equals(Buffer.from(keyHash))) ?? ""}`;
  return createRoomDirectory(rooms, { idOf });
}

/** A bus that nobody else is on, which keeps what was said. */
export function listeningBus(): Bus & { readonly said: [string, unknown][] } {
  const said: [string, unknown][] = [];
  return {
    ...createAlone("test"),
    said,
    say: (topic, what) => {
      said.push([topic, what]);
    },
  };
}
