import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { StreamStatus } from "./stream.js";

const roomId = Type.String({ minLength: 22, maxLength: 22, pattern: "^[A-Za-z0-9_-]{22}$" });
/** The room in a route's path. */
export const RoomParams = Type.Object({ roomId });

/**
 * What somebody may do in a room. `presenter`: lets people in and sends them out, locks the room. `reviewer`: takes
 * part. `observer`: watches. It comes from the invitation; by link and password everybody is a reviewer.
 */
export const SeatRole = Type.Union([
  Type.Literal("presenter"),
  Type.Literal("reviewer"),
  Type.Literal("observer"),
]);
export type SeatRole = Static<typeof SeatRole>;

/** One's place in a room. */
export const Seat = Type.Object({
  room: Type.Object({ id: Type.String(), name: Type.String() }),
  participant: Type.Object({ id: Type.String(), name: Type.String(), role: SeatRole }),
  state: Type.Union([Type.Literal("waiting"), Type.Literal("admitted")]),
});
export type Seat = Static<typeof Seat>;

/**
 * How a browser holds the picture. `lowest`: it shows each frame as it comes (playout delay 0). `smooth`: it holds as
 * much as its line needs, for networks that are lossy.
 */
export const Playout = Type.Union([Type.Literal("lowest"), Type.Literal("smooth")]);
export type Playout = Static<typeof Playout>;

/** What a room's call is: our own mesh between the pages, or MiroTalk's page in a frame. */
export const CallKind = Type.Union([Type.Literal("builtin"), Type.Literal("mirotalk")]);
export type CallKind = Static<typeof CallKind>;

/** A room as somebody who was let in sees it. */
export const ReviewRoom = Type.Object({
  id: Type.String(),
  name: Type.String(),
  participant: Type.Object({ id: Type.String(), name: Type.String(), role: SeatRole }),
  /** Whether they may let people in, send them out and lock the room. */
  isHost: Type.Boolean(),
  /** Whether the viewer's name and the time lie over the picture. */
  watermark: Type.Boolean(),
  lockedAt: Nullable(Type.Number({ description: "ms since 1970" })),
  playout: Playout,
  /** Whether there is a rendition for every browser beside the untouched one. */
  universal: Type.Boolean(),
  callKind: CallKind,
  stream: Nullable(StreamStatus),
});
export type ReviewRoom = Static<typeof ReviewRoom>;

/** The answer to joining: the seat, and the room too where one is let in at once. */
export const Joined = Type.Object({ seat: Seat, review: Nullable(ReviewRoom) });
export type Joined = Static<typeof Joined>;
