import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { thumbnailerPath } from "@colourstream/media";
import { makeId } from "../domain/room.js";
import type { MediaEngine } from "../engine/engine.js";
import { runProgram } from "./program.js";
import type { RecordingFiles } from "./recording-files.js";

const KEPT_MS = 10_000;
const DEADLINE_MS = 5_000;

/** Small pictures of what is live: made only while somebody asks, each at most every 10 s, one at a time. */
export type LiveThumbnails = {
  /** A JPEG at most 10 s old; null while there is nothing to show. */
  of(roomId: string): Promise<Uint8Array | null>;
  close(): void;
};

/** What they need. `clock` is monotonic, ms. */
export type LiveThumbnailsOptions = {
  readonly files: RecordingFiles;
  readonly engine: Pick<MediaEngine, "saveKeyframe" | "stream">;
  readonly clock: () => number;
};

export function createLiveThumbnails({ files, engine, clock }: LiveThumbnailsOptions): LiveThumbnails {
  // By room: those that are not live leave it at the next question, so it is bounded by what is live.
  const kept = new Map<string, { readonly atMs: number; readonly jpeg: Promise<Uint8Array | null> }>();
  const ended = new AbortController();
  let line: Promise<unknown> = Promise.resolve();

  const make = async (roomId: string): Promise<Uint8Array | null> => {
    if (ended.signal.aborted) return null;
    const id = makeId(randomBytes); // another one's picture is never found under it
    try {
      if (!(await engine.saveKeyframe(roomId, id))) return null;
      const given = [
        files.path(id, "keyframe"),
        files.path(id, "unfinishedThumbnail"),
        files.path(id, "thumbnail"),
      ];
      const { code } = await runProgram(thumbnailerPath, given, {
        signal: ended.signal,
        deadlineMs: DEADLINE_MS,
      });
      return code === 0 ? await readFile(files.path(id, "thumbnail")) : null;
    } finally {
      await files.removeAll(id);
    }
  };

  return {
    of: (roomId) => {
      for (const [id, { atMs }] of kept) if (clock() - atMs >= KEPT_MS) kept.delete(id);
      if (engine.stream(roomId)?.state !== "live") return Promise.resolve(null);
      const known = kept.get(roomId);
      if (known !== undefined) return known.jpeg;
      const jpeg = line.then(() => make(roomId));
      line = jpeg.catch(() => undefined); // whoever asked is told
      kept.set(roomId, { atMs: clock(), jpeg });
      return jpeg;
    },
    close: () => ended.abort(),
  };
}
