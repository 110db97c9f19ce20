import type { participantRoutes } from "@colourstream/contract";
import type { SeatHolder } from "../store/sessions.js";
import type { Product } from "./context.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";

/** The people in a room, as its hosts run it. */
export function participantHandlers(product: Product): HandlersOf<typeof participantRoutes> {
  const { sessions, people, bans, rooms, invitations, journal, inTurn } = product;

  /** Seats that the same browser took beside this one, having thrown its cookie away. */
  const endOthersOf = async (roomId: string, personId: string): Promise<void> => {
    for (const { id, holder } of await sessions.seats(roomId)) {
      if (holder.kind === "participant" && holder.personId === personId) await sessions.end(id, "removed");
    }
  };

  return {
    listParticipants: async ({ params }) => ({ participants: await people.list(params.roomId) }),

    admitParticipant: async ({ params: { roomId, participantId }, actor }) => {
      const admitted = await inTurn(roomId, async () => {
        const seat = await needSeat(product, roomId, participantId);
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
        const seat = await needSeat(product, roomId, participantId);
        if (seat.admittedAt !== null)
          throw new ApiError("not_found", { message: "They were let in already, and do not wait any more." });
        if (!(await sessions.end(participantId, "refused"))) throw new ApiError("not_found");
        return seat;
      });
      await journal.note("participant.turned-away", actor, { roomId, detail: name });
      return undefined;
    },

    removeParticipant: async ({ params: { roomId, participantId }, query, who, actor }) => {
      const isForGood = query.ban === true;
      if (isForGood && participantId === who.participant.id) throw new ApiError("not_yourself");
      const { name, invitationId } = await inTurn(roomId, async () => {
        const seat = await needSeat(product, roomId, participantId);
        // Before the seat ends: whoever is cut comes back at once, and finds the door shut.
        const ban = { personId: seat.personId, name: seat.name, by: who.participant.name };
        if (isForGood && (await bans.add(roomId, ban)) === null) throw new ApiError("not_found");
        if (!(await sessions.end(participantId, "removed"))) throw new ApiError("not_found");
        if (isForGood) await endOthersOf(roomId, seat.personId);
        return seat;
      });
      const action = isForGood ? "participant.banned" : "participant.removed";
      await journal.note(action, actor, { roomId, detail: name });
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

/** A seat of this very room: nobody else's session can be changed from here, whatever its id. */
export async function needSeat(
  { sessions }: Pick<Product, "sessions">,
  roomId: string,
  id: string,
): Promise<SeatHolder> {
  const holder = (await sessions.byId(id))?.holder;
  if (holder?.kind !== "participant" || holder.roomId !== roomId) throw new ApiError("not_found");
  return holder;
}
