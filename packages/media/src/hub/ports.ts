import type { LinkState, SoundState } from "../control/protocol.js";
import type { AccessUnit, AudioFormat, AudioUnit, VideoFormat } from "./access-unit.js";

/** Where a publisher comes from. */
export type PublisherSource = {
  readonly protocol: "rtmp" | "rtmps" | "srt" | "whip" | "test-signal";
  /** The peer's address without port; null for the test signal. */
  readonly address: string | null;
  /** What the encoder calls itself (flashVer, SRT peer version, User-Agent); null when it does not say. */
  readonly encoder: string | null;
};

/** Why a publisher was ended by us. */
export type PublisherEnd =
  | "taken-over"
  | "key-rotated"
  | "disconnected"
  | "test-signal-stopped"
  | "engine-stopping";

/** Why a publisher was not let in. */
export type PublishRefusal = "already-live";

/** What an ingest session hands to the hub; the hub calls back only through `end`. */
export type PublisherPort = {
  readonly source: PublisherSource;
  /** Called once when the hub ends the publisher; the session closes its socket. */
  end(reason: PublisherEnd): void;
  /** True when the socket below is known to be dead: a second publisher may then take over at once. */
  isDead(): boolean;
  /** Asks the encoder for a keyframe; the session throttles it. Null: this protocol cannot ask (RTMP, SRT). */
  readonly requestKeyframe: (() => void) | null;
  /** How the line is doing now; null: this protocol does not say. Called every 2 s and for each `streams` question. */
  link(): LinkState | null;
};

/** What the hub gives an accepted publisher. All calls are synchronous and cheap. */
export type Publication = {
  /** A new one before the first unit and whenever the parameter sets change. */
  videoFormat(format: VideoFormat): void;
  audioFormat(format: AudioFormat): void;
  /**
   * Hands one access unit on, in decoding order. `pts` and `dts` are the encoder's own, unwrapped; the hub rebases
   * them onto the stream's timeline so that a reconnect within the same take goes on where it was.
   */
  write(unit: AccessUnit): void;
  /** Extra facts for the studio, such as a track that was left out. */
  notice(text: string): void;
  /** The publisher has gone: by itself ("ended") or with its socket ("lost"). Idempotent. */
  close(how: "ended" | "lost"): void;
};

/** The hub as ingest sees it. */
export type PublishPoint = {
  /**
   * Lets a publisher in by the take-over rule: at once when nobody is live, when the one who is has sent nothing for
   * 1 s, is dead, or is the test signal; else refuses.
   */
  publish(stream: string, publisher: PublisherPort): Publication | PublishRefusal;
};

/** What a transcoder tells the stream. */
export type TranscoderCallbacks = {
  /** One Opus packet (48 kHz, stereo or mono) with its `pts` on the timeline of the units that were written. */
  opus(unit: AudioUnit): void;
  /** Called at every change: "ok" with the first packet out, "restarting" while the codec process is away. */
  state(state: SoundState): void;
};

/** AAC in, Opus out: made once per stream that sends AAC, closed with the take. All calls return at once. */
export type AudioTranscoder = {
  /** Before the first unit and whenever the source's format changes. */
  format(format: AudioFormat): void;
  write(unit: AudioUnit): void;
  close(): void;
};

/** Null when this machine has no codec: the stream's sound is then "codec-missing". */
export type MakeTranscoder = (callbacks: TranscoderCallbacks) => AudioTranscoder | null;
