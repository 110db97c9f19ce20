import type { User } from "@colourstream/contract";

/** A room as far as it matters who may do what in it. */
export type OwnedRoom = { readonly colouristId: string | null };

/** The owner runs every room; a colourist their own. */
export function mayRun(user: User, room: OwnedRoom): boolean {
  return user.role === "owner" || room.colouristId === user.id;
}
