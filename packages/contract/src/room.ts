import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { RunningRecording } from "./recording.js";
import { route } from "./route.js";
import { Joined, Playout, ReviewRoom, RoomParams, Seat } from "./seat.js";
import { PersonName } from "./session.js";
import { RefusedPublish, StreamStatus } from "./stream.js";

/** A room's name: 1 to 80 characters, not only spaces. */
export const RoomName = Type.String({ minLength: 1, maxLength: 80, pattern: "\\S" });

/** A room's password as reviewers type it. */
export const RoomPassword = Type.String({ minLength: 8, maxLength: 128 });

const time = Type.Number({ description: "ms since 1970" });

/** A room as the studio sees it. Its stream key is not in it: that is asked for by itself. */
export const Room = Type.Object({
  id: Type.String({ description: "128 random bits, base64url" }),
  name: Type.String(),
  createdAt: time,
  archivedAt: Nullable(time),
  /** Whose room it is; null: the owner's. */
  colourist: Nullable(Type.Object({ id: Type.String(), name: Type.String() })),
  /** When it archives itself; null: never. */
  expiresAt: Nullable(time),
  /** Whether who comes waits until a host lets them in. */
  waitingRoom: Type.Boolean(),
  /** Since when nobody new can come in; null: it is open. */
  lockedAt: Nullable(time),
  /** Whether each viewer's name and the time lie over the picture. */
  watermark: Type.Boolean(),
  /** Whether SRT encoders must send encrypted. */
  srtEncrypted: Type.Boolean(),
  /** Whether every take is recorded from its first keyframe on. */
  autoRecord: Type.Boolean(),
  /** How viewers' browsers are to hold the picture. */
  playout: Playout,
  /** Whether a rendition for every browser is made beside the untouched one; OvenMediaEngine makes it. */
  universal: Type.Boolean(),
  /** Whether the engine that runs can make that rendition. */
  canTranscode: Type.Boolean(),
  /** What is being recorded now, or why the last recording stopped by itself. */
  recording: Nullable(RunningRecording),
  people: Type.Object({
    here: Type.Integer({ description: "Let in, with a page open now" }),
    waiting: Type.Integer({ description: "Waiting to be let in, with a page open now" }),
  }),
  reviewerLink: Type.String({ description: "The address to forward; it opens with the password" }),
  reviewerPassword: Type.String(),
  stream: Nullable(StreamStatus),
  lastRefused: Nullable(RefusedPublish),
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
  key: Type.String({
    description: "OBS's field “Stream Key”; over SRT the streamid, over WHIP the bearer token",
  }),
  url: Type.String({ description: "All in one, for encoders with one field" }),
  passphrase: Nullable(Type.String({ description: "SRT's, for encoders with a field of its own for it" })),
});
export type IngestUrl = Static<typeof IngestUrl>;

/** Every address that takes this room's picture: the studio shows one field pair for each protocol. */
export const IngestAddresses = Type.Object({ urls: Type.Array(IngestUrl) });
/** Every address that takes this room's picture. */
export type IngestAddresses = Static<typeof IngestAddresses>;

/** STUN and TURN servers as a browser takes them (W3C WebRTC §4.2.4). The credentials are this participant's, for an hour. */
export const IceServers = Type.Array(
  Type.Object({
    urls: Type.Array(Type.String()),
    username: Type.Optional(Type.String()),
    credential: Type.Optional(Type.String()),
  }),
);
export type IceServers = Static<typeof IceServers>;

/**
 * How a browser speaks to the engine. `whep`, `hls`: the embedded one, through our own origin. `ome`, `hls-url`:
 * OvenMediaEngine's WebSocket signalling and its LL-HLS, at the address of whichever of its nodes fits.
 */
export const PlaybackProtocol = Type.Union([
  Type.Literal("whep"),
  Type.Literal("hls"),
  Type.Literal("ome"),
  Type.Literal("hls-url"),
]);
export type PlaybackProtocol = Static<typeof PlaybackProtocol>;

/** How the picture comes: by WebRTC within a few frames, by LL-HLS a second or two later. */
export const PlaybackWay = Type.Union([Type.Literal("webrtc"), Type.Literal("hls")]);
export type PlaybackWay = Static<typeof PlaybackWay>;

/** `untouched`: what the encoder sent, bit for bit. `universal`: H.264 8-bit made from it, for every browser. */
export const Rendition = Type.Union([Type.Literal("untouched"), Type.Literal("universal")]);
export type Rendition = Static<typeof Rendition>;

/** How a browser gets the picture: an address, a ticket for it, and how long that lives. */
export const PlaybackTicket = Type.Object({
  protocol: PlaybackProtocol,
  url: Type.String({
    description:
      "whep: where to POST the offer. hls: where to POST nothing; Location names the playlist. ome: OvenMediaEngine's WebSocket, which makes the offer. hls-url: the playlist itself",
  }),
  ticket: Type.String({
    description:
      "Bearer token; bound to room and participant; 60 s. Empty where the ticket is the stream's name in the address (OvenMediaEngine passes no headers on)",
  }),
  rendition: Rendition,
  expiresAt: Type.Number({ description: "ms since 1970" }),
  iceServers: IceServers,
});
export type PlaybackTicket = Static<typeof PlaybackTicket>;

/** How the colourist's own browser sends its screen or camera: by WHIP, with a ticket in place of the stream key. */
export const PublishTicket = Type.Object({
  url: Type.String({ description: "Where to POST the offer" }),
  ticket: Type.String({ description: "Bearer token; bound to the room; 60 s" }),
  expiresAt: Type.Number({ description: "ms since 1970" }),
  iceServers: IceServers,
});
export type PublishTicket = Static<typeof PublishTicket>;

