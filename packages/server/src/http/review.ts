import type { ReviewRoom, roomRoutes } from "@colourstream/contract";
import { isPassword } from "../auth/password.js";
import { foldReadablePassword, tidyName } from "../domain/room.js";
import type { StoredRoom } from "../store/rooms.js";
import type { Product } from "./context.js";
import type { Cookies } from "./cookies.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";

type ReviewRoutes = Pick<typeof roomRoutes, "joinRoom" | "readReview" | "leaveRoom" | "makeTicket">;

/** A room as those in it see it. */
export function reviewHandlers(product: Product, cookies: Cookies): HandlersOf<ReviewRoutes> {
  const { sessions, guesses, directory, engine, journal } = product;

  const view = (room: StoredRoom, participant: { id: string; name: string }): ReviewRoom => ({
    id: room.id,
    name: room.name,
    participant: { id: participant.id, name: participant.name },
    stream: engine.stream(room.id),
  });

  return {
    joinRoom: async ({ params, body, actor, request, reply }) => {
      const guess = { target: params.roomId, address: request.ip };
      const wait = guesses.take(guess);
      if (wait !== null) throw new ApiError("too_many_attempts", { retryAfterMs: wait });

      // A room that is not there, one that is archived and a wrong password look the same and take as long.
      const found = directory.byId(params.roomId);
      const room = found?.archivedAt === null ? found : null;
      const isRight = await isPassword(foldReadablePassword(body.password), room?.passwordHash ?? null);
      if (room === null || !isRight) {
        await journal.note("room.join-refused", actor, { roomId: params.roomId });
        throw new ApiError("room_password_wrong");
      }
      guesses.giveBack(guess);

      const name = tidyName(body.name);
      const started = await sessions.startParticipant(room.id, name);
      if (started === null) throw new ApiError("room_password_wrong"); // deleted while the password was checked
      const { session, token } = started;
      const now = directory.byId(room.id);
      if (now === null || now.archivedAt !== null || now.passwordHash !== room.passwordHash) {
        // The room was shut or got another password while this one was checked: the seat came after all seats ended.
        await sessions.end(session);
        throw new ApiError("room_password_wrong");
      }
      const previous = cookies.seat(request, room.id);
      const earlier = previous === null ? null : await sessions.find(previous);
      if (earlier?.holder.kind === "participant") await sessions.end(earlier);
      await journal.note("room.joined", { ...actor, actorId: session.id }, { roomId: room.id, detail: name });
      cookies.setSeat(request, reply, room.id, token, session.expiresAt);
      return view(now, { id: session.id, name });
    },

    readReview: async ({ who }) => view(who.room, who.participant),

    leaveRoom: async ({ who, actor, reply }) => {
      if (who.session.holder.kind === "participant") {
        await sessions.end(who.session);
        cookies.clearSeat(reply, who.room.id);
      }
      await engine.disconnect({ participantId: who.participant.id });
      await journal.note("room.left", actor, { roomId: who.room.id });
      return undefined;
    },

    makeTicket: async ({ who }) => {
      if (who.room.archivedAt !== null) throw new ApiError("room_archived");
      const { id: participantId } = who.participant;
      return engine.ticket(who.room.id, { participantId, sessionExpiresAt: who.session.expiresAt });
    },
  };
}
