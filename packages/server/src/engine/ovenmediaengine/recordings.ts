import { access, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RoomDirectory } from "../../rooms/directory.js";
import { EngineAwayError, type EngineNews, type EngineRecording, type RecordingEnd } from "../engine.js";
import type { RecordState } from "./answers.js";
import type { NodeState } from "./poll.js";
import { OmeError, type OmeRest } from "./rest.js";

const FILE_MS = 5_000; // it writes the index of a long file at the end
const FILE_EVERY_MS = 50;
const MOST_ENDING = 256;
const MOST_OVER = 256;

/** Recordings that OvenMediaEngine's origin writes into our folder. */
export type OmeRecordings = {
  start(roomId: string, id: string): Promise<"started" | "not-live" | "already-recording" | "failed">;
  stop(id: string): Promise<boolean>;
  /** After each poll of the origin. */
  take(origin: NodeState): Promise<void>;
};

/** What they need. */
export type OmeRecordingsOptions = {
  readonly app: string;
  readonly rest: Pick<OmeRest, "startRecord" | "stopRecord">;
  /** The root of the application's File publisher, as this process sees it. */
  readonly folder: string;
  readonly rooms: Pick<RoomDirectory, "byId" | "byStream">;
  /** The take that a stream is in now; null: it is not live. */
  readonly takeOf: (streamName: string) => string | null;
  readonly clock: () => number;
  readonly wallClock: () => number;
  tell(news: EngineNews): void;
  log(level: "info" | "warn", message: string, about?: object): void;
};

type Running = { readonly recording: EngineRecording; readonly take: string | null };

/**
 * It writes under a name of its own and gives the file ours at the end, index and all: a plain MP4, with nothing left of
 * it when the server is killed meanwhile. When a publisher comes back it would go on in a further file: each take is a
 * recording by itself here, so it is stopped at the end of its take.
 */
export function createOmeRecordings(options: OmeRecordingsOptions): OmeRecordings {
  const { app, rest, folder, rooms, clock, wallClock, tell } = options;
  const running = new Map<string, Running>();
  const ending = new Set<string>();
  /** A poll that was under way can still list them. */
  const over = new Set<string>();
  let isKnown = false;

  const fromState = (state: RecordState, streamName: string): Running | null => {
    const room = rooms.byStream(streamName);
    if (room === null) return null;
    const before = running.get(state.id);
    const startedAt = Date.parse(state.startTime ?? state.createdTime ?? "");
    return {
      take: before?.take ?? options.takeOf(streamName),
      recording: {
        id: state.id,
        roomId: room.id,
        startedAt: Number.isNaN(startedAt) ? (before?.recording.startedAt ?? wallClock()) : startedAt,
        durationMs: Math.round(state.recordTime ?? before?.recording.durationMs ?? 0),
        bytes: Math.round(state.recordBytes ?? before?.recording.bytes ?? 0),
      },
    };
  };

  const noteOver = (id: string): void => {
    over.add(id);
    const oldest = over.values().next().value;
    if (over.size > MOST_OVER && oldest !== undefined) over.delete(oldest);
  };

  /** The finished file by our name; false: it did not come. */
  const collect = async (id: string): Promise<boolean> => {
    const written = join(folder, `${id}.s0.mp4`);
    const untilMs = clock() + FILE_MS;
    while (!(await isThere(written)) && clock() < untilMs)
      await new Promise((resolve) => setTimeout(resolve, FILE_EVERY_MS));
    await rm(join(folder, `${id}.xml`), { force: true });
    if (!(await isThere(written))) return isThere(join(folder, `${id}.mp4`)); // another process was quicker
    await rename(written, join(folder, `${id}.mp4`)).catch(unlessGone);
    return true;
  };

  /** `halt`: OvenMediaEngine still has it. */
  const end = async (id: string, why: RecordingEnd, halt: boolean): Promise<void> => {
    const ended = running.get(id);
    if (ended === undefined || ending.has(id) || ending.size >= MOST_ENDING) return;
    ending.add(id);
    try {
      if (halt) await rest.stopRecord(app, id);
      const hasFile = await collect(id);
      if (!hasFile)
        options.log("warn", "OvenMediaEngine wrote no recording here: is its folder ours?", { id, folder });
      running.delete(id);
      noteOver(id);
      const detail = hasFile ? null : "OvenMediaEngine ended before the recording was whole.";
      tell({ is: "recording-ended", recording: ended.recording, why: hasFile ? why : "failed", detail });
    } finally {
      ending.delete(id);
    }
  };

  return {
    start: async (roomId, id) => {
      const stream = rooms.byId(roomId)?.streamName ?? null;
      const take = stream === null ? null : options.takeOf(stream);
      if (stream === null || take === null) return "not-live";
      if ([...running.values()].some(({ recording }) => recording.roomId === roomId))
        return "already-recording";
      try {
        // The number is there because a publisher that comes back at once would begin a second file by the same name.
        const wish = { id, stream, filePath: `/${id}.s\${Sequence}.mp4`, infoPath: `/${id}.xml` };
        const state = await rest.startRecord(app, wish);
        const begun = fromState(state, stream);
        if (begun !== null) running.set(id, { ...begun, take });
        return state.state === "error" ? "failed" : "started";
      } catch (error) {
        if (!(error instanceof OmeError)) throw error;
        if (error.trouble === "away") throw new EngineAwayError(error);
        options.log("warn", "a recording did not begin", { reason: error.message });
        return "failed";
      }
    },
    stop: async (id) => {
      const state = await rest.stopRecord(app, id).catch(asAway);
      if (state === null && !running.has(id)) return false;
      const begun = state === null ? null : fromState(state, state.stream.name);
      if (begun !== null) running.set(id, begun);
      await end(id, "stopped", false);
      return state !== null;
    },
    take: async ({ state, report }) => {
      if (report === null) {
        isKnown = false;
        return;
      }
      if (state !== "ok") return;
      const listed = new Map(report.records.map((record) => [record.id, record]));
      if (!isKnown) running.clear();
      for (const record of listed.values()) {
        const now =
          ending.has(record.id) || over.has(record.id) ? null : fromState(record, record.stream.name);
        if (now === null || record.state === "stopping" || record.state === "stopped") continue;
        running.set(record.id, now);
        if (isKnown) tell({ is: "recording-grew", recording: now.recording });
      }
      if (!isKnown)
        tell({ is: "recordings", running: [...running.values()].map(({ recording }) => recording) });
      isKnown = true;
      for (const [id, { recording, take }] of running) {
        if (ending.has(id)) continue;
        const record = listed.get(id);
        const stream = rooms.byId(recording.roomId)?.streamName ?? "";
        const isOver = take !== null && options.takeOf(stream) !== take;
        if (record !== undefined && !isOver && record.state !== "error") continue;
        if (record === undefined && !isOver && wallClock() - recording.startedAt < FILE_MS) continue; // not listed yet
        await end(id, isOver ? "take-ended" : "failed", record !== undefined);
      }
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

function asAway(error: unknown): never {
  throw error instanceof OmeError && error.trouble === "away" ? new EngineAwayError(error) : error;
}
