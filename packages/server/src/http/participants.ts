import type { participantRoutes } from "@colourstream/contract";
import type { SeatHolder } from "../store/sessions.js";
import type { Product } from "./context.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";

/** The people in a room, as its hosts run it. */
export function participantHandlers(product: Product): HandlersOf<typeof participantRoutes> {
  const { sessions, people, rooms, invitations, journal, inTurn } = product;

  /** A seat of this very room: nobody else's session can be ended from here, whatever its id. */
  const needSeat = async (roomId: string, id: string): Promise<SeatHolder> => {
    const holder = (await sessions.byId(id))?.holder;
    if (holder?.kind !== "participant" || holder.roomId !== roomId) throw new ApiError("not_found");
    return holder;
  };

  return {
    listParticipants: async ({ params }) => ({ participants: await people.list(params.roomId) }),

    admitParticipant: async ({ params: { roomId, participantId }, actor }) => {
      const admitted = await inTurn(roomId, async () => {
        const seat = await needSeat(roomId, participantId);
        if (seat.admittedAt !== null) return null; // another host was quicker: they are in, as was asked
        if (!(await sessions.admit(participantId))) throw new ApiError("not_found");
        return seat;
      });
      if (admitted !== null)
        await journal.note("participant.admitted", actor, { roomId, detail: admitted.name });
      return undefined;
    },

    refuseParticipant: async ({ params: { roomId, participantId }, actor }) => {
      const { name } = await inTurn(roomId, async () => {
        const seat = await needSeat(roomId, participantId);
        if (seat.admittedAt !== null)
          throw new ApiError("not_found", { message: "They were let in already, and do not wait any more." });
        if (!(await sessions.end(participantId, "refused"))) throw new ApiError("not_found");
        return seat;
      });
      await journal.note("participant.turned-away", actor, { roomId, detail: name });
      return undefined;
    },

    removeParticipant: async ({ params: { roomId, participantId }, query, actor }) => {
      const { name, invitationId } = await inTurn(roomId, async () => {
        const seat = await needSeat(roomId, participantId);
        if (!(await sessions.end(participantId, "removed"))) throw new ApiError("not_found");
        return seat;
      });
      await journal.note("participant.removed", actor, { roomId, detail: name });
      if (query.revokeInvitation === true && invitationId !== null) {
        const revoked = await invitations.revoke(roomId, invitationId);
        if (revoked !== null)
          await journal.note("invitation.revoked", actor, { roomId, detail: revoked.name });
      }
      return undefined;
    },

    lockRoom: async ({ params: { roomId }, body: { locked }, actor }) => {
      if ((await rooms.lock(roomId, locked)) === null) throw new ApiError("not_found");
      await journal.note(locked ? "room.locked" : "room.unlocked", actor, { roomId });
      return undefined;
    },
  };
}
