import type { presenceRoutes } from "@colourstream/contract";
import type { Product } from "./context.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";
import { needSeat } from "./participants.js";

/** What hosts do with those in the room: roles, hands, bans. */
export function presenceHandlers(product: Product): HandlersOf<typeof presenceRoutes> {
  const { sessions, presence, bans, journal, inTurn } = product;
  return {
    changeParticipantRole: async ({ params: { roomId, participantId }, body: { role }, who, actor }) => {
      if (participantId === who.participant.id) throw new ApiError("not_yourself");
      const changed = await inTurn(roomId, async () => {
        const seat = await needSeat(product, roomId, participantId);
        if (seat.role === role) return null; // another host was quicker: they are what was asked for
        if (!(await sessions.changeRole(participantId, role))) throw new ApiError("not_found");
        return seat;
      });
      if (changed !== null) {
        const detail = `${changed.name}: ${changed.role}, now ${role}`;
        await journal.note("participant.role-changed", actor, { roomId, detail });
      }
      return undefined;
    },

    lowerHand: async ({ params: { roomId, participantId } }) => {
      if (presence.find(roomId, participantId) === null) throw new ApiError("not_found");
      presence.hand(roomId, participantId, false);
      return undefined;
    },

    listBans: async ({ params: { roomId } }) => ({ bans: bans.list(roomId) }),

    liftBan: async ({ params: { roomId, banId }, actor }) => {
      const lifted = await inTurn(roomId, () => bans.lift(roomId, banId));
      if (lifted === null) throw new ApiError("not_found");
      await journal.note("participant.ban-lifted", actor, { roomId, detail: lifted.name });
      return undefined;
    },
  };
}
