import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import type { RunningRecording } from "@colourstream/contract";
import type { Bus } from "../bus/bus.js";
import { makeId } from "../domain/room.js";
import {
  EngineAwayError,
  type EngineRecording,
  type EngineTake,
  type MediaEngine,
  type RecordingEnd,
} from "../engine/engine.js";
import type { Journal } from "../journal.js";
import type { RecordingStore, StoredRecording } from "../store/recordings.js";
import type { StoredRoom } from "../store/rooms.js";
import type { RoomDirectory } from "./directory.js";
import { createFinishing } from "./finishing.js";
import { createLiveThumbnails } from "./live-thumbnails.js";
import { type DiskUse, openRecordingFiles } from "./recording-files.js";
import { createRecordingLine } from "./recording-line.js";
import { newRecording, problemOfEnd, videoFacts } from "./recording-words.js";
import { recoverRecordings } from "./recover-recordings.js";
import { createStoppedRecordings } from "./stopped-recordings.js";
import { tidyRecordings } from "./tidy-recordings.js";
import type { Turns } from "./turns.js";

const GREW_TOLD_EVERY_MS = 2_000; // to those who watch a room
const RESUME_WITHIN_MS = 60_000; // an encoder that comes back after the engine was restarted

/** Why a recording cannot begin. */
export type RecordingRefusal = "not-live" | "already-recording" | "disk-full" | "failed";

/** What happened to a recording, for whoever watches. */
export type RecordingNews = {
  readonly recording: Pick<StoredRecording, "id" | "roomId">;
  readonly is: "changed" | "deleted";
};

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
  /** All of a room, before it is deleted. */
  removeOfRoom(roomId: string): Promise<void>;
  /** What the room records now, or what stopped by itself within the last hour. */
  ofRoom(roomId: string): RunningRecording | null;
  /** Where its file is: growing, finalised, or still to be. Null when nothing plays. */
  filePath(recording: StoredRecording): string | null;
  thumbnailPath(recording: StoredRecording): string | null;
  /** A JPEG of what is live in the room, at most 10 s old; null while nothing is. */
  liveThumbnail(roomId: string): Promise<Uint8Array | null>;
  disk(): Promise<DiskUse>;
  /** Lets go what is too old, and the oldest while all take more than their share of the disk. */
  tidy(): Promise<void>;
  /** Takes up what the last run left: files without a row, rows without a file, unfinished ones. */
  recover(): Promise<void>;
  /** Resolves when what has ended is finished: nothing is in line any more. */
  idle(): Promise<void>;
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
  readonly journal: Journal;
  readonly keep: () => { readonly days: number | null; readonly diskPercent: number };
  readonly wallClock: () => number;
  /** Monotonic, ms. */
  readonly clock: () => number;
  readonly bus: Pick<Bus, "say" | "hear" | "isFirst" | "onFirst">;
  warn(message: string, error: unknown): void;
};

type Take = Pick<EngineTake, "id" | "roomId" | "protocol">;
type Grown = Pick<EngineRecording, "id" | "roomId" | "startedAt" | "durationMs" | "bytes">;

