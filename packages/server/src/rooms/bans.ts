import { randomBytes } from "node:crypto";
import type { Ban } from "@colourstream/contract";
import type { Bus } from "../bus/bus.js";
import { rereadAfterGaps } from "../bus/reread.js";
import { makeId } from "../domain/room.js";
import type { BanStore, StoredBan } from "../store/bans.js";
import type { Turns } from "./turns.js";

const MOST = 1_000; // in one room; hosts send people out by hand. Above it the oldest ban is lifted

/** Who was sent out of which room for good, in memory as on disk: the door asks for every visitor. */
export type Bans = {
  isBanned(roomId: string, personId: string): boolean;
  /** The room's, the newest first. */
  list(roomId: string): Ban[];
  /** On disk before it resolves. Somebody who is banned already stays so. Null when the room has gone. */
  add(
    roomId: string,
    ban: { readonly personId: string; readonly name: string; readonly by: string },
  ): Promise<Ban | null>;
  /** Null when there is none of that id in the room. */
  lift(roomId: string, id: string): Promise<Ban | null>;
  /** The room was deleted, and its bans with it. */
  forget(roomId: string): void;
};

/** Reads the table once; afterwards it is written first, then the memory follows. Callers take turns in a room. */
export async function openBans(options: {
  readonly store: BanStore;
  readonly wallClock: () => number;
  readonly inTurn: Turns;
  readonly bus: Pick<Bus, "say" | "hear" | "onGap">;
  warn(message: string, error: unknown): void;
}): Promise<Bans> {
  const { store, wallClock, inTurn, bus, warn } = options;
  const rooms = new Map<string, Map<string, StoredBan>>(); // by room and person, the oldest first
  const remember = (ban: StoredBan): void => {
    const room = rooms.get(ban.roomId) ?? new Map<string, StoredBan>();
    rooms.set(ban.roomId, room);
    room.set(ban.personId, ban);
  };
  for (const ban of await store.all()) remember(ban);
  const of = (roomId: string): StoredBan[] => [...(rooms.get(roomId)?.values() ?? [])];
  const remove = async (ban: StoredBan): Promise<void> => {
    await store.remove(ban.id);
    rooms.get(ban.roomId)?.delete(ban.personId);
    bus.say("ban", ban.roomId);
  };
  const readRoom = (roomId: string): Promise<void> =>
    inTurn(roomId, async () => {
      const bans = await store.ofRoom(roomId);
      rooms.delete(roomId);
      for (const ban of bans) remember(ban);
    });
  const readAgain = rereadAfterGaps(
    bus,
    async () => {
      const now = new Set((await store.all()).map(({ roomId }) => roomId));
      for (const roomId of new Set([...now, ...rooms.keys()])) await readRoom(roomId);
    },
    (error) => warn("who is banned was not read again", error),
  );
  bus.hear("ban", (roomId) => {
    readRoom(String(roomId)).catch((error: unknown) => {
      warn("who is banned from a room was not read again", error);
      readAgain();
    });
  });

  return {
    isBanned: (roomId, personId) => rooms.get(roomId)?.has(personId) ?? false,
    list: (roomId) => of(roomId).map(banFrom).reverse(),
    add: async (roomId, { personId, name, by }) => {
      const before = rooms.get(roomId)?.get(personId);
      if (before !== undefined) return banFrom(before);
      const [oldest] = of(roomId);
      if (oldest !== undefined && of(roomId).length >= MOST) await remove(oldest);
      const ban = { id: makeId(randomBytes), roomId, personId, name, by, at: new Date(wallClock()) };
      if (!(await store.add(ban))) return null;
      remember(ban);
      bus.say("ban", roomId);
      return banFrom(ban);
    },
    lift: async (roomId, id) => {
      const ban = of(roomId).find((one) => one.id === id);
      if (ban === undefined) return null;
      await remove(ban);
      return banFrom(ban);
    },
    forget: (roomId) => {
      rooms.delete(roomId);
    },
  };
}

function banFrom({ id, name, by, at }: StoredBan): Ban {
  return { id, name, by, at: at.getTime() };
}
