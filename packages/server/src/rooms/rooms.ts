import { randomBytes } from "node:crypto";
import type { Room } from "@colourstream/contract";
import type { Accounts } from "../auth/accounts.js";
import { hashPassword } from "../auth/password.js";
import type { Sessions } from "../auth/sessions.js";
import {
  foldReadablePassword,
  makeId,
  makeReadablePassword,
  makeStreamKey,
  makeStreamName,
  tidyName,
} from "../domain/room.js";
import type { MediaEngine } from "../engine/engine.js";
import { hashSecret, type Sealer } from "../secrets.js";
import type { RoomChange, RoomStore, StoredRoom } from "../store/rooms.js";
import type { RoomDirectory } from "./directory.js";
import type { People } from "./people.js";

/** What happened to a room, for whoever watches it. */
export type RoomNews =
  | { readonly is: "created" | "changed" | "renamed"; readonly room: StoredRoom }
  | { readonly is: "deleted"; readonly roomId: string };

/** What can be asked to change; a missing field stays. */
export type RoomWish = RoomOptionsWish & {
  readonly name?: string | undefined;
  readonly password?: string | undefined;
  readonly archived?: boolean | undefined;
};

/** What a new room is to be; what is left out is as the settings say. */
export type NewRoomWish = RoomOptionsWish & {
  readonly name: string;
  readonly password?: string | undefined;
};

type RoomOptionsWish = {
  /** Wall clock; null: never. */
  readonly expiresAt?: number | null | undefined;
  readonly waitingRoom?: boolean | undefined;
  readonly watermark?: boolean | undefined;
};

/** What is done with rooms. Every change is on disk before it is answered, and cuts whoever it shuts out. */
export type Rooms = {
  /** `colouristId`: whose room it is; null: the owner's. */
  create(wish: NewRoomWish, colouristId: string | null): Promise<StoredRoom>;
  /** Null when there is no such room. */
  change(id: string, wish: RoomWish): Promise<StoredRoom | null>;
  remove(id: string): Promise<boolean>;
  streamKey(room: StoredRoom): string;
  /** A new key; whoever publishes with the old one is cut. Null when there is no such room. */
  rotateKey(id: string): Promise<string | null>;
  /** As the studio sees it that was opened at this origin; null for the command line. */
  view(room: StoredRoom, origin: string | null): Room;
  onNews(listener: (news: RoomNews) => void): void;
};

/** What they need. `linkBase` makes the origin of links from the one that a request came to. */
export type RoomsOptions = {
  readonly store: RoomStore;
  readonly directory: RoomDirectory;
  readonly sealer: Sealer;
  readonly sessions: Pick<Sessions, "endOfRoom">;
  readonly accounts: Pick<Accounts, "nameOf">;
  readonly people: Pick<People, "counts">;
  readonly engine: MediaEngine;
  readonly linkBase: (origin: string | null) => string;
  readonly wallClock: () => number;
};

/** The page that a reviewer's link opens. */
export function roomPath(roomId: string): string {
  return `/r/${roomId}`;
}

export function createRooms(options: RoomsOptions): Rooms {
  const { store, directory, sealer, sessions, engine, accounts, people, wallClock } = options;
  const listeners: ((news: RoomNews) => void)[] = [];
  const tell = (news: RoomNews): void => {
    for (const listener of listeners) listener(news);
  };

  const sealPassword = async (id: string, password: string) => ({
    hash: await hashPassword(foldReadablePassword(password)),
    sealed: sealer.seal(passwordPurpose(id), password),
  });

  const sealKey = (id: string) => {
    const key = makeStreamKey(randomBytes);
    return { key, hash: hashSecret(key), sealed: sealer.seal(keyPurpose(id), key) };
  };

  return {
    create: async (wish, colouristId) => {
      const id = makeId(randomBytes);
      const password = await sealPassword(id, wish.password ?? makeReadablePassword(randomBytes));
      const key = sealKey(id);
      const room = await store.add({
        id,
        name: tidyName(wish.name),
        streamName: makeStreamName(randomBytes),
        passwordHash: password.hash,
        sealedPassword: password.sealed,
        createdAt: new Date(wallClock()),
        colouristId,
        expiresAt: wish.expiresAt == null ? null : new Date(wish.expiresAt),
        waitingRoom: wish.waitingRoom ?? false,
        watermark: wish.watermark ?? false,
        keyHash: key.hash,
        sealedKey: key.sealed,
      });
      directory.put(room);
      tell({ is: "created", room });
      return room;
    },

    change: async (id, wish) => {
      const before = directory.byId(id);
      if (before === null) return null;
      const isArchived = before.archivedAt !== null;
      const archives = wish.archived === true && !isArchived;
      const restores = wish.archived === false && isArchived;
      const change: RoomChange = {
        ...(wish.name !== undefined && { name: tidyName(wish.name) }),
        ...(wish.password !== undefined && { password: await sealPassword(id, wish.password) }),
        ...(archives && { archivedAt: new Date(wallClock()) }),
        ...(restores && { archivedAt: null }),
      };
      const room = await store.change(id, change);
      if (room === null) return null;
      directory.put(room);

      const { streamName } = room;
      if (archives) {
        await sessions.endOfRoom(id, "archived");
        await engine.disconnect({ roomId: id, streamName, who: "all", reason: "disconnected" });
      } else if (wish.password !== undefined) {
        await sessions.endOfRoom(id, "session-ended");
        await engine.disconnect({ roomId: id, streamName, who: "viewers", reason: "disconnected" });
      }
      tell({ is: room.name === before.name ? "changed" : "renamed", room });
      return room;
    },

    remove: async (id) => {
      const room = directory.byId(id);
      if (room === null) return false;
      await sessions.endOfRoom(id, "deleted");
      const removed = await store.remove(id);
      const { streamName } = room;
      await engine.disconnect({ roomId: id, streamName, who: "all", reason: "disconnected" });
      directory.remove(id);
      tell({ is: "deleted", roomId: id });
      return removed;
    },

    streamKey: (room) => sealer.unseal(keyPurpose(room.id), room.sealedKey),

    rotateKey: async (id) => {
      const { key, hash, sealed } = sealKey(id);
      const room = await store.changeKey(id, { hash, sealed, now: new Date(wallClock()) });
      if (room === null) return null;
      directory.put(room);
      const { streamName } = room;
      await engine.disconnect({ roomId: id, streamName, who: "publisher", reason: "key-rotated" });
      tell({ is: "changed", room });
      return key;
    },

    view: (room, origin) => ({
      id: room.id,
      name: room.name,
      createdAt: room.createdAt.getTime(),
      archivedAt: room.archivedAt?.getTime() ?? null,
      colourist:
        room.colouristId === null
          ? null
          : { id: room.colouristId, name: accounts.nameOf(room.colouristId) ?? "" },
      expiresAt: room.expiresAt?.getTime() ?? null,
      waitingRoom: room.waitingRoom,
      lockedAt: room.lockedAt?.getTime() ?? null,
      watermark: room.watermark,
      people: people.counts(room.id),
      reviewerLink: options.linkBase(origin) + roomPath(room.id),
      reviewerPassword: sealer.unseal(passwordPurpose(room.id), room.sealedPassword),
      stream: engine.stream(room.id),
      lastRefused: engine.lastRefused(room.id),
    }),

    onNews: (listener) => {
      listeners.push(listener);
    },
  };
}

// The room's id is bound into the seal, so that a row cannot show another room's secret.
const passwordPurpose = (id: string): string => `room-password ${id}`;
const keyPurpose = (id: string): string => `stream-key ${id}`;
