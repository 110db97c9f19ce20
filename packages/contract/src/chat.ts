import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { route } from "./route.js";
import { RoomParams, SeatRole } from "./seat.js";

const exact = { additionalProperties: false } as const;
const time = Type.Number({ description: "ms since 1970" });
const messageId = Type.String({ minLength: 22, maxLength: 22, pattern: "^[A-Za-z0-9_-]{22}$" });

/** The longest message, in UTF-16 units: a page of text. */
export const MAX_CHAT_TEXT = 4_000;
/** The most people that one message can mention. */
export const MAX_MENTIONS = 20;

/** Who reads a message: everybody in the room, or the client's side, which is all but its hosts. */
export const ChatAudience = Type.Union([Type.Literal("all"), Type.Literal("side")]);
export type ChatAudience = Static<typeof ChatAudience>;

/** One message, as it is now. */
export const ChatMessage = Type.Object({
  id: Type.String(),
  /** What its writer's page called it: the answer to `chat.send`, and how a page knows its own. */
  clientId: Type.String(),
  author: Type.Object({ personId: Type.String(), name: Type.String(), role: SeatRole }),
  audience: ChatAudience,
  /** Empty once deleted. */
  text: Type.String(),
  /** Those whose @name stands in it, by the name that they had then. */
  mentions: Type.Array(Type.Object({ personId: Type.String(), name: Type.String() })),
  at: time,
  editedAt: Nullable(time),
  deletedAt: Nullable(time),
});
export type ChatMessage = Static<typeof ChatMessage>;

/**
 * A change of what a room keeps, with its number: every room counts its changes from 1, and nobody else's rooms count
 * along. Who misses some asks for what came after the last number that they have.
 */
export const HistoryEntry = Type.Object({ seq: Type.Integer(), message: ChatMessage });
export type HistoryEntry = Static<typeof HistoryEntry>;

/** What a page says to read and write a room's chat. */
export const chatSays = [
  /**
   * From now on tell me what the room keeps. `since` null: begin with the newest; else with every change after that
   * number. Said once after each `watch.room`.
   */
  Type.Object({ type: Type.Literal("history.watch"), since: Nullable(Type.Integer({ minimum: 0 })) }, exact),
  /** Sent again after a lost connection with the same `clientId`, it is kept once. */
  Type.Object(
    {
      type: Type.Literal("chat.send"),
      clientId: messageId,
      text: Type.String({ minLength: 1, maxLength: MAX_CHAT_TEXT }),
      mentions: Type.Array(Type.String({ maxLength: 64 }), { maxItems: MAX_MENTIONS }),
      audience: ChatAudience,
    },
    exact,
  ),
  Type.Object(
    {
      type: Type.Literal("chat.edit"),
      id: messageId,
      text: Type.String({ minLength: 1, maxLength: MAX_CHAT_TEXT }),
      mentions: Type.Array(Type.String({ maxLength: 64 }), { maxItems: MAX_MENTIONS }),
    },
    exact,
  ),
  /** One's own; a host's also those of others. */
  Type.Object({ type: Type.Literal("chat.delete"), id: messageId }, exact),
] as const;

/** What everybody who watches a room's history is told. */
export const chatTells = [
  /** The answer to `history.watch`. `isWhole`: forget what you had (it was too far behind, or the chat was cleared). */
  Type.Object({
    type: Type.Literal("history.begin"),
    roomId: Type.String(),
    /** The number of the room's last change. */
    seq: Type.Integer(),
    isWhole: Type.Boolean(),
    /** Whether there are older messages than these, to be read by `listChat`. Only with `isWhole`. */
    hasEarlier: Type.Boolean(),
    entries: Type.Array(HistoryEntry),
  }),
  /** A message was written, edited or deleted. */
  Type.Object({ type: Type.Literal("history.entry"), roomId: Type.String(), entry: HistoryEntry }),
  /** A message, edit or deletion was not taken; `ref` is its `clientId` or `id`; of a `history.watch`, that. */
  Type.Object({
    type: Type.Literal("chat.refused"),
    roomId: Type.String(),
    ref: Type.String(),
    error: Type.String(),
    message: Type.String(),
    /** Try again after so long; null: trying again does not help. */
    retryAfterMs: Nullable(Type.Integer()),
  }),
] as const;

/** A room's chat outside the channel: what is older, all of it as a text, and its end. */
export const chatRoutes = {
  listChat: route({
    method: "GET",
    path: "/rooms/:roomId/chat",
    access: "room",
    scope: "chat:read",
    summary: "Older messages of the room, oldest first",
    params: RoomParams,
    query: Type.Object({
      /** The id of the oldest message that one has. */
      before: Type.Optional(messageId),
    }),
    response: Type.Object({ messages: Type.Array(ChatMessage), hasEarlier: Type.Boolean() }),
    status: 200,
  }),
  exportChat: route({
    method: "GET",
    path: "/rooms/:roomId/chat/export",
    access: "room",
    scope: "chat:read",
    summary: "The room's chat as a text file",
    params: RoomParams,
    response: Type.String(),
    produces: "text/plain",
    status: 200,
  }),
  clearChat: route({
    method: "DELETE",
    path: "/rooms/:roomId/chat",
    access: "studio",
    summary: "Deletes every message of the room, for good",
    params: RoomParams,
    status: 204,
  }),
} as const;
