import type {
  EngineView,
  IceServers,
  IngestUrl,
  PlaybackTicket,
  PlaybackWay,
  PublishTicket,
  RefusedPublish,
  Rendition,
  SettingName,
  StreamStatus,
} from "@colourstream/contract";

/** One publish, as the engine tells it. */
export type EngineTake = {
  readonly id: string;
  readonly roomId: string;
  readonly sinceAt: number;
  readonly protocol: string | null;
  readonly encoder: string | null;
};

/** What an engine tells without being asked. */
export type EngineNews =
  /** The room's stream, its viewers or its last refused publisher are not what they were. */
  | { readonly is: "changed"; readonly roomId: string }
  /** Somebody tried to publish with a key that no room has. */
  | { readonly is: "wrong-key"; readonly address: string; readonly protocol: string }
  | { readonly is: "take-began"; readonly take: EngineTake }
  | { readonly is: "take-ended"; readonly takeId: string; readonly reason: string }
  /** After (re)connecting to the engine: every take that runs. All others have ended unseen. */
  | { readonly is: "takes"; readonly running: readonly string[] }
  | { readonly is: "recording-grew"; readonly recording: EngineRecording }
  | {
      readonly is: "recording-ended";
      readonly recording: EngineRecording;
      readonly why: RecordingEnd;
      readonly detail: string | null;
    }
  /** After (re)connecting to the engine: every recording that runs. All others have ended unseen. */
  | { readonly is: "recordings"; readonly running: readonly EngineRecording[] };

/** A recording as the engine tells of it. */
export type EngineRecording = {
  readonly id: string;
  readonly roomId: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly bytes: number;
};

/** Why a recording ended. After "format-changed" the next file can begin at once. */
export type RecordingEnd =
  | "stopped"
  | "take-ended"
  | "format-changed"
  | "disk-full"
  | "failed"
  | "engine-stopping";

/** What encoders publish into a room with: the key over RTMP(S) and WHIP, an id and a passphrase over SRT. */
export type IngestAccess = {
  readonly key: string;
  readonly srtId: string;
  /** Null: the room lets SRT come in the clear. */
  readonly srtPassphrase: string | null;
};

/** The engine is restarting: whoever asked is told to try again. */
export class EngineAwayError extends Error {
  constructor(cause?: Error) {
    super("the media engine is restarting", { cause });
    this.name = "EngineAwayError";
  }
}

/** This engine has no such thing; the message says so to a person. */
export class EngineCannotError extends Error {
  constructor(why: string) {
    super(why);
    this.name = "EngineCannotError";
  }
}

/** The engine cannot work with a setting; the message names it and says why. */
export class EngineSettingError extends Error {
  readonly setting: SettingName;

  constructor(setting: SettingName, why: string) {
    super(why);
    this.name = "EngineSettingError";
    this.setting = setting;
  }
}

/** Who watches, and until when at most (wall clock). */
export type Viewer = { readonly participantId: string; readonly sessionExpiresAt: number };

/** How somebody would like the picture. An engine without that rendition gives the untouched one. */
export type PlaybackWish = { readonly way: PlaybackWay; readonly rendition: Rendition };

/** Takes video in and gives it out. It is asked in rooms and participants; how it names streams is its own affair. */
export type MediaEngine = {
  /** Resolves when the engine answers, or when it is to be tried again later; rejects when only the operator can help. */
  start(): Promise<void>;
  /** Ends the engine and its sessions; resolves within 4 s. */
  stop(): Promise<void>;
  isAway(): boolean;
  /** The port of the calls' own STUN and TURN, UDP and TCP; null: there is none now. */
  relayPort(): number | null;
  /** What is typed into an encoder to publish with these; `origin` is where the studio was opened, null: nowhere. */
  ingestUrls(access: IngestAccess, origin: string | null): IngestUrl[];
  /** Throws `EngineAwayError` while there is no engine to watch on. */
  ticket(roomId: string, viewer: Viewer, wish: PlaybackWish): PlaybackTicket;
  /** A ticket to publish into the room by WHIP from the studio's own page. Throws `EngineAwayError`. */
  publishTicket(roomId: string): PublishTicket;
  /**
   * A ticket for the check picture, which anybody may see. A stranger (null) gets no credentials for TURN servers with
   * it: those relay whatever their holder likes. Throws `EngineAwayError`.
   */
  checkTicket(participantId: string | null): Promise<PlaybackTicket>;
  /** STUN and TURN servers with credentials for one viewer, as the settings say. */
  iceServers(participantId: string): IceServers;
  /** Lets the next encoder with the room's key take over at once, for a minute. */
  allowTakeOver(roomId: string): Promise<void>;
  /** Begins to write `<dataDir>/recordings/<id>.part.mp4`. Throws `EngineAwayError`. */
  startRecording(
    roomId: string,
    id: string,
  ): Promise<"started" | "not-live" | "already-recording" | "disk-full" | "failed">;
  /** All is on disk when it resolves. False when there is no such recording (any more). */
  stopRecording(id: string): Promise<boolean>;
  /**
   * Writes the last keyframe as `<dataDir>/recordings/<id>.keyframe.mp4`, for a thumbnail. False when there is none.
   * Throws `EngineAwayError`.
   */
  saveKeyframe(roomId: string, id: string): Promise<boolean>;
  /** What is arriving in the room, as of the last 2 s at most. */
  stream(roomId: string): StreamStatus | null;
  /** The publisher that was turned away last, for 10 minutes or until one is let in. */
  lastRefused(roomId: string): RefusedPublish | null;
  /** Cuts them and voids their tickets. With the engine away there is nobody to cut. */
  disconnect(
    who:
      | {
          readonly roomId: string;
          readonly streamName: string;
          readonly who: "publisher";
          readonly reason: "key-rotated";
        }
      | {
          readonly roomId: string;
          readonly streamName: string;
          readonly who: "viewers" | "all";
          readonly reason: "disconnected";
        }
      /** `isSentOut`: at once, even where the engine cannot do that without a moment's gap for others. */
      | { readonly participantId: string; readonly isSentOut?: boolean },
  ): Promise<void>;
  /** Cuts the publishers and viewers at these addresses. */
  disconnectAddresses(isTheirs: (address: string) => boolean): Promise<void>;
  /**
   * Starts anew with the settings as they are now; nothing happens where they are the same. Throws
   * `EngineSettingError` when it cannot work with them: it then goes on with those before.
   */
  reconfigure(): Promise<void>;
  /** Its servers, applications and streams, for the owner. */
  view(): Promise<EngineView>;
  startTestSignal(roomId: string): Promise<"started" | "already-live">;
  stopTestSignal(roomId: string): Promise<void>;
  on(listener: (news: EngineNews) => void): void;
};
