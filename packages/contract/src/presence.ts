import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { route } from "./route.js";
import { RoomParams, SeatRole } from "./seat.js";

const exact = { additionalProperties: false } as const;
const time = Type.Number({ description: "ms since 1970" });

/** How the programme's picture reaches somebody, as their player measures it. */
export const Viewing = Type.Object(
  {
    /** `universal`: by WebRTC, the rendition for every browser. */
    way: Type.Union([Type.Literal("webrtc"), Type.Literal("universal"), Type.Literal("hls")]),
    /** From the frame's arrival at the server to their screen. */
    latencyMs: Nullable(Type.Number({ minimum: 0, maximum: 600_000 })),
    latencyFrames: Nullable(Type.Number({ minimum: 0, maximum: 100_000 })),
    /** Packets lost in the last seconds; null: their player cannot tell. */
    lossPercent: Nullable(Type.Number({ minimum: 0, maximum: 100 })),
    /** Since they began to watch. */
    freezes: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
  },
  exact,
);
export type Viewing = Static<typeof Viewing>;

/** What somebody in the call sends. Joining opens no device: all begin false. */
export const Sending = Type.Object(
  {
    mic: Type.Boolean({ description: "The microphone is open and heard" }),
    camera: Type.Boolean(),
    screen: Type.Boolean(),
    /** What they say goes to the client's side alone: to nobody who hosts the room. */
    side: Type.Boolean(),
  },
  exact,
);
export type Sending = Static<typeof Sending>;

/** Somebody in the room with a page open, as everybody in it sees them. */
export const Person = Type.Object({
  /** The seat's, or the login's of an owner or colourist: one person with two browsers is here twice. */
  id: Type.String(),
  /** The same for one browser in this room from seat to seat, and for one account: whose messages they are. */
  personId: Type.String(),
  name: Type.String(),
  role: SeatRole,
  isHost: Type.Boolean(),
  /** Since when they are here. */
  since: time,
  /** Null: they see no picture now. */
  viewing: Nullable(Viewing),
  /** Since when their hand is up. */
  handAt: Nullable(time),
  /** Null: they are not in the call. */
  call: Nullable(Sending),
});
export type Person = Static<typeof Person>;

/** What a page says of the one before it. */
export const presenceSays = [
  /** Every 2 s at most, while there is a picture. */
  Type.Object({ type: Type.Literal("presence.viewing"), viewing: Nullable(Viewing) }, exact),
  Type.Object({ type: Type.Literal("presence.hand"), isUp: Type.Boolean() }, exact),
] as const;

/** What everybody in a room is told of who is in it. */
export const presenceTells = [
  /**
   * `isAll`: these are all, as after `watch.room`; else those who came or are not as they were. Of what changes often
   * (latency, loss) it is told every 2 s at most.
   */
  Type.Object({
    type: Type.Literal("room.presence"),
    roomId: Type.String(),
    /** With `isAll`: the one who is told, their own entry in the list. Else null: as it was. */
    you: Nullable(Type.String()),
    isAll: Type.Boolean(),
    people: Type.Array(Person),
    /** Ids of those who went. */
    gone: Type.Array(Type.String()),
  }),
  /** To one whose role was changed by a host. */
  Type.Object({
    type: Type.Literal("seat.role"),
    roomId: Type.String(),
    role: SeatRole,
    isHost: Type.Boolean(),
  }),
] as const;

/** Somebody who was sent out for good. */
export const Ban = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** Who sent them out. */
  by: Type.String(),
  at: time,
});
export type Ban = Static<typeof Ban>;

const ParticipantParams = Type.Object({
  ...RoomParams.properties,
  participantId: Type.String({ minLength: 1, maxLength: 64 }),
});
const BanParams = Type.Object({
  ...RoomParams.properties,
  banId: Type.String({ minLength: 1, maxLength: 64 }),
});

/** What a room's hosts do with those in it, beside letting in and sending out. */
export const presenceRoutes = {
  changeParticipantRole: route({
    method: "POST",
    path: "/rooms/:roomId/participants/:participantId/role",
    access: "host",
    scope: "people:write",
    summary: "Makes somebody presenter, reviewer or observer, from now on and until their seat ends",
    params: ParticipantParams,
    body: Type.Object({ role: SeatRole }, exact),
    status: 204,
  }),
  lowerHand: route({
    method: "POST",
    path: "/rooms/:roomId/participants/:participantId/lower-hand",
    access: "host",
    scope: "people:write",
    summary: "Takes somebody's raised hand down",
    params: ParticipantParams,
    status: 204,
  }),
  listBans: route({
    method: "GET",
    path: "/rooms/:roomId/bans",
    access: "host",
    scope: "people:read",
    summary: "Who was sent out of the room for good",
    params: RoomParams,
    response: Type.Object({ bans: Type.Array(Ban) }),
    status: 200,
  }),
  liftBan: route({
    method: "DELETE",
    path: "/rooms/:roomId/bans/:banId",
    access: "host",
    scope: "people:write",
    summary: "Lets somebody come back who was sent out for good",
    params: BanParams,
    status: 204,
  }),
} as const;
