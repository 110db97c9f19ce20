import type { roomRoutes } from "@colourstream/contract";
import type { FastifyRequest } from "fastify";
import { isPassword } from "../auth/password.js";
import { foldReadablePassword, isOpen, tidyName } from "../domain/room.js";
import type { Seat } from "./access.js";
import type { Product } from "./context.js";
import type { Cookies } from "./cookies.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";
import { earlierSeat, reviewView, seatView, takeSeat } from "./seats.js";

type ReviewRoutes = Pick<
  typeof roomRoutes,
  "joinRoom" | "readSeat" | "readReview" | "leaveRoom" | "makeTicket"
>;

/** A room as those in it see it. */
export function reviewHandlers(product: Product, cookies: Cookies): HandlersOf<ReviewRoutes> {
  const { sessions, guesses, directory, engine, journal, wallClock } = product;

  /** Whether the session that asked is there still: it can end while its request is under way. */
  const isStillThere = async ({ session, room }: Seat, request: FastifyRequest): Promise<boolean> => {
    const isSeat = session.holder.kind === "participant";
    const token = isSeat ? cookies.seat(request, room.id) : cookies.user(request);
    return token !== null && (await sessions.find(token, request.ip)) !== null;
  };

  return {
    joinRoom: async ({ params, body, actor, request, reply }) => {
      const { roomId } = params;
      const guess = { kind: "room-password", target: roomId, address: request.ip } as const;
      const wait = guesses.take(guess);
      if (wait !== null) throw new ApiError("too_many_attempts", { retryAfterMs: wait });

      // A room that is not there, one that is shut and a wrong password look the same and take as long.
      const found = directory.byId(roomId);
      const room = found !== null && isOpen(found, wallClock()) ? found : null;
      const isRight = await isPassword(foldReadablePassword(body.password), room?.passwordHash ?? null);
      if (room === null || !isRight) {
        await journal.note("room.join-refused", actor, { roomId, detail: "wrong password" });
        throw new ApiError("room_password_wrong");
      }
      guesses.giveBack(guess);
      return takeSeat(product, cookies, {
        roomId,
        name: tidyName(body.name),
        role: "reviewer",
        way: { by: "password", passwordHash: room.passwordHash },
        closed: "room_password_wrong",
        earlier: await earlierSeat(product, cookies, request, roomId),
        actor,
        request,
        reply,
      });
    },

    readSeat: async ({ who }) => seatView(who),

    readReview: async ({ who }) => reviewView(product, who),

    leaveRoom: async ({ who, actor, reply }) => {
      if (who.session.holder.kind === "participant") {
        await sessions.end(who.session.id, "left");
        cookies.clearSeat(reply, who.room.id);
      }
      await engine.disconnect({ participantId: who.participant.id });
      await journal.note("room.left", actor, { roomId: who.room.id });
      return undefined;
    },

    makeTicket: async ({ who, body, request }) => {
      if (!isOpen(who.room, wallClock())) throw new ApiError("room_archived");
      const { id: participantId } = who.participant;
      const viewer = { participantId, sessionExpiresAt: who.session.expiresAt };
      const ticket = engine.ticket(who.room.id, viewer, {
        way: body.way ?? "webrtc",
        rendition: body.rendition ?? "untouched",
      });
      // Asked again, now that the ticket is there: who was sent out meanwhile had no ticket yet that could be voided.
      if (await isStillThere(who, request)) return ticket;
      await engine.disconnect({ participantId });
      throw new ApiError("not_found");
    },
  };
}
