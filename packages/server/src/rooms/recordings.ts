import type { RunningRecording } from "@colourstream/contract";
import type { MediaEngine } from "../engine/engine.js";
import type { RecordingStore, StoredRecording } from "../store/recordings.js";
import type { StoredRoom } from "../store/rooms.js";
import type { RoomDirectory } from "./directory.js";
import type { Turns } from "./turns.js";

/** Why a recording cannot begin. */
export type RecordingRefusal = "not-live" | "already-recording" | "disk-full" | "failed";

/** How full the disk with the recordings is. */
export type DiskUse = { readonly usedBytes: number; readonly freeBytes: number; readonly totalBytes: number };

/** What happened to a recording, for whoever watches. */
export type RecordingNews = { readonly recording: StoredRecording; readonly is: "changed" | "deleted" };

/** What rooms record: begun and ended by hand or with the take, made plain MP4s, kept and let go. */
export type Recordings = {
  start(room: StoredRoom): Promise<StoredRecording | RecordingRefusal>;
  /** False when the room records nothing. */
  stop(room: StoredRoom): Promise<boolean>;
  /** Newest first. */
  list(roomIds: readonly string[]): Promise<StoredRecording[]>;
  find(id: string): Promise<StoredRecording | null>;
  rename(id: string, name: string): Promise<StoredRecording | null>;
  /** The file goes with it; one that runs is ended first. */
  remove(id: string): Promise<boolean>;
  /** What the room records now, or what stopped by itself within the last hour. */
  ofRoom(roomId: string): RunningRecording | null;
  /** Where its file is: growing, finalised, or still to be. Null when nothing plays. */
  filePath(recording: StoredRecording): string | null;
  thumbnailPath(recording: StoredRecording): string | null;
  disk(): Promise<DiskUse>;
  /** Lets go what is too old, and the oldest while all take more than their share of the disk. */
  tidy(): Promise<void>;
  /** Takes up what the last run left: files without a row, rows without a file, unfinished ones. */
  recover(): Promise<void>;
  /** Ends what works in the background. */
  close(): Promise<void>;
  onNews(listener: (news: RecordingNews) => void): void;
};

/** What they need. `folder` is `<dataDir>/recordings`. */
export type RecordingsOptions = {
  readonly folder: string;
  readonly store: RecordingStore;
  readonly directory: RoomDirectory;
  readonly engine: MediaEngine;
  readonly inTurn: Turns;
  readonly keep: () => { readonly days: number | null; readonly diskPercent: number };
  readonly wallClock: () => number;
  warn(message: string, error: unknown): void;
};

export function createRecordings(_options: RecordingsOptions): Recordings {
  return {
    start: async () => "failed", // not built yet
    stop: async () => false,
    list: async () => [],
    find: async () => null,
    rename: async () => null,
    remove: async () => false,
    ofRoom: () => null,
    filePath: () => null,
    thumbnailPath: () => null,
    disk: async () => ({ usedBytes: 0, freeBytes: 0, totalBytes: 0 }),
    tidy: async () => undefined,
    recover: async () => undefined,
    close: async () => undefined,
    onNews: () => undefined,
  };
}
