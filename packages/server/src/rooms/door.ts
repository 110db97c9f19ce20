import type { SeatRole } from "@colourstream/contract";
import type { LiveSession, Sessions, StartedSession } from "../auth/sessions.js";
import { mustWait } from "../domain/permission.js";
import { isOpen } from "../domain/room.js";
import type { StoredRoom } from "../store/rooms.js";
import type { Device, SeatHolder, SeatRefusal } from "../store/sessions.js";
import type { Bans } from "./bans.js";
import type { RoomDirectory } from "./directory.js";
import type { People } from "./people.js";
import type { Turns } from "./turns.js";

const MAX_WAITING = 50; // in one room; a host can look through that many

/** What somebody comes in by. Both were checked before; the door looks whether they still hold. */
export type Way =
  | { readonly by: "password"; readonly passwordHash: string }
  | {
      readonly by: "invitation";
      readonly invitationId: string;
      /** Counts one more use; false when there was none left. */
      readonly use: () => Promise<boolean>;
      /** Whether somebody who came by it before may come by it again. */
      readonly isGood: () => Promise<boolean>;
    };

/** Somebody at the door. */
export type Visitor = {
  readonly roomId: string;
  readonly personId: string;
  readonly name: string;
  readonly role: SeatRole;
  readonly way: Way;
  /** The seat that this browser had in the room. */
  readonly earlier: LiveSession | null;
  readonly device: Device;
};

/** A seat that was taken. */
export type Taken = StartedSession & { readonly room: StoredRoom; readonly state: "waiting" | "admitted" };

/** Where a room is entered, by password and by invitation alike: one person after another. */
export type Door = {
  enter(visitor: Visitor): Promise<Taken | SeatRefusal>;
};

/** What the door needs. */
export type DoorOptions = {
  readonly directory: Pick<RoomDirectory, "byId">;
  readonly sessions: Pick<Sessions, "startSeat" | "byId" | "end" | "seats">;
  readonly people: Pick<People, "changed" | "isHere">;
  readonly bans: Pick<Bans, "isBanned">;
  readonly inTurn: Turns;
  readonly wallClock: () => number;
};

export function createDoor(options: DoorOptions): Door {
  const { directory, sessions, people, bans, inTurn, wallClock } = options;

  /** The seat of this browser in this room, as it is now: it may have ended since the request came. */
  const seatBefore = async ({ earlier, roomId }: Visitor): Promise<SeatHolder | null> => {
    const holder = earlier === null ? null : ((await sessions.byId(earlier.id))?.holder ?? null);
    return holder?.kind === "participant" && holder.roomId === roomId ? holder : null;
  };

  /** Makes place for one more to wait: those who have left the page make way, the oldest first. */
  const hasPlace = async (roomId: string, but: string | null): Promise<boolean> => {
    const waiting = (await sessions.seats(roomId)).filter(
      ({ id, holder }) => holder.kind === "participant" && holder.admittedAt === null && id !== but,
    );
    if (waiting.length < MAX_WAITING) return true;
    const left = waiting.find(({ id }) => !people.isHere(roomId, id));
    return left !== undefined && sessions.end(left.id, "session-ended");
  };

  const enter = async (visitor: Visitor): Promise<Taken | SeatRefusal> => {
    const { roomId, personId, name, role, way, earlier, device } = visitor;
    const room = directory.byId(roomId);
    if (room === null || !isOpen(room, wallClock())) return "closed";
    if (way.by === "password" && way.passwordHash !== room.passwordHash) return "closed";
    if (bans.isBanned(roomId, personId)) return "banned";

    const before = await seatBefore(visitor);
    const invitationId = way.by === "invitation" ? way.invitationId : null;
    const comesBack = before !== null && before.invitationId === invitationId;
    const wasIn = comesBack && before.admittedAt !== null;
    if (room.lockedAt !== null && !wasIn) return "locked";
    const waits = mustWait(room, { role, isIn: wasIn });
    if (waits && !(await hasPlace(roomId, before === null ? null : (earlier?.id ?? null)))) return "full";
    if (way.by === "invitation" && !(await (comesBack ? way.isGood() : way.use()))) return "closed";

    const admittedAt = waits ? null : wallClock();
    const started = await sessions.startSeat(
      { roomId, personId, name, role, invitationId, admittedAt },
      device,
      {
        passwordHash: way.by === "password" ? way.passwordHash : null,
        wasIn,
        mostWaiting: MAX_WAITING,
        earlier: before === null ? null : (earlier?.id ?? null),
      },
    );
    if (typeof started === "string") return started; // shut, locked or banned at another process meanwhile
    if (earlier !== null && before !== null) await sessions.end(earlier.id, "session-ended");
    people.changed(roomId);
    return { ...started, room, state: waits ? "waiting" : "admitted" };
  };

  return { enter: (visitor) => inTurn(visitor.roomId, () => enter(visitor)) };
}