const options = {
  expiresAt: Type.Optional(Nullable(time)),
  waitingRoom: Type.Optional(Type.Boolean()),
  watermark: Type.Optional(Type.Boolean()),
  srtEncrypted: Type.Optional(Type.Boolean()),
  autoRecord: Type.Optional(Type.Boolean()),
  playout: Type.Optional(Playout),
  universal: Type.Optional(Type.Boolean()),
} as const;

/** What the studio does with rooms, and how a reviewer gets into one and to its picture. */
export const roomRoutes = {
  listRooms: route({
    method: "GET",
    path: "/rooms",
    access: "studio",
    scope: "rooms:read",
    summary: "Lists the rooms, newest first, with what is live in them",
    query: Type.Object({ archived: Type.Optional(Type.Boolean()) }),
    response: Type.Object({ rooms: Type.Array(Room) }),
    status: 200,
  }),
  createRoom: route({
    method: "POST",
    path: "/rooms",
    access: "studio",
    scope: "rooms:write",
    summary: "Creates a room with its own stream key, link and password",
    body: Type.Object(
      { name: RoomName, password: Type.Optional(RoomPassword), ...options },
      { additionalProperties: false },
    ),
    response: Room,
    status: 201,
  }),
  readRoom: route({
    method: "GET",
    path: "/rooms/:roomId",
    access: "studio",
    scope: "rooms:read",
    summary: "One room with what is live in it",
    params: RoomParams,
    response: Room,
    status: 200,
  }),
  changeRoom: route({
    method: "PATCH",
    path: "/rooms/:roomId",
    access: "studio",
    scope: "rooms:write",
    summary:
      "Changes a room: name, expiry, waiting room, watermark; archives or restores it; gives it another password, which sends out who came by the old one",
    params: RoomParams,
    body: Type.Object(
      {
        name: Type.Optional(RoomName),
        password: Type.Optional(RoomPassword),
        archived: Type.Optional(Type.Boolean()),
        ...options,
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
    scope: "rooms:write",
    summary: "Deletes a room for good and disconnects everyone in it",
    params: RoomParams,
    status: 204,
  }),
  endMeeting: route({
    method: "POST",
    path: "/rooms/:roomId/end",
    access: "studio",
    scope: "rooms:write",
    summary: "Sends everybody out and locks the room; the encoder may go on",
    params: RoomParams,
    status: 204,
  }),
  readIngest: route({
    method: "POST",
    path: "/rooms/:roomId/ingest/reveal",
    access: "studio",
    scope: "keys:read",
    summary: "Shows the ingest addresses and the stream key; noted in the audit log",
    params: RoomParams,
    response: IngestAddresses,
    status: 200,
  }),
  rotateKey: route({
    method: "POST",
    path: "/rooms/:roomId/ingest/rotate",
    access: "studio",
    scope: "keys:read",
    summary: "Makes a new stream key; whoever publishes with the old one is cut within a second",
    params: RoomParams,
    response: IngestAddresses,
    status: 200,
  }),
  shareFromBrowser: route({
    method: "POST",
    path: "/rooms/:roomId/share",
    access: "studio",
    summary: "A ticket to publish from this browser by WHIP, good for 60 s",
    params: RoomParams,
    response: PublishTicket,
    status: 201,
  }),
  switchEncoder: route({
    method: "POST",
    path: "/rooms/:roomId/switch-encoder",
    access: "studio",
    scope: "rooms:write",
    summary: "Lets the next encoder with the room's key take over at once, for a minute",
    params: RoomParams,
    status: 204,
  }),
  startTestSignal: route({
    method: "POST",
    path: "/rooms/:roomId/test-signal",
    access: "studio",
    scope: "rooms:write",
    summary: "Publishes bars, a running frame counter and a tone until stopped or an encoder takes over",
    params: RoomParams,
    status: 204,
  }),
  stopTestSignal: route({
    method: "DELETE",
    path: "/rooms/:roomId/test-signal",
    access: "studio",
    scope: "rooms:write",
    summary: "Stops the test signal",
    params: RoomParams,
    status: 204,
  }),
  joinRoom: route({
    method: "POST",
    path: "/rooms/:roomId/join",
    access: "public",
    summary: "Takes a seat in the room by its password; sets the participant's cookie",
    params: RoomParams,
    body: Type.Object(
      {
        name: PersonName,
        password: Type.String({ maxLength: 128 }),
      },
      { additionalProperties: false },
    ),
    response: Joined,
    status: 201,
  }),
  readSeat: route({
    method: "GET",
    path: "/rooms/:roomId/seat",
    access: "seat",
    summary: "One's place in the room: waiting, or let in",
    params: RoomParams,
    response: Seat,
    status: 200,
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
    access: "seat",
    summary: "Gives up one's seat",
    params: RoomParams,
    status: 204,
  }),
  makeTicket: route({
    method: "POST",
    path: "/rooms/:roomId/ticket",
    access: "room",
    summary:
      "A playback ticket for this participant, good for 60 s; by WebRTC, untouched, unless asked otherwise",
    params: RoomParams,
    body: Type.Object(
      { way: Type.Optional(PlaybackWay), rendition: Type.Optional(Rendition) },
      { additionalProperties: false },
    ),
    response: PlaybackTicket,
    status: 201,
  }),
} as const;
