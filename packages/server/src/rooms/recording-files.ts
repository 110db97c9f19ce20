import { mkdir, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";

/** How full the disk with the recordings is. */
export type DiskUse = { readonly usedBytes: number; readonly freeBytes: number; readonly totalBytes: number };

/** What a recording's files are called: its id and an ending. `part` grows and is a fragmented MP4; `whole` is plain. */
const ENDINGS = {
  part: ".part.mp4",
  whole: ".mp4",
  unfinished: ".tmp.mp4",
  thumbnail: ".jpg",
  unfinishedThumbnail: ".tmp.jpg",
  keyframe: ".keyframe.mp4",
} as const;

/** Which of a recording's files. */
export type RecordingFile = keyof typeof ENDINGS;

const NAME = /^([A-Za-z0-9_-]{22})((?:\.[a-z]+)*\.(?:mp4|jpg))$/;

/** The folder with the recordings' files. Their names hold no word of a person's: an id and an ending. */
export type RecordingFiles = {
  readonly folder: string;
  path(id: string, file: RecordingFile): string;
  /** Its size; null: it is not there. */
  bytesOf(id: string, file: RecordingFile): Promise<number | null>;
  /** Ids by the files that are there. */
  list(): Promise<ReadonlyMap<string, ReadonlySet<RecordingFile>>>;
  /** Gives the growing file the name of a finished one. */
  keepAsItIs(id: string): Promise<void>;
  remove(id: string, file: RecordingFile): Promise<void>;
  /** All files of a recording. */
  removeAll(id: string): Promise<void>;
  /** Of the disk that the folder is on; `usedBytes` is the caller's to know. */
  disk(usedBytes: number): Promise<DiskUse>;
};

/** Opens the folder; it is made when something is first asked of it. */
export function openRecordingFiles(folder: string): RecordingFiles {
  const path = (id: string, file: RecordingFile): string => join(folder, id + ENDINGS[file]);
  const made = async (): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  };
  const remove = (id: string, file: RecordingFile): Promise<void> => rm(path(id, file), { force: true });

  return {
    folder,
    path,
    bytesOf: async (id, file) => {
      try {
        return (await stat(path(id, file))).size;
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    list: async () => {
      await made();
      const found = new Map<string, Set<RecordingFile>>();
      for (const name of await readdir(folder)) {
        const [, id, ending] = NAME.exec(name) ?? [];
        const file = (Object.keys(ENDINGS) as RecordingFile[]).find((each) => ENDINGS[each] === ending);
        if (id === undefined || file === undefined) continue; // not ours
        found.set(id, (found.get(id) ?? new Set()).add(file));
      }
      return found;
    },
    keepAsItIs: (id) => rename(path(id, "part"), path(id, "whole")),
    remove,
    removeAll: async (id) => {
      for (const file of Object.keys(ENDINGS) as RecordingFile[]) await remove(id, file);
    },
    disk: async (usedBytes) => {
      await made();
      const { bsize, blocks, bavail } = await statfs(folder);
      return { usedBytes, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
