import { mkdir, open, rm, statfs, writeFile } from "node:fs/promises";

/** An open file that only grows. */
export type GrowingFile = {
  /** Writes all of it behind what is there. On failure nothing of it stays. */
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when what was appended survives a power failure. */
  sync(): Promise<void>;
  close(): Promise<void>;
};

/** The disk as the recorder needs it: a seam, so that a slow and a full one can be tried. */
export type Disk = {
  makeFolder(path: string): Promise<void>;
  /** Fails when the file is there already. */
  create(path: string): Promise<GrowingFile>;
  writeWhole(path: string, bytes: Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  space(folder: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>;
};

/** The machine's own. */
export const machineDisk: Disk = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  create: async (path) => {
    const handle = await open(path, "wx", 0o600);
    let length = 0;
    return {
      append: async (bytes) => {
        try {
          for (let at = 0; at < bytes.length; ) {
            const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, length + at);
            at += bytesWritten;
          }
          length += bytes.length;
        } catch (error) {
          await handle.truncate(length); // a fragment without its end plays nowhere
          throw error;
        }
      },
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  writeWhole: (path, bytes) => writeFile(path, bytes, { flag: "wx", mode: 0o600 }),
  remove: (path) => rm(path, { force: true }),
  space: async (folder) => {
    const { bsize, blocks, bavail } = await statfs(folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  },
};

const MAX_RESERVE_BYTES = 1024 ** 3; // the database, the log and the finalising of what was recorded need room too
const RESERVE_SHARE = 0.02;

/** True when recording has to stop: the rest of the disk is kept for everything else, 2 % of it and 1 GiB at most. */
export function isFull({ freeBytes, totalBytes }: Awaited<ReturnType<Disk["space"]>>): boolean {
  return freeBytes < Math.min(MAX_RESERVE_BYTES, totalBytes * RESERVE_SHARE);
}

/** Why something could not be written, in words without a path. */
export function whyNotWritten(error: unknown): {
  readonly why: "disk-full" | "failed";
  readonly detail: string;
} {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  if (code === "ENOSPC" || code === "EDQUOT") return { why: "disk-full", detail: "The disk is full." };
  const words: Readonly<Record<string, string>> = {
    EROFS: "The disk can only be read.",
    EACCES: "This program may not write to the folder for recordings.",
    EPERM: "This program may not write to the folder for recordings.",
    EIO: "The disk has failed.",
  };
  return { why: "failed", detail: words[code] ?? `The disk refused what was written to it (${code}).` };
}
