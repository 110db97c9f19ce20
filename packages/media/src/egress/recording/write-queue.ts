import type { GrowingFile } from "./disk.js";

/** What waits for the disk at most: 20 s of 50 Mb/s. A disk that is further behind will not catch up. */
export const MAX_WAITING_BYTES = 128 * 1024 * 1024;

/** Writes to one file in order, off the stream's path: nobody who publishes or watches waits for the disk. */
export type WriteQueue = {
  /** False when so much waits already that the disk cannot follow: nothing of it is written. */
  push(bytes: Uint8Array, then?: () => void): boolean;
  /** Bytes that are in the file. */
  written(): number;
  /** Resolves when all is written and safe, or the first failure is known; the file is closed then. */
  end(): Promise<void>;
};

/** `failed` is called once, with the first error; nothing is written after it. */
export function createWriteQueue(file: GrowingFile, failed: (error: unknown) => void): WriteQueue {
  type Piece = { readonly bytes: Uint8Array; readonly then: (() => void) | undefined };
  let line: Piece[] = [];
  let waiting = 0;
  let written = 0;
  let hasFailed = false;
  let work: Promise<void> | null = null;

  const run = async (): Promise<void> => {
    try {
      for (let piece = line.shift(); piece !== undefined; piece = line.shift()) {
        await file.append(piece.bytes);
        written += piece.bytes.length;
        waiting -= piece.bytes.length;
        piece.then?.();
        // While it is behind, one sync for several pieces is what lets it catch up.
        if (line.length === 0) await file.sync();
      }
    } catch (error) {
      hasFailed = true;
      line = [];
      failed(error);
    }
    work = null;
  };

  return {
    push: (bytes, then) => {
      if (hasFailed) return true; // told already
      if (waiting + bytes.length > MAX_WAITING_BYTES) return false;
      line.push({ bytes, then });
      waiting += bytes.length;
      work ??= run();
      return true;
    },
    written: () => written,
    end: async () => {
      while (work !== null) await work;
      await file.close();
    },
  };
}
