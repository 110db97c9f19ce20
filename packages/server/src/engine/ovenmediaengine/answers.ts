import { type Static, Type } from "typebox";

/** What the REST API answers, as recorded from v0.20.0: only what is read here; more is let be. */

const count = Type.Number();

/** GET /v1/version */
export const Version = Type.Object({ version: Type.String() });

/** A list of virtual hosts, applications or streams. */
export const Names = Type.Array(Type.String());

const Track = Type.Object({
  type: Type.String(),
  video: Type.Optional(
    Type.Object({
      codec: Type.String(),
      width: Type.Optional(count),
      height: Type.Optional(count),
      framerate: Type.Optional(count),
      framerateLatest: Type.Optional(count),
      bitrate: Type.Optional(count),
      bitrateLatest: Type.Optional(count),
      hasBframes: Type.Optional(Type.Boolean()),
      keyFrameIntervalLatest: Type.Optional(count),
    }),
  ),
  audio: Type.Optional(
    Type.Object({
      codec: Type.String(),
      samplerate: Type.Optional(count),
      channel: Type.Optional(count),
      bitrate: Type.Optional(count),
      bitrateLatest: Type.Optional(count),
    }),
  ),
});
/** One picture or sound of a stream. */
export type OmeTrack = Static<typeof Track>;

/** GET …/streams/NAME */
export const StreamFacts = Type.Object({
  input: Type.Object({
    /** ISO 8601; another one means another publish. */
    createdTime: Type.String(),
    /** Rtmp, Srt, WebRTC, Ovt. */
    sourceType: Type.String(),
    /** Such as TCP://192.0.2.1:50762. */
    sourceUrl: Type.Optional(Type.String()),
    tracks: Type.Array(Track),
  }),
  outputs: Type.Optional(Type.Array(Type.Object({ tracks: Type.Optional(Type.Array(Track)) }))),
});
/** What a stream is. */
export type StreamFacts = Static<typeof StreamFacts>;

/** GET /v1/stats/current… of a server, an application or a stream. The throughputs are bits over the last second. */
export const Figures = Type.Object({
  connections: Type.Record(Type.String(), count),
  createdTime: Type.String(),
  avgThroughputIn: count,
  avgThroughputOut: count,
  totalBytesIn: count,
  totalBytesOut: count,
});
/** How much goes through. */
export type Figures = Static<typeof Figures>;

/** GET …/apps/APP; its profiles. */
export const Application = Type.Object({
  name: Type.String(),
  outputProfiles: Type.Optional(
    Type.Object({ outputProfile: Type.Optional(Type.Array(Type.Object({ name: Type.String() }))) }),
  ),
});
/** An application. */
export type Application = Static<typeof Application>;

/** One of `:startRecord`, `:stopRecord` and `:records`. */
export const RecordState = Type.Object({
  id: Type.String(),
  /** ready (waits for its stream), recording, stopping, stopped, error. */
  state: Type.String(),
  stream: Type.Object({ name: Type.String() }),
  createdTime: Type.Optional(Type.String()),
  startTime: Type.Optional(Type.String()),
  recordBytes: Type.Optional(count),
  recordTime: Type.Optional(count),
});
/** A recording as OvenMediaEngine counts it; times in ms. */
export type RecordState = Static<typeof RecordState>;

/** `:records` */
export const RecordStates = Type.Array(RecordState);
