/**
 * The private protocol between the product (`server`) and the engine (`media`): JSON objects, one a line, over a local
 * socket that the engine listens on. Either side may ask; every question has an `id` and gets one answer with it.
 * The engine knows streams and tickets, never rooms or people: the product translates. The first line of a product is
 * `authenticate` with a token that it signed a moment ago; before that is accepted nothing else is answered.
 */

/** Raised with every change that an older peer would not understand; `hello` refuses another number. */
export const CONTROL_PROTOCOL = 4;

/** A longer line ends the connection. */
export const MAX_CONTROL_LINE_BYTES = 1024 * 1024;

/** The peer of an ingest or playback session. */
export type PeerAddress = {
  readonly address: string;
  readonly protocol: "rtmp" | "rtmps" | "srt" | "whip" | "whep" | "hls";
};

/** Why admission said no. `unknown-key` also stands for a room that is archived: both look the same from outside. */
export type RefusalReason =
  | "unknown-key"
  | "invalid-ticket"
  | "expired-ticket"
  | "address-blocked"
  | "not-ready";

/**
 * Admission's answer. `lifetimeMs` null: no limit. `viewer` names the participant for a later disconnect. `passphrase`:
 * what an SRT publisher must encrypt with (10 to 79 characters); null: it may come in the clear.
 */
export type Verdict =
  | {
      readonly allowed: true;
      readonly stream: string;
      readonly viewer: string | null;
      readonly lifetimeMs: number | null;
      readonly passphrase: string | null;
    }
  | { readonly allowed: false; readonly reason: RefusalReason };

/** The public half of a key that the product signs with (RFC 8037 §2). */
export type PublicKey = {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly kid: string;
  readonly alg: "EdDSA";
  readonly use: "sig";
};

/** The keys that are believed (RFC 7517 §5): the newest and the one before. */
export type PublicKeys = { readonly keys: readonly PublicKey[] };

/** How the engine process is set up: given as JSON in the environment variable `COLOURSTREAM_ENGINE`. */
export type EngineSettings = {
  /** Unix socket (or Windows pipe) that the product talks to. */
  readonly controlPath: string;
  /** Unix socket where WHEP, WHIP and LL-HLS are served over plain HTTP; the product passes requests on to it. */
  readonly httpPath: string;
  /** Null switches RTMP off. Port 0 takes any free one; `hello` tells which. */
  readonly rtmp: { readonly host: string; readonly port: number } | null;
  /** RTMP over TLS; null switches it off. The files are PEM and are read again when they change. */
  readonly rtmps: {
    readonly host: string;
    readonly port: number;
    readonly certFile: string;
    readonly keyFile: string;
  } | null;
  /** UDP. Null switches SRT off. Port 0 takes any free one. */
  readonly srt: { readonly host: string; readonly port: number } | null;
  /** Whether WHIP is answered. */
  readonly whip: boolean;
  /**
   * STUN and TURN for calls, UDP and TCP; null: none. Who has credentials made with `secret`
   * (draft-uberti-behave-turn-rest-00) is relayed to others who have, and nowhere else. Port 0 takes any free one.
   */
  readonly relay: { readonly host: string; readonly port: number; readonly secret: string } | null;
  /** Folder that recordings are written into, and no other. */
  readonly recordingsDir: string;
  readonly webrtc: {
    /** UDP ports, inclusive; the first free one carries all viewers. */
    readonly firstPort: number;
    readonly lastPort: number;
    /** Put into ICE candidates in place of the machine's own addresses; null announces those. */
    readonly publicAddress: string | null;
    /** Local address to bind; null for all. */
    readonly bindAddress: string | null;
  };
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** The engine ends by itself when no product has been connected for so long. */
  readonly orphanMs: number;
  /** Whose tokens open the control socket at first; later ones come by `trustKeys`, so they are not in the hash. */
  readonly serviceKeys: PublicKeys;
};

/** The state of a stream: `interrupted` is the 30 s in which a returning encoder continues the same take. */
export type StreamState = "live" | "stalled" | "interrupted";

