import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Playout, Room } from "@colourstream/contract";
import type { Accounts } from "../auth/accounts.js";
import { hashPassword } from "../auth/password.js";
import type { Sessions } from "../auth/sessions.js";
import type { Bus } from "../bus/bus.js";
import { rereadAfterGaps } from "../bus/reread.js";
import {
  DAY_MS,
  foldReadablePassword,
  isOver,
  makeId,
  makeReadablePassword,
  makeStreamKey,
  makeStreamName,
  tidyName,
} from "../domain/room.js";
import type { IngestAccess, MediaEngine } from "../engine/engine.js";
import { hashSecret, type Sealer } from "../secrets.js";
import type { RoomChange, RoomStore, StoredRoom } from "../store/rooms.js";
import type { RoomDirectory } from "./directory.js";
import type { People } from "./people.js";
import type { Recordings } from "./recordings.js";
import type { SrtAccess } from "./srt-access.js";
import type { Turns } from "./turns.js";

/** What happened to a room, for whoever watches it. */
export type RoomNews =
  | { readonly is: "created"; readonly room: StoredRoom }
  | { readonly is: "changed"; readonly room: StoredRoom; readonly before: StoredRoom }
  /** It was archived, or its time was over: nobody is in it any more. */
  | { readonly is: "closed"; readonly room: StoredRoom; readonly why: "archived" | "expired" }
  | { readonly is: "deleted"; readonly room: StoredRoom };

/** What new rooms and invitations are like where nothing else was asked for. */
export type RoomDefaults = {
  readonly waitingRoom: boolean;
  readonly watermark: boolean;
  readonly autoRecord: boolean;
  /** How long a room is open; null: until it is archived. */
  readonly days: number | null;
  /** How long a link works; null: until it is revoked. */
  readonly invitationDays: number | null;
};

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
  readonly srtEncrypted?: boolean | undefined;
  readonly autoRecord?: boolean | undefined;
  readonly playout?: Playout | undefined;
  readonly universal?: boolean | undefined;
};

/** What is done with rooms. Every change is on disk before it is answered, and cuts whoever it shuts out. */
export type Rooms = {
  /** `colouristId`: whose room it is; null: the owner's. */
  create(wish: NewRoomWish, colouristId: string | null): Promise<StoredRoom>;
  /** Null when there is no such room. */
  change(id: string, wish: RoomWish): Promise<StoredRoom | null>;
  remove(id: string): Promise<boolean>;
  /** Nobody new comes in while it is locked. Null when there is no such room. */
  lock(id: string, locked: boolean): Promise<StoredRoom | null>;
  /** Sends everybody out and locks the room; the encoder goes on. Null when there is no such room. */
  endMeeting(id: string): Promise<StoredRoom | null>;
  /** Archives a room whose time is over. False when it is not over (any more). */
  expire(id: string): Promise<boolean>;
  /** A user's account is gone: their rooms are the owner's, as the database has it already. */
  ownerGone(userId: string): void;
  streamKey(room: StoredRoom): string;
  /** What encoders publish into the room with. */
  ingestAccess(room: StoredRoom): IngestAccess;
  /** A new key; whoever publishes with the old one is cut. Null when there is no such room. */
  rotateKey(id: string): Promise<string | null>;
  /** As the studio sees it that was opened at this origin; null for the command line. */
  view(room: StoredRoom, origin: string | null): Room;
  /** Whether viewers can have the rendition for every browser: the room wants it, and the engine can make it. */
  hasUniversal(room: Pick<StoredRoom, "universal">): boolean;
  onNews(listener: (news: RoomNews) => void): void;
};

/** What they need. `linkBase` makes the origin of links from the one that a request came to. */
export type RoomsOptions = {
  readonly store: RoomStore;
  readonly directory: RoomDirectory;
  readonly sealer: Sealer;
  readonly inTurn: Turns;
  readonly defaults: () => RoomDefaults;
  readonly sessions: Pick<Sessions, "endOfRoom">;
  readonly accounts: Pick<Accounts, "nameOf">;
  readonly people: Pick<People, "counts">;
  readonly engine: MediaEngine;
  /** Whether the engine makes other renditions than the untouched one. */
  readonly canTranscode: boolean;
  readonly srtAccess: SrtAccess;
  /** What the room records now, and the end of all that it has recorded. */
  readonly recordings: Pick<Recordings, "ofRoom" | "removeOfRoom">;
  readonly linkBase: (origin: string | null) => string;
  readonly wallClock: () => number;
  /** Where the processes tell each other which room's row is another. */
  readonly bus: Pick<Bus, "say" | "hear" | "onGap" | "isFirst">;
  warn(message: string, error: unknown): void;
};

/** The page that a reviewer's link opens. */
export function roomPath(roomId: string): string {
  return `/r/${roomId}`;
}

