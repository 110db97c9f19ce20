import type { ReviewRoom, roomRoutes, Seat as SeatView } from "@colourstream/contract";
import { isPassword } from "../auth/password.js";
import { foldReadablePassword, tidyName } from "../domain/room.js";
import type { Seat } from "./access.js";
import type { Product } from "./context.js";
import type { Cookies } from "./cookies.js";
import { deviceOf } from "./device.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";

type ReviewRoutes = Pick<
  typeof roomRoutes,
  "joinRoom" | "readSeat" | "readReview" | "leaveRoom" | "makeTicket"
>;

/** A room as those in it see it. */
export function reviewHandlers(product: Product, cookies: Cookies): HandlersOf<ReviewRoutes> {
  const { sessions, guesses, directory, engine, journal } = product;

  const view = ({ room, participant, isHost }: Omit<Seat, "session" | "state">): ReviewRoom => ({
    id: room.id,
    name: room.name,
    participant,
    isHost,
    watermark: room.watermark,
    lockedAt: room.lockedAt?.getTime() ?? null,
    stream: engine.stream(room.id),
  });
  const viewSeat = ({
    room,
    participant,
    state,
  }: Pick<Seat, "room" | "participant" | "state">): SeatView => ({
    room: { id: room.id, name: room.name },
    participant,
    state,
  });

  return {
    joinRoom: async ({ params, body, actor, request, reply }) => {
      const guess = { kind: "room-password", target: params.roomId, address: request.ip } as const;
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
      const role = "reviewer";
      const admittedAt = product.wallClock();
      const seat = { roomId: room.id, name, role, invitationId: null, admittedAt } as const;
      const started = await sessions.startSeat(seat, deviceOf(request));
      if (started === null) throw new ApiError("room_password_wrong"); // deleted while the password was checked
      const { session, token } = started;
      const now = directory.byId(room.id);
      if (now === null || now.archivedAt !== null || now.passwordHash !== room.passwordHash) {
        // The room was shut or got another password while this one was checked: the seat came after all seats ended.
        await sessions.end(session.id, "session-ended");
        throw new ApiError("room_password_wrong");
      }
      const previous = cookies.seat(request, room.id);
      const earlier = previous === null ? null : await sessions.find(previous, request.ip);
      if (earlier?.holder.kind === "participant") await sessions.end(earlier.id, "session-ended");
      await journal.note("room.joined", { ...actor, actorId: session.id }, { roomId: room.id, detail: name });
      cookies.setSeat(request, reply, room.id, token, session.expiresAt);
      const joined = { room: now, participant: { id: session.id, name, role }, isHost: false } as const;
      return { seat: viewSeat({ ...joined, state: "admitted" }), review: view(joined) };
    },

    readSeat: async ({ who }) => viewSeat(who),

    readReview: async ({ who }) => view(who),

    leaveRoom: async ({ who, actor, reply }) => {
      if (who.session.holder.kind === "participant") {
        await sessions.end(who.session.id, "session-ended");
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
