import { type Static, Type } from "typebox";
import { Nullable } from "./nullable.js";
import { Sending } from "./presence.js";
import { IceServers } from "./room.js";
import { route } from "./route.js";
import { RoomParams, SeatRole } from "./seat.js";

const exact = { additionalProperties: false } as const;
const peerId = Type.String({ minLength: 22, maxLength: 22, pattern: "^[A-Za-z0-9_-]{22}$" });
const generation = Type.Integer({ minimum: 0, maximum: 1_000_000 });

/** The most people in a room's call: each sends to each (a mesh). */
export const MAX_CALL_PEOPLE = 8;
/** How long a place in the call is kept for somebody whose connection to the server broke. */
export const CALL_PLACE_KEPT_MS = 30_000;

/** Somebody in the call, as the others' pages see them. */
export const CallPeer = Type.Object({
  /** This page's in this call; it survives a lost connection by `resume`. */
  peerId: Type.String(),
  /** As in the room's presence. */
  id: Type.String(),
  name: Type.String(),
  role: SeatRole,
  isHost: Type.Boolean(),
  sending: Sending,
  /** Their connection to the server is away; sound and picture may go on. */
  isAway: Type.Boolean(),
});
export type CallPeer = Static<typeof CallPeer>;

/**
 * What two pages say to each other to connect. `gen` counts the RTCPeerConnections that a pair has had: what belongs
 * to an older one is dropped. `hard` asks for a new connection, `ice` for new paths of the same one (RFC 8445 §2.4).
 */
export const Signal = Type.Union([
  Type.Object(
    {
      kind: Type.Literal("description"),
      gen: generation,
      type: Type.Union([Type.Literal("offer"), Type.Literal("answer")]),
      sdp: Type.String({ maxLength: 32_768 }),
    },
    exact,
  ),
  Type.Object(
    {
      kind: Type.Literal("candidates"),
      gen: generation,
      /** As RTCIceCandidate.toJSON gives them; several of a moment go together. */
      candidates: Type.Array(
        Type.Object(
          {
            candidate: Type.String({ maxLength: 512 }),
            sdpMid: Nullable(Type.String({ maxLength: 16 })),
            sdpMLineIndex: Nullable(Type.Integer({ minimum: 0, maximum: 16 })),
            usernameFragment: Type.Optional(Nullable(Type.String({ maxLength: 256 }))),
          },
          exact,
        ),
        { maxItems: 32 },
      ),
    },
    exact,
  ),
  Type.Object(
    {
      kind: Type.Literal("restart"),
      gen: generation,
      how: Type.Union([Type.Literal("ice"), Type.Literal("hard")]),
    },
    exact,
  ),
]);
export type Signal = Static<typeof Signal>;

/** What somebody wants to get from another, beside the voice. */
export const Wants = Type.Object(
  {
    camera: Type.Boolean(),
    screen: Type.Boolean(),
    /** The camera at half the bits that it would have. */
    small: Type.Optional(Type.Boolean()),
  },
  exact,
);
export type Wants = Static<typeof Wants>;

/** What a page in the call says. */
export const callSays = [
  /** `resume`: the token of the place that it had. */
  Type.Object({ type: Type.Literal("call.join"), resume: Nullable(Type.String({ maxLength: 64 })) }, exact),
  Type.Object({ type: Type.Literal("call.leave") }, exact),
  Type.Object({ type: Type.Literal("call.signal"), to: peerId, signal: Signal }, exact),
  Type.Object({ type: Type.Literal("call.sending"), sending: Sending }, exact),
  /** What it wants to get from another: less, or voices alone, while the programme needs the line. */
  Type.Object({ type: Type.Literal("call.want"), to: peerId, ...Wants.properties }, exact),
  /** New STUN and TURN credentials. */
  Type.Object({ type: Type.Literal("call.ice") }, exact),
] as const;

/** Why somebody is not in the call any more, or does not come in. */
export const CallEnd = Type.Union([
  /** Eight are in it, or seven and the last place is kept for a host. */
  Type.Literal("full"),
  Type.Literal("left"),
  /** Sent out of the room, or their seat ended. */
  Type.Literal("removed"),
  /** Their connection did not come back in time. */
  Type.Literal("lost"),
  /** Another page of the same person has joined. */
  Type.Literal("elsewhere"),
  /** MiroTalk does not answer. */
  Type.Literal("away"),
]);
export type CallEnd = Static<typeof CallEnd>;

/** What a page is told to do with its microphone by a talk button elsewhere, or by a host (`mute`). */
export const MicPress = Type.Union([
  /** Open while held: it closes by itself after `forMs`, unless it is pressed again before. */
  Type.Literal("down"),
  Type.Literal("up"),
  /** Latch: opens or closes it. */
  Type.Literal("toggle"),
  Type.Literal("mute"),
]);
export type MicPress = Static<typeof MicPress>;

/** What a talk button can be pressed for. */
export const TalkPress = Type.Union([
  ...MicPress.anyOf,
  /** Still held: what is open stays open for another `forMs`. Opens nothing that was closed meanwhile. */
  Type.Literal("hold"),
  /** Closes everybody's microphone in the room but one's own; a host's button only. */
  Type.Literal("mute-all"),
  /** Changes nothing, answers how things are. */
  Type.Literal("look"),
]);
export type TalkPress = Static<typeof TalkPress>;

