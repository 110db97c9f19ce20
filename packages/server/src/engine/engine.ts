import type { IngestUrl, PlaybackTicket, RefusedPublish, StreamStatus } from "@colourstream/contract";

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
  | { readonly is: "take-began"; readonly take: EngineTake }
  | { readonly is: "take-ended"; readonly takeId: string; readonly reason: string }
  /** After (re)connecting to the engine: every take that runs. All others have ended unseen. */
  | { readonly is: "takes"; readonly running: readonly string[] };

/** The engine is restarting: whoever asked is told to try again. */
export class EngineAwayError extends Error {
  constructor(cause?: Error) {
    super("the media engine is restarting", { cause });
    this.name = "EngineAwayError";
  }
}

/** The engine cannot work with a setting; the message names it and says why. */
export class EngineSettingError extends Error {
  readonly setting: "rtmpPort" | "webrtcFirstPort";

  constructor(setting: "rtmpPort" | "webrtcFirstPort", why: string) {
    super(why);
    this.name = "EngineSettingError";
    this.setting = setting;
  }
}

/** Who watches, and until when at most (wall clock). */
export type Viewer = { readonly participantId: string; readonly sessionExpiresAt: number };

/** Takes video in and gives it out. It is asked in rooms and participants; how it names streams is its own affair. */
export type MediaEngine = {
  /** Resolves when the engine answers, or when it is to be tried again later; rejects when only the operator can help. */
  start(): Promise<void>;
  /** Ends the engine and its sessions; resolves within 4 s. */
  stop(): Promise<void>;
  isAway(): boolean;
  /** What is typed into an encoder to publish with this key; `origin` is where the studio was opened, null: nowhere. */
  ingestUrls(key: string, origin: string | null): IngestUrl[];
  /** Throws `EngineAwayError` while there is no engine to watch on. */
  ticket(roomId: string, viewer: Viewer): PlaybackTicket;
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
      | { readonly participantId: string },
  ): Promise<void>;
  /** Cuts the publishers and viewers at these addresses. */
  disconnectAddresses(isTheirs: (address: string) => boolean): Promise<void>;
  /**
   * Starts anew with the settings as they are now; nothing happens where they are the same. Throws
   * `EngineSettingError` when it cannot work with them: it then goes on with those before.
   */
  reconfigure(): Promise<void>;
  startTestSignal(roomId: string): Promise<"started" | "already-live">;
  stopTestSignal(roomId: string): Promise<void>;
  on(listener: (news: EngineNews) => void): void;
};
