import { type Static, Type } from "typebox";
import { Room } from "./room.js";
import { StreamStatus } from "./stream.js";

/** The WebSocket's address. The cookie says who is there; Origin is checked. */
export const REALTIME_PATH = "/api/v1/realtime";

/** A longer message from a browser closes the socket with 1009. */
export const MAX_CLIENT_MESSAGE_BYTES = 64 * 1024;

/** What a browser may say. `watch` chooses what it hears: one room as its participant, or the studio's rooms. */
export const ClientMessage = Type.Union([
  Type.Object(
    { type: Type.Literal("watch.room"), roomId: Type.String({ maxLength: 64 }) },
    { additionalProperties: false },
  ),
  Type.Object({ type: Type.Literal("watch.studio") }, { additionalProperties: false }),
  /** Clock: `clientAt` comes back with the server's wall clock, so that the player can tell its latency. */
  Type.Object({ type: Type.Literal("clock"), clientAt: Type.Number() }, { additionalProperties: false }),
]);
export type ClientMessage = Static<typeof ClientMessage>;

/** What the server says. */
export const ServerMessage = Type.Union([
  /** The stream in the watched room: at once after `watch.room`, then on every change and every 2 s while live. */
  Type.Object({
    type: Type.Literal("room.stream"),
    roomId: Type.String(),
    stream: Type.Union([Type.Null(), StreamStatus]),
  }),
  Type.Object({ type: Type.Literal("room.renamed"), roomId: Type.String(), name: Type.String() }),
  /** The room was deleted or archived, or the session in it ended: the page says so and stops trying. */
  Type.Object({
    type: Type.Literal("room.closed"),
    roomId: Type.String(),
    reason: Type.Union([Type.Literal("deleted"), Type.Literal("archived"), Type.Literal("session-ended")]),
  }),
  /** Studio: a room as it is now. */
  Type.Object({ type: Type.Literal("studio.room"), room: Room }),
  Type.Object({ type: Type.Literal("studio.roomDeleted"), roomId: Type.String() }),
  Type.Object({ type: Type.Literal("clock"), clientAt: Type.Number(), serverAt: Type.Number() }),
  Type.Object({ type: Type.Literal("refused"), error: Type.String(), message: Type.String() }),
]);
export type ServerMessage = Static<typeof ServerMessage>;