/** What those in the call are told. */
export const callTells = [
  Type.Object({
    type: Type.Literal("call.welcome"),
    roomId: Type.String(),
    peerId: Type.String(),
    resume: Type.String(),
    /** The place of before was kept: the connections between the pages still count. */
    isResumed: Type.Boolean(),
    /** The others. Of each pair the one with the larger peer id makes the offers. */
    peers: Type.Array(CallPeer),
    ice: IceServers,
    /** Until the credentials in it run out. */
    iceForMs: Type.Integer(),
  }),
  Type.Object({ type: Type.Literal("call.joined"), roomId: Type.String(), peer: CallPeer }),
  Type.Object({
    type: Type.Literal("call.left"),
    roomId: Type.String(),
    peerId: Type.String(),
    reason: CallEnd,
  }),
  Type.Object({
    type: Type.Literal("call.away"),
    roomId: Type.String(),
    peerId: Type.String(),
    isAway: Type.Boolean(),
  }),
  Type.Object({
    type: Type.Literal("call.signal"),
    roomId: Type.String(),
    from: Type.String(),
    signal: Signal,
  }),
  /** `byHost`: a host closed their microphone. Their voice is not played until they open it themselves. */
  Type.Object({
    type: Type.Literal("call.sending"),
    roomId: Type.String(),
    peerId: Type.String(),
    sending: Sending,
    byHost: Type.Boolean(),
  }),
  /** Their name, role or side is another now. */
  Type.Object({ type: Type.Literal("call.peer"), roomId: Type.String(), peer: CallPeer }),
  Type.Object({
    type: Type.Literal("call.want"),
    roomId: Type.String(),
    from: Type.String(),
    ...Wants.properties,
  }),
  Type.Object({
    type: Type.Literal("call.ice"),
    roomId: Type.String(),
    ice: IceServers,
    iceForMs: Type.Integer(),
  }),
  /** To the page whose microphone it is: a talk button was pressed, or a host muted it (`mute`). */
  Type.Object({
    type: Type.Literal("call.talk"),
    roomId: Type.String(),
    press: MicPress,
    /** For `down`. */
    forMs: Type.Integer(),
    /** Who did: "phone", "button" or the host's name. */
    by: Type.String(),
  }),
  /** MiroTalk: the page to show in a frame, in place of `call.welcome`. Another one later replaces it. */
  Type.Object({
    type: Type.Literal("call.frame"),
    roomId: Type.String(),
    url: Type.String({ description: "Opens the call to whoever has it: never shown, never logged" }),
  }),
  /** MiroTalk: nobody is let in before a host is there; `call.frame` follows then. */
  Type.Object({ type: Type.Literal("call.waiting"), roomId: Type.String() }),
  /** To the page itself: it is not in the call (any more). */
  Type.Object({ type: Type.Literal("call.ended"), roomId: Type.String(), reason: CallEnd }),
] as const;

/** How a talk button finds its microphone. */
export const Talk = Type.Object({
  roomName: Type.String(),
  name: Type.String({ description: "Whose microphone it is" }),
  /** Whether a page of theirs is in the call: without one there is nothing to open. */
  isInCall: Type.Boolean(),
  isLive: Type.Boolean({ description: "Whether the microphone is open now" }),
  mayTalk: Type.Boolean({ description: "False for an observer, who listens: nothing opens" }),
  isHost: Type.Boolean({ description: "Whether mute-all is theirs to press" }),
});
export type Talk = Static<typeof Talk>;

const pressed = {
  press: TalkPress,
  /** For `down` and `hold`. */
  forMs: Type.Optional(Type.Integer({ minimum: 500, maximum: 120_000, description: "30,000 when left out" })),
} as const;

const ParticipantParams = Type.Object({
  ...RoomParams.properties,
  participantId: Type.String({ minLength: 1, maxLength: 64 }),
});

/** The call outside the channel: hosts muting, and buttons that are not on the page. */
export const callRoutes = {
  muteParticipant: route({
    method: "POST",
    path: "/rooms/:roomId/participants/:participantId/mute",
    access: "host",
    scope: "people:write",
    summary: "Closes somebody's microphone in the call; they can open it again themselves",
    params: ParticipantParams,
    status: 204,
  }),
  muteEverybody: route({
    method: "POST",
    path: "/rooms/:roomId/mute-all",
    access: "host",
    scope: "people:write",
    summary: "Closes every microphone in the call",
    params: RoomParams,
    status: 204,
  }),
  makeTalkLink: route({
    method: "POST",
    path: "/rooms/:roomId/talk-link",
    access: "room",
    summary: "A link that makes a phone the talk button of whoever asks; the one before opens nothing more",
    params: RoomParams,
    response: Type.Object({
      /** The secret is behind its #. */
      link: Type.String(),
      expiresAt: Type.Number({ description: "ms since 1970" }),
    }),
    status: 201,
  }),
  pressTalk: route({
    method: "POST",
    path: "/talk",
    access: "public",
    summary: "Presses the talk button that a talk link is for",
    body: Type.Object({ secret: Type.String({ minLength: 1, maxLength: 128 }), ...pressed }, exact),
    response: Talk,
    status: 200,
  }),
  pressOwnTalk: route({
    method: "POST",
    path: "/rooms/:roomId/talk",
    access: "studio",
    scope: "talk:write",
    summary:
      "Opens and closes one's own microphone in the room's call, from a Stream Deck or another program",
    params: RoomParams,
    body: Type.Object(pressed, exact),
    response: Talk,
    status: 200,
  }),
} as const;
