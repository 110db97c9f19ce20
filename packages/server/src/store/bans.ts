import type { Database } from "./database.js";
import { isMissingParent } from "./failures.js";
import { lockRoom } from "./lock-room.js";

/** Somebody who is not let into a room again, as kept. */
export type StoredBan = {
  readonly id: string;
  readonly roomId: string;
  /** Which browser, as it is called in this room. */
  readonly personId: string;
  readonly name: string;
  /** The name of the host who sent them out. */
  readonly by: string;
  readonly at: Date;
};

/** Those who are not let in again, as kept. */
export type BanStore = {
  /** Of every room, the oldest first. */
  all(): Promise<StoredBan[]>;
  /** Of one room, the oldest first. */
  ofRoom(roomId: string): Promise<StoredBan[]>;
  /** False when the room has gone. */
  add(ban: StoredBan): Promise<boolean>;
  remove(id: string): Promise<void>;
};

export function createBanStore(database: Database): BanStore {
  return {
    all: () => database.roomBan.findMany({ orderBy: [{ at: "asc" }, { id: "asc" }] }),
    ofRoom: (roomId) =>
      database.roomBan.findMany({ where: { roomId }, orderBy: [{ at: "asc" }, { id: "asc" }] }),
    add: async (ban) => {
      try {
        await database.$transaction(async (tx) => {
          await lockRoom(tx, ban.roomId); // who takes a seat meanwhile has it before, and loses it, or finds the ban
          await tx.roomBan.create({ data: ban });
        });
        return true;
      } catch (error) {
        if (isMissingParent(error)) return false;
        throw error;
      }
    },
    remove: async (id) => {
      await database.roomBan.deleteMany({ where: { id } });
    },
  };
}
