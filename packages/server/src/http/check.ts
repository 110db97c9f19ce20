import type { checkRoutes } from "@colourstream/contract";
import { byHousehold, createAttempts, type MonotonicClock } from "../auth/attempts.js";
import { EngineAwayError } from "../engine/engine.js";
import type { AccessCheck } from "./access.js";
import type { Product } from "./context.js";
import { ApiError } from "./errors.js";
import type { HandlersOf } from "./implement.js";

/** Enough for a picture to be judged by: 1080p H.264 with little motion loses nothing visible at it. */
const GOOD_BITS_PER_SECOND = 10_000_000;

/** Who checks does so a few times; a check picture lives a minute, so this is also how many are sent at once. */
const PER_HOUSEHOLD = { count: 10, inMs: 60_000 };
const IN_ALL = { count: 30, inMs: 60_000 };

/** The check of a browser's line, before the door. */
export function checkHandlers(
  { engine }: Pick<Product, "engine">,
  access: Pick<AccessCheck, "seat">,
  clock: MonotonicClock,
): HandlersOf<typeof checkRoutes> {
  const ofHousehold = byHousehold(createAttempts(PER_HOUSEHOLD, clock));
  const inAll = createAttempts(IN_ALL, clock);

  return {
    beginCheck: async ({ body, request }) => {
      const wait = ofHousehold.take(request.ip) ?? inAll.take("all");
      if (wait !== null) throw new ApiError("too_many_attempts", { retryAfterMs: wait });
      // Only who is in the room learns of it: to anybody else every room, and none, looks the same.
      const seat = body.roomId === undefined ? null : await access.seat(request, body.roomId);
      const isIn = seat?.state === "admitted";
      const stream = isIn ? engine.stream(seat.room.id) : null;
      const ofRoom =
        stream === null ? 0 : (stream.video?.bitsPerSecond ?? 0) + (stream.audio?.bitsPerSecond ?? 0);
      const ticket = await engine.checkTicket(isIn ? seat.participant.id : null).catch((error: unknown) => {
        if (error instanceof EngineAwayError) return null;
        throw error;
      });
      return {
        ticket,
        iceServers: ticket?.iceServers ?? [],
        bitsPerSecond: ofRoom > 0 ? ofRoom : GOOD_BITS_PER_SECOND,
        isOfRoom: ofRoom > 0,
      };
    },
  };
}