export function createRecordings(options: RecordingsOptions): Recordings {
  const { store, directory, engine, journal, wallClock, clock, bus, warn } = options;
  const files = openRecordingFiles(options.folder);
  const live = createLiveThumbnails({ files, engine, clock });
  const listeners: ((news: RecordingNews) => void)[] = [];
  // By room, so each is bounded by the rooms.
  const running = new Map<string, Grown>();
  const stopped = createStoppedRecordings(wallClock);
  const toldMs = new Map<string, number>();
  const resumesUntil = new Map<string, number>();
  /** Recordings that began before their first picture: what it is goes into the index when it is there. */
  const unseen = new Map<string, string>();

  const tellHere = (news: RecordingNews): void => {
    for (const listener of listeners) listener(news);
  };
  const { tell, finish } = createRecordingLine(bus, {
    tellHere,
    finish: (id) => finishing.add(id),
    gone: (id) => inBackground("the files of a recording were not removed", drop(id)),
  });
  const finishing = createFinishing({ files, store, finished: (one) => tell("changed", one), warn });
  /** A line of its own beside the room's: a room that is deleted waits in its turn for what is done here. */
  const inTurn = <T>(roomId: string, work: () => Promise<T>): Promise<T> =>
    options.inTurn(`recording ${roomId}`, work);
  const working = new Set<Promise<unknown>>();
  const inBackground = (what: string, work: Promise<unknown>): void => {
    const told = work.catch((error) => warn(what, error)).finally(() => working.delete(told));
    working.add(told);
  };

  const drop = async (id: string): Promise<void> => {
    await finishing.cancel(id);
    await files.removeAll(id);
  };

  const seen = (recording: StoredRecording): StoredRecording => {
    const now = running.get(recording.roomId);
    if (now?.id !== recording.id) return recording;
    return { ...recording, durationMs: now.durationMs, bytes: now.bytes };
  };
  const runningById = (id: string): Grown | null =>
    [...running.values()].find((grown) => grown.id === id) ?? null;

  /** In the room's turn. `by` hand: something has to be live; else the take has just begun. */
  const begin = async (
    room: StoredRoom,
    by: "hand" | "itself",
  ): Promise<StoredRecording | RecordingRefusal> => {
    if (running.has(room.id)) return "already-recording";
    const stream = engine.stream(room.id);
    if (stream === null || (by === "hand" && stream.video === null)) return "not-live";
    const now = wallClock();
    const id = makeId(randomBytes);
    const recording = newRecording({ id, room, stream, startedAt: now });
    await store.add(recording); // first: a file without a row would be nobody's
    const grown: Grown = { id, roomId: room.id, startedAt: now, durationMs: 0, bytes: 0 };
    const refusal = await askEngine(room.id, id);
    if (refusal !== null) {
      if (refusal === "disk-full") stopped.note(grown, refusal);
      return refusal;
    }
    // It may have grown, or even ended, before the answer was read: the end is handled in this room's next turn.
    if (!running.has(room.id)) running.set(room.id, grown);
    stopped.forget(room.id);
    if (recording.codec === null) unseen.set(room.id, id);
    tell("changed", recording);
    return recording;
  };

  /** Null: it records. Else the row is gone again. */
  const askEngine = async (roomId: string, id: string): Promise<RecordingRefusal | null> => {
    let answer: "started" | RecordingRefusal | null = null;
    try {
      answer = await engine.startRecording(roomId, id);
    } finally {
      if (answer !== "started") await store.remove(id);
    }
    return answer === "started" ? null : answer;
  };

  type End = { readonly why: RecordingEnd | "unseen"; readonly detail: string | null };

  /** In the room's turn. A second time for the same recording does nothing. */
  const end = async (grown: Grown, { why, detail }: End): Promise<void> => {
    const { id, roomId } = grown;
    if (running.get(roomId)?.id === id) running.delete(roomId);
    const row = await store.find(id);
    if (row === null || row.state !== "recording") return;
    if (why === "disk-full" || why === "failed") stopped.note(grown, why);
    if (why === "engine-stopping" || why === "unseen")
      resumesUntil.set(roomId, wallClock() + RESUME_WITHIN_MS);
    const { durationMs, bytes } = grown;
    const problem = problemOfEnd(why, detail);
    if (bytes === 0 && problem === null) {
      // The take ended before its first picture: there is nothing to show anybody.
      await files.removeAll(id);
      await store.remove(id);
      tell("deleted", grown);
      return;
    }
    const endedAt = new Date(wallClock());
    const facts = takeFacts(roomId, id);
    // The end is told to every process: one of them sees to it.
    if (!(await store.end(id, { state: "finalising", durationMs, bytes, problem, endedAt, ...facts })))
      return;
    finish(id);
    tell("changed", grown);
    const room = directory.byId(roomId);
    if (why === "format-changed" && room !== null) await begin(room, "itself");
    inBackground("old recordings were not let go", tidy());
  };

  const takeBegan = async ({ id, roomId, protocol }: Take): Promise<void> => {
    const room = directory.byId(roomId);
    const resumes = (resumesUntil.get(roomId) ?? 0) > wallClock();
    const wants = resumes || (room?.autoRecord === true && protocol !== "test-signal");
    if (room === null || !wants || !bus.isFirst()) return;
    await inTurn(roomId, async () => {
      resumesUntil.delete(roomId);
      if (running.has(roomId) || engine.stream(roomId)?.take !== id) return;
      // One of this take is there already: it was stopped by hand, or for a reason that still holds.
      const before = await store.ofRooms([roomId]);
      if (before.some(({ takeId }) => takeId === id)) return;
      await begin(room, "itself");
    });
  };

  /** What the first picture is, once; null: it is in the index, or not known yet. */
  const takeFacts = (roomId: string, id: string): ReturnType<typeof videoFacts> | null => {
    const video = engine.stream(roomId)?.video ?? null;
    if (unseen.get(roomId) !== id || video === null) return null;
    unseen.delete(roomId);
    return videoFacts(video);
  };

  const grew = (grown: Grown): void => {
    running.set(grown.roomId, grown);
    const facts = takeFacts(grown.roomId, grown.id);
    if (facts !== null) inBackground("a recording's codec was not noted", store.change(grown.id, facts));
    const now = clock();
    if (now - (toldMs.get(grown.roomId) ?? Number.NEGATIVE_INFINITY) < GREW_TOLD_EVERY_MS) return;
    toldMs.set(grown.roomId, now);
    tellHere({ is: "changed", recording: grown }); // every process hears it from the engine
  };

  /** After (re)connecting: what the database takes for running and the engine does not has ended unseen. */
  const compare = async (inEngine: readonly EngineRecording[]): Promise<void> => {
    const isRunning = new Set(inEngine.map(({ id }) => id));
    const rows = await store.all();
    for (const grown of inEngine) {
      if (rows.some(({ id }) => id === grown.id)) continue;
      // The database was put back to an earlier time while it ran.
      const room = directory.byId(grown.roomId);
      if (room === null) continue;
      const { id, startedAt } = grown;
      await store.add(newRecording({ id, room, stream: engine.stream(room.id), startedAt }));
    }
    for (const { id, roomId, state, startedAt, durationMs } of rows) {
      if (state !== "recording" || isRunning.has(id)) continue;
      await inTurn(roomId, async () => {
        if (runningById(id) !== null) return; // begun since
        const bytes = (await files.bytesOf(id, "part")) ?? 0;
        const grown = { id, roomId, startedAt: startedAt.getTime(), durationMs, bytes };
        await end(grown, { why: "unseen", detail: null });
      });
    }
  };

  let compared: Promise<unknown> = Promise.resolve();
  /** Whether the engine has said what runs. */
  let isKnown = false;
  engine.on((news) => {
    switch (news.is) {
      case "take-began":
        // After what comes with the same greeting of the engine: it tells what runs already.
        setImmediate(() =>
          inBackground(
            "a take was not recorded",
            compared.then(() => takeBegan(news.take)),
          ),
        );
        return;
      case "recording-grew":
        grew(news.recording);
        return;
      case "recording-ended": {
        const { recording, why, detail } = news;
        if (why === "failed") warn("a recording failed", { id: recording.id, detail });
        if (running.get(recording.roomId)?.id === recording.id) running.set(recording.roomId, recording);
        const ended = inTurn(recording.roomId, () => end(recording, { why, detail }));
        inBackground("the end of a recording was not noted", ended);
        return;
      }
      case "recordings":
        running.clear();
        for (const grown of news.running) running.set(grown.roomId, grown);
        isKnown = true;
        if (!bus.isFirst()) return;
        compared = compared.then(() => compare(news.running));
        inBackground("what ran before was not taken up", compared);
        compared = compared.catch(() => undefined); // told; the next one begins afresh
        return;
      default:
    }
  });

  const remove = async (id: string): Promise<boolean> => {
    const found = await store.find(id);
    if (found === null) return false;
    return inTurn(found.roomId, async () => {
      if (running.get(found.roomId)?.id === id) {
        await engine.stopRecording(id).catch(unlessAway); // an engine that is away writes nothing
        running.delete(found.roomId);
      }
      await drop(id); // first: a row without files is found at the next start, files without a row are not
      stopped.forget(found.roomId, id);
      const removed = await store.remove(id);
      if (removed) tell("deleted", found);
      return removed;
    });
  };

  const disk = async (): Promise<DiskUse> => {
    const rows = await store.all();
    return files.disk(rows.reduce((sum, row) => sum + seen(row).bytes, 0));
  };

  const tidy = (): Promise<void> =>
    tidyRecordings({ store, journal, disk, remove, keep: options.keep(), now: wallClock() });

  const recover = async (): Promise<void> => {
    if (!bus.isFirst()) return;
    await compared;
    const isRunning = (id: string): boolean => runningById(id) !== null;
    await recoverRecordings({ files, store, isRunning, finish: finishing.add, warn });
  };

  /** What happened while no process was the first, or not noticed by the one before. */
  const takeOver = async (): Promise<void> => {
    if (isKnown) await compare([...running.values()]);
    await recover();
    for (const { id: roomId } of directory.all()) {
      const stream = engine.stream(roomId);
      if (stream !== null)
        await takeBegan({ id: stream.take, roomId, protocol: stream.source?.protocol ?? null });
    }
  };
  bus.onFirst((isFirst) => {
    if (isFirst) inBackground("the recordings were not taken over", takeOver());
  });

  return {
    start: (room) => inTurn(room.id, () => begin(room, "hand")),
    stop: (room) =>
      inTurn(room.id, async () => {
        const grown = running.get(room.id);
        if (grown === undefined) return false;
        const { id } = grown;
        const wasThere = await engine.stopRecording(id);
        // Its last figures came with the end, which was told before the answer.
        await end(running.get(room.id) ?? grown, { why: wasThere ? "stopped" : "unseen", detail: null });
        resumesUntil.delete(room.id);
        return true;
      }),
    list: async (roomIds) => (await store.ofRooms(roomIds)).map(seen),
    find: async (id) => {
      const found = await store.find(id);
      return found === null ? null : seen(found);
    },
    rename: async (id, name) => {
      const renamed = await store.change(id, { name: name.trim() });
      if (renamed !== null) tell("changed", renamed);
      return renamed === null ? null : seen(renamed);
    },
    remove,
    removeOfRoom: async (roomId) => {
      for (const { id } of await store.ofRooms([roomId])) await remove(id);
      for (const map of [running, toldMs, resumesUntil, unseen]) map.delete(roomId);
      stopped.forget(roomId);
    },
    ofRoom: (roomId) => {
      const grown = running.get(roomId);
      if (grown !== undefined) {
        const { id, startedAt, durationMs, bytes } = grown;
        return { id, startedAt, durationMs, bytes, stopped: null };
      }
      return stopped.of(roomId);
    },
    filePath: ({ id, state }) => {
      if (state === "broken") return null;
      const whole = files.path(id, "whole");
      if (state === "ready" || existsSync(whole)) return whole;
      return files.path(id, "part");
    },
    thumbnailPath: ({ id, hasThumbnail }) => (hasThumbnail ? files.path(id, "thumbnail") : null),
    liveThumbnail: live.of,
    disk,
    tidy,
    recover,
    idle: finishing.idle,
    close: async () => {
      live.close();
      while (working.size > 0) await Promise.all(working);
      await finishing.close();
    },
    onNews: (listener) => {
      listeners.push(listener);
    },
  };
}

function unlessAway(error: unknown): void {
  if (!(error instanceof EngineAwayError)) throw error;
}