/** Why viewers hear nothing, or "ok". */
export type SoundState = "ok" | "none-sent" | "codec-missing" | "restarting" | "unsupported";

/** What the studio should tell the colourist in plain words. */
export type StreamWarning =
  | "b-frames"
  | "long-gop"
  | "untagged-colour"
  | "no-video"
  | "codec-not-in-webrtc"
  | "latency-too-low";

/** The line from the encoder, as its protocol measures it. Percentages are over the last 10 s. */
export type LinkState = {
  /** There and back; null until measured. */
  readonly rttMs: number | null;
  /** Packets that did not come at the first try. */
  readonly lostPercent: number;
  /** Packets that never came. */
  readonly missingPercent: number;
  /** SRT: how long a hole is waited for, as agreed with the encoder; null: the protocol has none. */
  readonly latencyMs: number | null;
  /** SRT: 4 × RTT, null until that is known. */
  readonly advisedLatencyMs: number | null;
  readonly isEncrypted: boolean;
};

/** A recording under way. */
export type EngineRecording = {
  /** The product's id of it. */
  readonly recording: string;
  readonly stream: string;
  /** Wall clock, milliseconds since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly bytes: number;
};

/**
 * Why a recording ended. "take-ended": its publisher did not come back within 30 s. "format-changed": another picture
 * size, codec or sound began, which one file cannot hold: the product starts the next one if it wants it.
 */
export type RecordingEnd =
  | "stopped"
  | "take-ended"
  | "format-changed"
  | "disk-full"
  | "failed"
  | "engine-stopping";

/** One stream as the engine sees it now. Rates are over the last 2 s. */
export type EngineStream = {
  readonly stream: string;
  readonly take: string;
  readonly state: StreamState;
  /** When the take began: wall clock, milliseconds since 1970. */
  readonly sinceAt: number;
  readonly source: {
    readonly protocol: "rtmp" | "rtmps" | "srt" | "whip" | "test-signal";
    readonly address: string | null;
    readonly encoder: string | null;
  } | null;
  readonly video: {
    readonly codec: "h264" | "h265" | "av1" | "vp9";
    readonly profile: string;
    readonly width: number;
    readonly height: number;
    /** Measured from time stamps; null until 1 s of video has come. */
    readonly frameRate: number | null;
    readonly bitDepth: number;
    readonly chroma: "4:0:0" | "4:2:0" | "4:2:2" | "4:4:4";
    /** From one keyframe to the next; null until two have come. */
    readonly gopFrames: number | null;
    readonly reorderFrames: number;
    readonly colour: {
      readonly primaries: number;
      readonly transfer: number;
      readonly matrix: number;
      readonly fullRange: boolean;
    } | null;
    readonly bitsPerSecond: number;
  } | null;
  readonly audio: {
    readonly codec: "aac" | "opus";
    readonly sampleRate: number;
    readonly channels: number;
    readonly bitsPerSecond: number;
  } | null;
  readonly sound: SoundState;
  readonly viewers: number;
  /** Null where the protocol does not say. */
  readonly link: LinkState | null;
  readonly warnings: readonly StreamWarning[];
  readonly notices: readonly string[];
};

/** What the product asks of the engine: question → answer. */
export type EngineCalls = {
  /** A JWT for the audience `media-engine`, at most a minute old and never shown before. */
  authenticate: { ask: { readonly token: string }; answer: Record<string, never> };
  hello: {
    ask: { readonly protocol: number; readonly settingsHash: string };
    answer: {
      readonly protocol: number;
      readonly build: string;
      readonly pid: number;
      /** The hash of the settings it was started with: another one means restart it. */
      readonly settingsHash: string;
      readonly rtmpPort: number | null;
      readonly rtmpsPort: number | null;
      readonly srtPort: number | null;
      readonly webrtcPort: number;
      /** Null: no relay is wanted, or its port is another program's: it comes on when that is free. */
      readonly relayPort: number | null;
      readonly streams: readonly EngineStream[];
      readonly recordings: readonly EngineRecording[];
    };
  };
  ping: { ask: Record<string, never>; answer: Record<string, never> };
  streams: { ask: Record<string, never>; answer: { readonly streams: readonly EngineStream[] } };
  /** Ends the publisher (`key-rotated`, `disconnected`), the viewers, or both of a stream; or one viewer anywhere. */
  disconnect: {
    ask:
      | {
          readonly stream: string;
          readonly who: "publisher" | "viewers" | "all";
          readonly reason: "key-rotated" | "disconnected";
        }
      | { readonly viewer: string };
    answer: { readonly ended: number };
  };
  startTestSignal: {
    ask: { readonly stream: string };
    answer: { readonly started: boolean; readonly reason: "already-live" | null };
  };
  /** For 60 s the next publisher with the stream's key takes over at once, whatever the one before does. */
  allowTakeOver: { ask: { readonly stream: string }; answer: Record<string, never> };
  /**
   * Begins to write `<recordingsDir>/<recording>.part.mp4` from the last keyframe on, or from the first one when the
   * take has just begun. "not-live": no take. "already-recording": one at a time for each stream.
   */
  startRecording: {
    ask: { readonly stream: string; readonly recording: string };
    answer: {
      readonly started: boolean;
      readonly reason: "not-live" | "already-recording" | "disk-full" | "failed" | null;
    };
  };
  /** Ends it; all is on disk when it is answered. The event `recordingEnded` comes before. */
  stopRecording: { ask: { readonly recording: string }; answer: { readonly stopped: boolean } };
  /** Writes the last keyframe as `<recordingsDir>/<recording>.keyframe.mp4`, an MP4 of one picture; the asker deletes it. */
  saveKeyframe: {
    ask: { readonly stream: string; readonly recording: string };
    answer: { readonly saved: boolean };
  };
  stopTestSignal: { ask: { readonly stream: string }; answer: { readonly stopped: boolean } };
  /** The product has a new key: these are believed from now on, and no others. */
  trustKeys: { ask: PublicKeys; answer: Record<string, never> };
  /** The engine answers, closes all sessions and exits with code 0. */
  shutdown: { ask: Record<string, never>; answer: Record<string, never> };
};

/** What the engine asks of the product; answered from memory within 50 ms. */
export type ProductCalls = {
  mayPublish: { ask: { readonly key: string; readonly from: PeerAddress }; answer: Verdict };
  mayPlay: { ask: { readonly ticket: string; readonly from: PeerAddress }; answer: Verdict };
};

/** What the engine tells without being asked. */
export type EngineEvent =
  | { readonly event: "published"; readonly stream: EngineStream; readonly resumed: boolean }
  | { readonly event: "changed"; readonly stream: EngineStream }
  | { readonly event: "stalled"; readonly stream: EngineStream }
  | { readonly event: "recovered"; readonly stream: EngineStream }
  /** The publisher has gone; the take stays open for 30 s (`interrupted`). */
  | { readonly event: "interrupted"; readonly stream: EngineStream }
  /** The take is over. */
  | { readonly event: "unpublished"; readonly stream: string; readonly take: string; readonly reason: string }
  /** Once a second while it grows. */
  | { readonly event: "recordingGrew"; readonly recording: EngineRecording }
  | {
      readonly event: "recordingEnded";
      readonly recording: EngineRecording;
      readonly why: RecordingEnd;
      /** In words, where something went wrong; never a path. */
      readonly detail: string | null;
    }
  | {
      readonly event: "publishRefused";
      /** The stream when the key was right (already live), else null. */
      readonly stream: string | null;
      readonly from: PeerAddress;
      readonly reason: RefusalReason | "already-live" | "not-understood";
      readonly detail: string;
    };

/** One line on the wire. */
export type ControlLine =
  | { readonly ask: string; readonly id: number; readonly with: unknown }
  | { readonly answer: number; readonly is: unknown }
  | { readonly answer: number; readonly failed: { readonly code: string; readonly message: string } }
  | { readonly tell: EngineEvent };
