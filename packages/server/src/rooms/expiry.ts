import { isOver } from "../domain/room.js";
import type { Actor, Journal } from "../journal.js";
import type { RoomDirectory } from "./directory.js";
import type { Rooms } from "./rooms.js";

/** How often it is looked for rooms whose time is over; who comes in between is refused all the same. */
export const SWEEP_EVERY_MS = 5_000;

const BY_ITSELF: Actor = { actorId: null, address: null };

/** Archives the rooms whose time is over. */
export type Expiry = {
  /** One look at all rooms; resolves when those that are over are shut. */
  sweep(): Promise<void>;
};

export function createExpiry(options: {
  readonly directory: Pick<RoomDirectory, "all">;
  readonly rooms: Pick<Rooms, "expire">;
  readonly journal: Journal;
  readonly wallClock: () => number;
}): Expiry {
  const { directory, rooms, journal, wallClock } = options;
  let underWay: Promise<void> | null = null;

  const sweep = async (): Promise<void> => {
    const now = wallClock();
    for (const room of directory.all()) {
      if (room.archivedAt !== null || !isOver(room, now)) continue;
      if (await rooms.expire(room.id))
        await journal.note("room.expired", BY_ITSELF, { roomId: room.id, detail: room.name });
    }
  };

  return {
    sweep: () => {
      underWay ??= sweep().finally(() => {
        underWay = null;
      });
      return underWay;
    },
  };
}