export function createRooms(options: RoomsOptions): Rooms {
  const { store, directory, sealer, sessions, engine, accounts, people, wallClock, inTurn, bus } = options;
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

  const cut = ({ id, streamName }: StoredRoom, who: "viewers" | "all"): Promise<void> =>
    engine.disconnect({ roomId: id, streamName, who, reason: "disconnected" });

  /** What is on disk, in memory; the other processes read it for themselves. */
  const put = (room: StoredRoom): void => {
    directory.put(room);
    bus.say("room", room.id);
  };

  /** On disk, then in memory. Null when there is no such room. */
  const write = async (id: string, change: RoomChange): Promise<StoredRoom | null> => {
    const room = await store.change(id, change);
    if (room !== null) put(room);
    return room;
  };

  /** Shuts a room that is in the directory: who is in it goes, the encoder too. */
  const close = async (room: StoredRoom, why: "archived" | "expired"): Promise<void> => {
    await sessions.endOfRoom(room.id, why);
    await cut(room, "all");
    tell({ is: "closed", room, why });
  };

  const change = async (before: StoredRoom, wished: RoomChange): Promise<StoredRoom | null> => {
    const { id, archivedAt } = before;
    const restores = wished.archivedAt === null && archivedAt !== null;
    // A room whose time was over is not to be over again the moment it is back.
    const endless = restores && wished.expiresAt === undefined && isOver(before, wallClock());
    const room = await write(id, { ...wished, ...(endless && { expiresAt: null }) });
    if (room === null) return null;
    if (archivedAt === null && room.archivedAt !== null) {
      await close(room, "archived");
      return room;
    }
    // Each one's picture is cut as their session ends: who came by an invitation goes on watching.
    if (wished.password !== undefined) await sessions.endOfRoom(id, "session-ended", "by-password");
    tell({ is: "changed", room, before });
    return room;
  };

  /**
   * Reads a room that another process has written, and tells of it as of one written here. That one may have ended
   * before it had done all that follows, or was a command without an engine: the first process does it as well.
   */
  const refresh = (id: string): Promise<void> =>
    inTurn(id, async () => {
      const before = directory.byId(id);
      const room = await store.byId(id);
      if (room === null) {
        if (before === null) return;
        directory.remove(id);
        if (bus.isFirst()) await cut(before, "all");
        tell({ is: "deleted", room: before });
        return;
      }
      directory.put(room);
      if (before === null) {
        tell({ is: "created", room });
      } else if (before.archivedAt === null && room.archivedAt !== null) {
        const why = isOver(room, room.archivedAt.getTime()) ? "expired" : "archived";
        if (bus.isFirst()) await close(room, why);
        else tell({ is: "closed", room, why });
      } else if (!isDeepStrictEqual(before, room)) {
        const { streamName } = room;
        if (bus.isFirst() && !isDeepStrictEqual(before.keyHash, room.keyHash))
          await engine.disconnect({ roomId: id, streamName, who: "publisher", reason: "key-rotated" });
        tell({ is: "changed", room, before });
      }
    });
  const readAll = rereadAfterGaps(
    bus,
    async () => {
      const rows = new Map((await store.all()).map((room) => [room.id, room]));
      const here = new Map(directory.all().map((room) => [room.id, room]));
      for (const id of new Set([...rows.keys(), ...here.keys()]))
        if (!isDeepStrictEqual(rows.get(id), here.get(id))) await refresh(id);
    },
    (error) => options.warn("the rooms were not read again", error),
  );
  bus.hear("room", (id) => {
    refresh(String(id)).catch((error: unknown) => {
      options.warn("a room that another process has changed was not read", error);
      readAll();
    });
  });

  const streamKey = (room: StoredRoom): string => sealer.unseal(keyPurpose(room.id), room.sealedKey);

  return {
    create: async (wish, colouristId) => {
      const id = makeId(randomBytes);
      const password = await sealPassword(id, wish.password ?? makeReadablePassword(randomBytes));
      const key = sealKey(id);
      const now = wallClock();
      const { days, waitingRoom, watermark, autoRecord } = options.defaults();
      const byDefault = days === null ? null : now + days * DAY_MS;
      const expiresAt = wish.expiresAt === undefined ? byDefault : wish.expiresAt;
      const room = await store.add({
        id,
        name: tidyName(wish.name),
        streamName: makeStreamName(randomBytes),
        passwordHash: password.hash,
        sealedPassword: password.sealed,
        createdAt: new Date(now),
        colouristId,
        expiresAt: dateOf(expiresAt),
        waitingRoom: wish.waitingRoom ?? waitingRoom,
        watermark: wish.watermark ?? watermark,
        srtEncrypted: wish.srtEncrypted ?? true,
        autoRecord: wish.autoRecord ?? autoRecord,
        playout: wish.playout ?? "lowest",
        universal: wish.universal ?? false,
        keyHash: key.hash,
        sealedKey: key.sealed,
      });
      put(room);
      tell({ is: "created", room });
      return room;
    },

    change: async (id, wish) => {
      const password = wish.password === undefined ? undefined : await sealPassword(id, wish.password);
      return inTurn(id, async () => {
        const before = directory.byId(id);
        if (before === null) return null;
        const isArchived = before.archivedAt !== null;
        return change(before, {
          ...(wish.name !== undefined && { name: tidyName(wish.name) }),
          ...(password !== undefined && { password }),
          ...(wish.archived === true && !isArchived && { archivedAt: new Date(wallClock()) }),
          ...(wish.archived === false && isArchived && { archivedAt: null }),
          ...(wish.expiresAt !== undefined && { expiresAt: dateOf(wish.expiresAt) }),
          ...(wish.waitingRoom !== undefined && { waitingRoom: wish.waitingRoom }),
          ...(wish.watermark !== undefined && { watermark: wish.watermark }),
          ...(wish.srtEncrypted !== undefined && { srtEncrypted: wish.srtEncrypted }),
          ...(wish.autoRecord !== undefined && { autoRecord: wish.autoRecord }),
          ...(wish.playout !== undefined && { playout: wish.playout }),
          ...(wish.universal !== undefined && { universal: wish.universal }),
        });
      });
    },

    remove: (id) =>
      inTurn(id, async () => {
        const room = directory.byId(id);
        if (room === null) return false;
        await sessions.endOfRoom(id, "deleted");
        await options.recordings.removeOfRoom(id);
        const removed = await store.remove(id);
        await cut(room, "all");
        directory.remove(id);
        bus.say("room", id);
        tell({ is: "deleted", room });
        return removed;
      }),

    lock: (id, locked) =>
      inTurn(id, async () => {
        const before = directory.byId(id);
        if (before === null || (before.lockedAt !== null) === locked) return before;
        return change(before, { lockedAt: locked ? new Date(wallClock()) : null });
      }),

    endMeeting: (id) =>
      inTurn(id, async () => {
        const before = directory.byId(id);
        if (before === null) return null;
        const room = await write(id, { lockedAt: before.lockedAt ?? new Date(wallClock()) });
        if (room === null) return null;
        await sessions.endOfRoom(id, "meeting-ended");
        await cut(room, "viewers");
        tell({ is: "changed", room, before });
        return room;
      }),

    expire: (id) =>
      inTurn(id, async () => {
        const before = directory.byId(id);
        if (before === null || before.archivedAt !== null || !isOver(before, wallClock())) return false;
        const room = await write(id, { archivedAt: new Date(wallClock()) });
        if (room === null) return false;
        await close(room, "expired");
        return true;
      }),

    ownerGone: (userId) => {
      for (const before of directory.all()) {
        if (before.colouristId !== userId) continue;
        const room = { ...before, colouristId: null };
        put(room);
        tell({ is: "changed", room, before });
      }
    },

    streamKey,
    ingestAccess: (room) => ({
      key: streamKey(room),
      srtId: options.srtAccess.idOf(room),
      srtPassphrase: room.srtEncrypted ? options.srtAccess.passphraseOf(room) : null,
    }),

    rotateKey: (id) =>
      inTurn(id, async () => {
        const { key, hash, sealed } = sealKey(id);
        const before = directory.byId(id);
        const room = await store.changeKey(id, { hash, sealed, now: new Date(wallClock()) });
        if (room === null || before === null) return null;
        put(room);
        const { streamName } = room;
        await engine.disconnect({ roomId: id, streamName, who: "publisher", reason: "key-rotated" });
        tell({ is: "changed", room, before });
        return key;
      }),

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
      srtEncrypted: room.srtEncrypted,
      autoRecord: room.autoRecord,
      playout: room.playout,
      universal: room.universal,
      canTranscode: options.canTranscode,
      recording: options.recordings.ofRoom(room.id),
      people: people.counts(room.id),
      reviewerLink: options.linkBase(origin) + roomPath(room.id),
      reviewerPassword: sealer.unseal(passwordPurpose(room.id), room.sealedPassword),
      stream: engine.stream(room.id),
      lastRefused: engine.lastRefused(room.id),
    }),

    hasUniversal: ({ universal }) => universal && options.canTranscode,

    onNews: (listener) => {
      listeners.push(listener);
    },
  };
}

// The room's id is bound into the seal, so that a row cannot show another room's secret.
const passwordPurpose = (id: string): string => `room-password ${id}`;
const keyPurpose = (id: string): string => `stream-key ${id}`;

function dateOf(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}
