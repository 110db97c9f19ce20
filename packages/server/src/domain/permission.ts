import type { SeatRole, User } from "@colourstream/contract";

/** A room as far as it matters who may do what in it. */
export type OwnedRoom = { readonly colouristId: string | null };

/** Somebody's place in a room as far as it matters what they may do there. */
export type RoomPlace = { readonly role: SeatRole; readonly isIn: boolean };

/** The owner runs every room; a colourist their own. */
export function mayRun(user: User, room: OwnedRoom): boolean {
  return user.role === "owner" || room.colouristId === user.id;
}

/** Lets people in, sends them out, locks the room: a presenter, once they are in. */
export function mayHost({ role, isIn }: RoomPlace): boolean {
  return isIn && role === "presenter";
}

/** Everybody waits at a waiting room but presenters, and those who were let in before and come back. */
export function mustWait(room: { readonly waitingRoom: boolean }, { role, isIn: wasIn }: RoomPlace): boolean {
  return room.waitingRoom && role !== "presenter" && !wasIn;
}
