import { type FinaliserAnswer, finaliserPath, thumbnailerPath } from "@colourstream/media";
import type { RecordingStore, StoredRecording } from "../store/recordings.js";
import { runProgram } from "./program.js";
import type { RecordingFiles } from "./recording-files.js";

const FINALISE_MS = 6 * 3_600_000; // a day of 50 Mb/s from a slow disk
const THUMBNAIL_MS = 30_000; // beside everything else this machine does
const WORDS = {
  nothing: "Nothing that plays was on the disk.",
  noSpace: "There was no room to make it a plain MP4. It plays, but not every program opens it.",
  failed: "It could not be made a plain MP4. It plays, but not every program opens it.",
  gone: "Its file is not on the disk any more.",
} as const;

/** Makes what was recorded plain MP4s with a thumbnail: one at a time, in processes of their own. */
export type Finishing = {
  /** Puts it in line; nothing happens when it is there already. */
  add(id: string): void;
  /** Takes it out of the line; resolves when nobody works on its files any more. */
  cancel(id: string): Promise<void>;
  /** Resolves when the line is empty. */
  idle(): Promise<void>;
  /** Ends what runs; what is in line is taken up by the next start. */
  close(): Promise<void>;
};

/** What it needs. `finished` is told of each one that is ready or broken, and again when its thumbnail is there. */
export type FinishingOptions = {
  readonly files: RecordingFiles;
  readonly store: RecordingStore;
  finished(recording: StoredRecording): void;
  warn(message: string, error: unknown): void;
};

export function createFinishing({ files, store, finished, warn }: FinishingOptions): Finishing {
  let line: string[] = [];
  let current: { readonly id: string; readonly abort: AbortController; readonly done: Promise<void> } | null =
    null;
  let isClosed = false;

  const settle = async (id: string, change: Parameters<RecordingStore["change"]>[1]): Promise<void> => {
    const recording = await store.change(id, change);
    if (recording !== null) finished(recording);
  };

  /** It plays as it is: better than no recording. */
  const keepAsItIs = async (id: string, problem: string): Promise<void> => {
    const bytes = await files.bytesOf(id, "part");
    if (bytes === null) {
      const whole = await files.bytesOf(id, "whole"); // it got as far as that
      await settle(
        id,
        whole === null
          ? { state: "broken", problem: WORDS.gone, bytes: 0 }
          : { state: "ready", bytes: whole },
      );
      return;
    }
    await files.keepAsItIs(id);
    const before = (await store.find(id))?.problem ?? null;
    await settle(id, { state: "ready", problem: before === null ? problem : `${before} ${problem}`, bytes });
  };

  const finalise = async (id: string, signal: AbortSignal): Promise<void> => {
    const { code, said } = await runProgram(finaliserPath, [files.folder, id], {
      signal,
      deadlineMs: FINALISE_MS,
    });
    if (signal.aborted) return;
    await files.remove(id, "unfinished");
    if (code !== 0) {
      warn("a recording could not be made a plain MP4", { id, code });
      await keepAsItIs(id, WORDS.failed);
      return;
    }
    const answer = JSON.parse(said) as FinaliserAnswer;
    if (answer.is === "nothing") {
      await files.removeAll(id);
      await settle(id, { state: "broken", problem: WORDS.nothing, bytes: 0, durationMs: 0 });
      return;
    }
    if (answer.is === "no-space") {
      await keepAsItIs(id, WORDS.noSpace);
      return;
    }
    const { durationMs, bytes, video } = answer;
    const before = await store.find(id);
    const isKnown = before?.codec != null;
    await settle(id, { state: "ready", durationMs, bytes, ...(!isKnown && video !== null && video) });
  };

  const makeThumbnail = async (id: string, signal: AbortSignal): Promise<void> => {
    const given = [
      files.path(id, "whole"),
      files.path(id, "unfinishedThumbnail"),
      files.path(id, "thumbnail"),
    ];
    const { code } = await runProgram(thumbnailerPath, given, { signal, deadlineMs: THUMBNAIL_MS });
    if (code === 0) await settle(id, { hasThumbnail: true });
    else await files.remove(id, "unfinishedThumbnail"); // no decoder here, or none for this codec: there is no picture
  };

  const finish = async (id: string, signal: AbortSignal): Promise<void> => {
    try {
      await finalise(id, signal);
      if (!signal.aborted && (await files.bytesOf(id, "whole")) !== null) await makeThumbnail(id, signal);
    } catch (error) {
      warn("a recording was not finished; the next start takes it up again", error);
    }
  };

  const next = (): void => {
    const id = line.shift();
    if (id === undefined || isClosed) {
      current = null;
      return;
    }
    const abort = new AbortController();
    const done = finish(id, abort.signal).then(next);
    current = { id, abort, done };
  };

  const cancel = async (id: string): Promise<void> => {
    line = line.filter((each) => each !== id);
    if (current?.id !== id) return;
    current.abort.abort();
    await current.done;
  };

  return {
    add: (id) => {
      if (isClosed || line.includes(id) || current?.id === id) return;
      line.push(id);
      if (current === null) next();
    },
    cancel,
    idle: async () => {
      while (current !== null) await current.done;
    },
    close: async () => {
      isClosed = true;
      line = [];
      if (current !== null) await cancel(current.id);
    },
  };
}
