import { type Static, Type } from "typebox";

const Colour = Type.Object({
  primaries: Type.Integer({ description: "ITU-T H.273 colour primaries" }),
  transfer: Type.Integer({ description: "ITU-T H.273 transfer characteristics" }),
  matrix: Type.Integer({ description: "ITU-T H.273 matrix coefficients" }),
  fullRange: Type.Boolean(),
});

/** The line from the encoder, as its protocol measures it: SRT and WHIP. Percentages are over the last 10 s. */
export const Link = Type.Object({
  rttMs: Type.Union([Type.Null(), Type.Number({ description: "There and back" })]),
  lostPercent: Type.Number({ description: "Packets that did not come at the first try" }),
  missingPercent: Type.Number({ description: "Packets that never came, so that the picture was damaged" }),
  /** SRT: how long a hole is waited for, as agreed with the encoder; null: the protocol has none. */
  latencyMs: Type.Union([Type.Null(), Type.Number()]),
  /** SRT: what it should be at least for this line, 4 × RTT; null until that is known. */
  advisedLatencyMs: Type.Union([Type.Null(), Type.Number()]),
  isEncrypted: Type.Boolean(),
});
export type Link = Static<typeof Link>;

/** What is arriving in a room now. Rates are over the last 2 s. */
export const StreamStatus = Type.Object({
  take: Type.String({
    description: "One publish, from connect to end; a reconnect within 30 s continues it.",
  }),
  state: Type.Union([Type.Literal("live"), Type.Literal("stalled"), Type.Literal("interrupted")]),
  sinceAt: Type.Number({ description: "When the take began, ms since 1970" }),
  source: Type.Union([
    Type.Null(),
    Type.Object({
      protocol: Type.Union([
        Type.Literal("rtmp"),
        Type.Literal("rtmps"),
        Type.Literal("srt"),
        Type.Literal("whip"),
        Type.Literal("test-signal"),
      ]),
      encoder: Type.Union([Type.Null(), Type.String()]),
    }),
  ]),
  video: Type.Union([
    Type.Null(),
    Type.Object({
      codec: Type.Union([
        Type.Literal("h264"),
        Type.Literal("h265"),
        Type.Literal("av1"),
        Type.Literal("vp9"),
      ]),
      profile: Type.String({ description: "Empty: the engine does not tell (OvenMediaEngine)" }),
      width: Type.Integer(),
      height: Type.Integer(),
      frameRate: Type.Union([Type.Null(), Type.Number()]),
      bitDepth: Type.Integer({ description: "0: the engine does not tell" }),
      chroma: Type.String({ description: "Empty: the engine does not tell" }),
      gopFrames: Type.Union([Type.Null(), Type.Integer()]),
      reorderFrames: Type.Integer(),
      colour: Type.Union([Type.Null(), Colour]),
      bitsPerSecond: Type.Number(),
    }),
  ]),
  audio: Type.Union([
    Type.Null(),
    Type.Object({
      codec: Type.Union([Type.Literal("aac"), Type.Literal("opus")]),
      sampleRate: Type.Integer(),
      channels: Type.Integer(),
      bitsPerSecond: Type.Number(),
    }),
  ]),
  sound: Type.Union([
    Type.Literal("ok"),
    Type.Literal("none-sent"),
    Type.Literal("codec-missing"),
    Type.Literal("restarting"),
    Type.Literal("unsupported"),
  ]),
  viewers: Type.Integer(),
  /** How the line from the encoder is doing; null where the protocol does not say (RTMP). */
  link: Type.Union([Type.Null(), Link]),
  warnings: Type.Array(
    Type.Union([
      Type.Literal("b-frames"),
      Type.Literal("long-gop"),
      Type.Literal("untagged-colour"),
      Type.Literal("no-video"),
      Type.Literal("codec-not-in-webrtc"),
      Type.Literal("latency-too-low"),
    ]),
  ),
  notices: Type.Array(Type.String()),
});
export type StreamStatus = Static<typeof StreamStatus>;

/** A publisher that was turned away a short while ago, for the studio to explain: encoders seldom do. */
export const RefusedPublish = Type.Object({
  at: Type.Number({ description: "ms since 1970" }),
  reason: Type.String({ description: "Such as already-live" }),
  detail: Type.String(),
  address: Type.String(),
  protocol: Type.Union([
    Type.Literal("rtmp"),
    Type.Literal("rtmps"),
    Type.Literal("srt"),
    Type.Literal("whip"),
  ]),
});
export type RefusedPublish = Static<typeof RefusedPublish>;
