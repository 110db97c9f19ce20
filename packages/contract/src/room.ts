import { type Static, Type } from "typebox";
import { route } from "./route.js";
import { RefusedPublish, StreamStatus } from "./stream.js";

/** A room's name: 1 to 80 characters, not only spaces. */
export const RoomName = Type.String({ minLength: 1, maxLength: 80, pattern: "\\S" });

/** A room's password as reviewers type it. */
export const RoomPassword = Type.String({ minLength: 8, maxLength: 128 });

const roomId = Type.String({ minLength: 22, maxLength: 22, pattern: "^[A-Za-z0-9_-]{22}$" });
const RoomParams = Type.Object({ roomId });

/** A room as the studio sees it. Its stream key is not in it: that is asked for by itself. */
export const Room = Type.Object({
  id: Type.String({ description: "128 random bits, base64url" }),
  name: Type.String(),
  createdAt: Type.Number({ description: "ms since 1970" }),
  archivedAt: Type.Union([Type.Null(), Type.Number()]),
  reviewerLink: Type.String({ description: "The address to forward; it opens with the password" }),
  reviewerPassword: Type.String(),
  stream: Type.Union([Type.Null(), StreamStatus]),
  lastRefused: Type.Union([Type.Null(), RefusedPublish]),
});
export type Room = Static<typeof Room>;

/** What a colourist types into the encoder. */
export const IngestUrl = Type.Object({
  protocol: Type.Union([
    Type.Literal("rtmp"),
    Type.Literal("rtmps"),
    Type.Literal("srt"),
    Type.Literal("whip"),
  ]),
  server: Type.String({ description: "OBS's field “Server”" }),
  key: Type.String({ description: "OBS's field “Stream Key”" }),
});
export type IngestUrl = Static<typeof IngestUrl>;

/** Every address that takes this room's picture: the studio shows one field pair for each protocol. */
export const IngestAddresses = Type.Object({ urls: Type.Array(IngestUrl) });
/** Every address that takes this room's picture. */
export type IngestAddresses = Static<typeof IngestAddresses>;

/** How a browser gets the picture: an address, a ticket for it, and how long that lives. */
export const PlaybackTicket = Type.Object({
  protocol: Type.Literal("whep"),
  url: Type.String({ description: "Where to POST the offer" }),
  ticket: Type.String({ description: "Bearer token; bound to room and participant; 60 s" }),
  expiresAt: Type.Number({ description: "ms since 1970" }),
  iceServers: Type.Array(
    Type.Object({
      urls: Type.Array(Type.String()),
      username: Type.Optional(Type.String()),
      credential: Type.Optional(Type.String()),
    }),
  ),
});
export type PlaybackTicket = Static<typeof PlaybackTicket>;

/** A room as its reviewer sees it. */
export const ReviewRoom = Type.Object({
  id: Type.String(),
  name: Type.String(),
  participant: Type.Object({ id: Type.String(), name: Type.String() }),
  stream: Type.Union([Type.Null(), StreamStatus]),
});
export type ReviewRoom = Static<typeof ReviewRoom>;

/** What the studio does with rooms, and how a reviewer gets into one and to its picture. */
export const roomRoutes = {
  listRooms: route({
    method: "GET",
    path: "/rooms",
    access: "studio",
    summary: "Lists the rooms, newest first, with what is live in them",
    query: Type.Object({ archived: Type.Optional(Type.Boolean()) }),
    response: Type.Object({ rooms: Type.Array(Room) }),
    status: 200,
  }),
  createRoom: route({
    method: "POST",
    path: "/rooms",
    access: "studio",
    summary: "Creates a room with its own stream key, link and password",
    body: Type.Object(
      { name: RoomName, password: Type.Optional(RoomPassword) },
      { additionalProperties: false },
    ),
    response: Room,
    status: 201,
  }),
  readRoom: route({
    method: "GET",
    path: "/rooms/:roomId",
    access: "studio",
    summary: "One room with what is live in it",
    params: RoomParams,
    response: Room,
    status: 200,
  }),
  changeRoom: route({
    method: "PATCH",
    path: "/rooms/:roomId",
    access: "studio",
    summary:
      "Renames a room, archives or restores it, or gives it another password (which ends its reviewers' sessions)",
    params: RoomParams,
    body: Type.Object(
      {
        name: Type.Optional(RoomName),
        password: Type.Optional(RoomPassword),
        archived: Type.Optional(Type.Boolean()),
      },
      { additionalProperties: false },
    ),
    response: Room,
    status: 200,
  }),
  deleteRoom: route({
    method: "DELETE",
    path: "/rooms/:roomId",
    access: "studio",
    summary: "Deletes a room for good and disconnects everyone in it",
    params: RoomParams,
    status: 204,
  }),
  readIngest: route({
    method: "POST",
    path: "/rooms/:roomId/ingest/reveal",
    access: "studio",
    summary: "Shows the ingest addresses and the stream key; noted in the audit log",
    params: RoomParams,
    response: IngestAddresses,
    status: 200,
  }),
  rotateKey: route({
    method: "POST",
    path: "/rooms/:roomId/ingest/rotate",
    access: "studio",
    summary: "Makes a new stream key; whoever publishes with the old one is cut within a second",
    params: RoomParams,
    response: IngestAddresses,
    status: 200,
  }),
  startTestSignal: route({
    method: "POST",
    path: "/rooms/:roomId/test-signal",
    access: "studio",
    summary: "Publishes bars, a running frame counter and a tone until stopped or an encoder takes over",
    params: RoomParams,
    status: 204,
  }),
  stopTestSignal: route({
    method: "DELETE",
    path: "/rooms/:roomId/test-signal",
    access: "studio",
    summary: "Stops the test signal",
    params: RoomParams,
    status: 204,
  }),
  joinRoom: route({
    method: "POST",
    path: "/rooms/:roomId/join",
    access: "public",
    summary: "Opens the room with its password; sets the participant's cookie",
    params: RoomParams,
    body: Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 60, pattern: "\\S" }),
        password: Type.String({ maxLength: 128 }),
      },
      { additionalProperties: false },
    ),
    response: ReviewRoom,
    status: 201,
  }),
  readReview: route({
    method: "GET",
    path: "/rooms/:roomId/review",
    access: "room",
    summary: "The room as the one who has joined sees it",
    params: RoomParams,
    response: ReviewRoom,
    status: 200,
  }),
  leaveRoom: route({
    method: "POST",
    path: "/rooms/:roomId/leave",
    access: "room",
    summary: "Ends the participant's session",
    params: RoomParams,
    status: 204,
  }),
  makeTicket: route({
    method: "POST",
    path: "/rooms/:roomId/ticket",
    access: "room",
    summary: "A playback ticket for this participant, good for 60 s",
    params: RoomParams,
    response: PlaybackTicket,
    status: 201,
  }),
} as const;
