import type { Invitation, SeatRole } from "@colourstream/contract";

/** What a link for one person is to be. */
export type InvitationWish = {
  readonly name: string;
  readonly role: SeatRole;
  readonly expiresAt?: number | null | undefined;
  readonly maxUses?: number | null | undefined;
  readonly startsAt?: number | null | undefined;
  readonly durationMinutes?: number | null | undefined;
};

/** An invitation as the door sees it. */
export type OpenInvitation = {
  readonly id: string;
  readonly roomId: string;
  readonly name: string;
  readonly role: SeatRole;
};

/** Personal links. `origin`: where the studio was opened, for the links. */
export type Invitations = {
  list(roomId: string, origin: string | null): Promise<Invitation[]>;
  create(roomId: string, wish: InvitationWish, origin: string | null): Promise<Invitation>;
  /** Ends it and everybody who came by it. Null when it is not one of the room's. */
  revoke(roomId: string, invitationId: string): Promise<{ readonly name: string } | null>;
  /** The meeting as a calendar file (RFC 5545). */
  calendar(roomId: string, invitationId: string, origin: string | null): Promise<string | null>;
  /** Null when it does not work (any more). `isCounted`: the browser holds a seat by it already. */
  open(secret: string): Promise<OpenInvitation | null>;
  /** Counts one more use, in one statement; null when there was none left. */
  use(secret: string): Promise<OpenInvitation | null>;
};

export function createInvitations(): Invitations {
  return {
    list: async () => [],
    create: notYet,
    revoke: notYet,
    calendar: notYet,
    open: async () => null,
    use: async () => null,
  };
}
const notYet = (): never => {
  throw new Error("not built yet");
};
