import type { invitationRoutes } from "@colourstream/contract";
import type { FastifyRequest } from "fastify";
import { problemOfInvitation } from "../domain/invitation.js";
import { isOpen, tidyName } from "../domain/room.js";
import type { Actor } from "../journal.js";
import { calendarFileName } from "../rooms/calendar.js";
import { type FoundInvitation, NoSuchRoomError, TooManyInvitationsError } from "../rooms/invitations.js";
import type { StoredRoom } from "../store/rooms.js";
import type { Product } from "./context.js";
import type { Cookies } from "./cookies.js";
import { ApiError } from "./errors.js";
import { originOf } from "./host.js";
import type { HandlersOf } from "./implement.js";
import { earlierSeat, takeSeat } from "./seats.js";

/** Personal links: made and taken back in the studio, used at the door. */
export function invitationHandlers(product: Product, cookies: Cookies): HandlersOf<typeof invitationRoutes> {
  const { accounts, directory, invitations, guesses, journal, wallClock } = product;

  /** The invitation with this secret, if it works for this browser. Everything else is one and the same refusal. */
  const needInvitation = async (secret: string, actor: Actor, request: FastifyRequest) => {
    const guess = { kind: "invitation", target: null, address: request.ip } as const;
    const wait = guesses.take(guess);
    if (wait !== null) throw new ApiError("too_many_attempts", { retryAfterMs: wait });
    const invitation = await invitations.find(secret);
    if (invitation === null) {
      await journal.note("invitation.refused", actor);
      throw new ApiError("invitation_wrong");
    }
    const { id, roomId, state } = invitation;
    const room = directory.byId(roomId);
    const earlier = await earlierSeat(product, cookies, request, roomId);
    const isInUse = earlier?.holder.kind === "participant" && earlier.holder.invitationId === id;
    const works = state === "open" || (state === "used-up" && isInUse);
    if (!works || room === null || !isOpen(room, wallClock())) {
      await journal.note("invitation.refused", actor, {
        roomId,
        detail: `${invitation.name}: ${why(invitation, room)}`,
      });
      throw new ApiError("invitation_wrong");
    }
    guesses.giveBack(guess);
    return { invitation, room, earlier, isInUse };
  };

  return {
    listInvitations: async ({ params, request }) => ({
      invitations: await invitations.list(params.roomId, originOf(request)),
    }),

    createInvitation: async ({ params: { roomId }, body, actor, request }) => {
      const problem = problemOfInvitation(body, wallClock());
      if (problem !== null) throw new ApiError("invalid_request", { message: problem });
      const room = directory.byId(roomId);
      if (room === null) throw new ApiError("not_found");
      if (!isOpen(room, wallClock())) throw new ApiError("room_archived");
      const made = await invitations.create(roomId, body, originOf(request)).catch(refuse);
      await journal.note("invitation.created", actor, { roomId, detail: `${made.name}, ${made.role}` });
      return made;
    },

    revokeInvitation: async ({ params: { roomId, invitationId }, actor }) => {
      const revoked = await invitations.revoke(roomId, invitationId);
      if (revoked === null) throw new ApiError("not_found");
      await journal.note("invitation.revoked", actor, { roomId, detail: revoked.name });
      return undefined;
    },

    readInvitationCalendar: async ({ params: { roomId, invitationId }, request, reply }) => {
      const file = await invitations.calendar(roomId, invitationId, originOf(request));
      if (file === null) throw new ApiError("not_found");
      const name = calendarFileName(directory.byId(roomId)?.name ?? "");
      reply.header("content-disposition", `attachment; filename="${name}"`);
      return file;
    },

    openInvitation: async ({ body, actor, request }) => {
      const { invitation, room, isInUse } = await needInvitation(body.secret, actor, request);
      const { name, role } = invitation;
      const whose = room.colouristId === null ? accounts.ownersName() : accounts.nameOf(room.colouristId);
      return { roomId: room.id, roomName: room.name, from: whose ?? "", name, role, isInUse };
    },

    acceptInvitation: async ({ body, actor, request, reply }) => {
      const { invitation, room, earlier } = await needInvitation(body.secret, actor, request);
      const { id: invitationId, role } = invitation;
      const use = () => invitations.use(invitationId);
      const isGood = () => invitations.isGood(invitation);
      return takeSeat(product, cookies, {
        roomId: room.id,
        name: tidyName(body.name),
        role,
        way: { by: "invitation", invitationId, use, isGood },
        closed: "invitation_wrong",
        earlier,
        actor,
        request,
        reply,
      });
    },
  };
}

function refuse(error: unknown): never {
  if (error instanceof NoSuchRoomError) throw new ApiError("not_found");
  if (error instanceof TooManyInvitationsError)
    throw new ApiError("invalid_request", {
      message: "This room has as many invitations as it can. Revoke some that are no longer needed.",
    });
  throw error;
}

/** For the audit log alone. */
function why({ state }: FoundInvitation, room: StoredRoom | null): string {
  return state === "open" && room !== null ? "the room is shut" : state;
}
