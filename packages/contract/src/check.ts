import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { IceServers, PlaybackTicket } from "./room.js";
import { route } from "./route.js";

/** What a browser needs to try its line before a review. */
export const LineCheck = Type.Object({
  /** Opens the check picture: bars and a tone of our own. Null while the media engine is away. */
  ticket: Nullable(PlaybackTicket),
  iceServers: IceServers,
  /** What the room's stream takes now, or what one should have for a good picture where nothing is live. */
  bitsPerSecond: Type.Number(),
  /** Whether that is the room's own figure. */
  isOfRoom: Type.Boolean(),
});
export type LineCheck = Static<typeof LineCheck>;

/** The check before joining: open to everybody who has a room's link, and bounded. */
export const checkRoutes = {
  beginCheck: route({
    method: "POST",
    path: "/check",
    access: "public",
    summary: "What a browser needs to try its line: a ticket for the check picture, TURN servers, a bit rate",
    body: Type.Object(
      { roomId: Type.Optional(Type.String({ maxLength: 64 })) },
      { additionalProperties: false },
    ),
    response: LineCheck,
    status: 201,
  }),
} as const;

/** Below the API's prefix: random bytes to measure the line with, at most `MAX_CHECK_BYTES` a request and few at once. */
export const CHECK_BYTES_PATH = "/check/bytes";

/** The most that one request to `CHECK_BYTES_PATH` gives: 4 s at 50 Mbit/s. */
export const MAX_CHECK_BYTES = 25_000_000;
