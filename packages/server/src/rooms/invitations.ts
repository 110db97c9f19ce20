import { randomBytes } from "node:crypto";
import type { Invitation, SeatRole } from "@colourstream/contract";
import type { Sessions } from "../auth/sessions.js";
import { invitationPath, invitationState, timesWithDefaults } from "../domain/invitation.js";
import { makeId, tidyName } from "../domain/room.js";
import { hashSecret, randomSecret, type Sealer } from "../secrets.js";
import type { InvitationStore, StoredInvitation } from "../store/invitations.js";
import { writeCalendar } from "./calendar.js";
import type { RoomDirectory } from "./directory.js";
import type { People } from "./people.js";
import type { RoomDefaults } from "./rooms.js";
import type { Turns } from "./turns.js";

const SECRET_BYTES = 32;
const MAX_OPEN = 500; // in one room; a review has a dozen

/** The room has as many invitations as it can have. */
export class TooManyInvitationsError extends Error {}

/** The room went while something was added to it. */
export class NoSuchRoomError extends Error {}

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
export type FoundInvitation = {
  readonly id: string;
  readonly roomId: string;
  readonly name: string;
  readonly role: SeatRole;
  readonly state: Invitation["state"];
};

/** Personal links. `origin`: where the studio was opened, for the links. */
export type Invitations = {
  list(roomId: string, origin: string | null): Promise<Invitation[]>;
  /** Throws `TooManyInvitationsError`, or `NoSuchRoomError` when the room has just gone. */
  create(roomId: string, wish: InvitationWish, origin: string | null): Promise<Invitation>;
  /** Ends it and everybody who came by it. Null when it is not one of the room's. */
  revoke(roomId: string, invitationId: string): Promise<{ readonly name: string } | null>;
  /** The meeting as a calendar file (RFC 5545). Null when there is none, or no time for it. */
  calendar(roomId: string, invitationId: string, origin: string | null): Promise<string | null>;
  /** Null when the secret is nobody's. */
  find(secret: string): Promise<FoundInvitation | null>;
  /** Whether it is neither revoked nor over now, however often it was used. */
  isGood(invitation: { readonly id: string; readonly roomId: string }): Promise<boolean>;
  /** Counts one more use, in one statement; false when there was none left. */
  use(invitationId: string): Promise<boolean>;
};

/** What they need. */
export type InvitationsOptions = {
  readonly store: InvitationStore;
  readonly directory: Pick<RoomDirectory, "byId">;
  readonly sessions: Pick<Sessions, "endOfInvitation">;
  readonly people: Pick<People, "changed">;
  readonly sealer: Sealer;
  readonly inTurn: Turns;
  readonly defaults: () => Pick<RoomDefaults, "invitationDays">;
  readonly linkBase: (origin: string | null) => string;
  readonly wallClock: () => number;
};

export function createInvitations(options: InvitationsOptions): Invitations {
  const { store, directory, sessions, people, sealer, inTurn, defaults, linkBase, wallClock } = options;

  const linkOf = (invitation: StoredInvitation, origin: string | null): string =>
    linkBase(origin) + invitationPath(sealer.unseal(purposeOf(invitation.id), invitation.sealedSecret));

  const view = (invitation: StoredInvitation, origin: string | null): Invitation => ({
    id: invitation.id,
    name: invitation.name,
    role: invitation.role,
    link: linkOf(invitation, origin),
    createdAt: invitation.createdAt.getTime(),
    expiresAt: invitation.expiresAt?.getTime() ?? null,
    maxUses: invitation.maxUses,
    uses: invitation.uses,
    lastUsedAt: invitation.lastUsedAt?.getTime() ?? null,
    revokedAt: invitation.revokedAt?.getTime() ?? null,
    startsAt: invitation.startsAt?.getTime() ?? null,
    durationMinutes: invitation.durationMinutes,
    state: invitationState(invitation, wallClock()),
  });

  return {
    list: async (roomId, origin) => (await store.list(roomId)).map((invitation) => view(invitation, origin)),

    create: (roomId, wish, origin) =>
      inTurn(roomId, async () => {
        if ((await store.count(roomId)) >= MAX_OPEN) throw new TooManyInvitationsError();
        const id = makeId(randomBytes);
        const secret = randomSecret(SECRET_BYTES);
        const now = wallClock();
        const times = timesWithDefaults(wish, defaults().invitationDays, now);
        const made = await store.add({
          id,
          roomId,
          secretHash: hashSecret(secret),
          sealedSecret: sealer.seal(purposeOf(id), secret),
          name: tidyName(wish.name),
          role: wish.role,
          createdAt: new Date(now),
          expiresAt: dateOf(times.expiresAt),
          maxUses: wish.maxUses ?? null,
          startsAt: dateOf(times.startsAt),
          durationMinutes: times.durationMinutes,
        });
        if (made === null) throw new NoSuchRoomError();
        return view(made, origin);
      }),

    revoke: (roomId, invitationId) =>
      inTurn(roomId, async () => {
        const invitation = await store.byId(roomId, invitationId);
        if (invitation === null) return null;
        await store.revoke(invitationId, new Date(wallClock()));
        await sessions.endOfInvitation(invitationId, "invitation-revoked");
        people.changed(roomId);
        return { name: invitation.name };
      }),

    calendar: async (roomId, invitationId, origin) => {
      const room = directory.byId(roomId);
      const invitation = await store.byId(roomId, invitationId);
      if (room === null || invitation === null) return null;
      const { id, startsAt, durationMinutes, createdAt: writtenAt } = invitation;
      if (startsAt === null || durationMinutes === null) return null;
      const link = linkOf(invitation, origin);
      return writeCalendar({ id, roomName: room.name, link, startsAt, durationMinutes, writtenAt });
    },

    find: async (secret) => {
      const found = await store.bySecret(hashSecret(secret));
      if (found === null) return null;
      const { id, roomId, name, role } = found;
      return { id, roomId, name, role, state: invitationState(found, wallClock()) };
    },

    isGood: async ({ id, roomId }) => {
      const found = await store.byId(roomId, id);
      return found !== null && ["open", "used-up"].includes(invitationState(found, wallClock()));
    },

    use: (invitationId) => store.use(invitationId, new Date(wallClock())),
  };
}

// The invitation's id is bound into the seal, so that a row cannot show another's link.
const purposeOf = (id: string): string => `invitation ${id}`;

function dateOf(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}
