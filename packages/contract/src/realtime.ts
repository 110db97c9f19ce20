import { type Static, Type } from "typebox";
import { callSays, callTells } from "./call.js";
import { chatSays, chatTells } from "./chat.js";
import { Participant } from "./participant.js";
import { presenceSays, presenceTells } from "./presence.js";
import { Room } from "./room.js";
import { Playout } from "./seat.js";
import { StreamStatus } from "./stream.js";

/** The WebSocket's address. The cookie says who is there; Origin is checked. */
export const REALTIME_PATH = "/api/v1/realtime";

/** A longer message from a browser closes the socket with 1009. */
export const MAX_CLIENT_MESSAGE_BYTES = 64 * 1024;

/**
 * What a browser may say. `watch` chooses what it hears: one room as its participant, or the studio's rooms. All that
 * names no room concerns the one that is watched. docs/realtime.md is the page about it.
 */
export const ClientMessage = Type.Union([
  Type.Object(
    { type: Type.Literal("watch.room"), roomId: Type.String({ maxLength: 64 }) },
    { additionalProperties: false },
  ),
  Type.Object({ type: Type.Literal("watch.studio") }, { additionalProperties: false }),
  /** Clock: `clientAt` comes back with the server's wall clock, so that the player can tell its latency. */
  Type.Object({ type: Type.Literal("clock"), clientAt: Type.Number() }, { additionalProperties: false }),
  ...presenceSays,
  ...chatSays,
  ...callSays,
]);
export type ClientMessage = Static<typeof ClientMessage>;

/** Why somebody is no longer in a room. */
export const ClosedReason = Type.Union([
  Type.Literal("deleted"),
  Type.Literal("archived"),
  Type.Literal("expired"),
  /** Their session ended: it ran out, they left elsewhere, or the room's password changed. */
  Type.Literal("session-ended"),
  /** By their own will, on this page or another of theirs. */
  Type.Literal("left"),
  /** The colourist ended the meeting for everybody. */
  Type.Literal("meeting-ended"),
  Type.Literal("removed"),
  Type.Literal("refused"),
  Type.Literal("invitation-revoked"),
]);
export type ClosedReason = Static<typeof ClosedReason>;

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
    reason: ClosedReason,
  }),
  /** To a seat that waits: at once after `watch.room`. */
  Type.Object({ type: Type.Literal("seat.waiting"), roomId: Type.String() }),
  /** To a seat that was let in: what belongs to the room follows. */
  Type.Object({ type: Type.Literal("seat.admitted"), roomId: Type.String() }),
  /** The room's switches that concern those in it. */
  Type.Object({
    type: Type.Literal("room.options"),
    roomId: Type.String(),
    watermark: Type.Boolean(),
    lockedAt: Type.Union([Type.Null(), Type.Number()]),
    playout: Playout,
    universal: Type.Boolean(),
  }),
  /** To the room's hosts, in it and in the studio: who is there and who waits, after every change. */
  Type.Object({
    type: Type.Literal("room.people"),
    roomId: Type.String(),
    participants: Type.Array(Participant),
  }),
  ...presenceTells,
  ...chatTells,
  ...callTells,
  /** Studio: a room as it is now. */
  Type.Object({ type: Type.Literal("studio.room"), room: Room }),
  Type.Object({ type: Type.Literal("studio.roomDeleted"), roomId: Type.String() }),
  Type.Object({ type: Type.Literal("clock"), clientAt: Type.Number(), serverAt: Type.Number() }),
  Type.Object({ type: Type.Literal("refused"), error: Type.String(), message: Type.String() }),
]);
export type ServerMessage = Static<typeof ServerMessage>;
