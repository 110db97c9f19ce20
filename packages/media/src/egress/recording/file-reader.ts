import type { FileHandle } from "node:fs/promises";
import { MAX_BOX_HEAD_BYTES, parseBoxHead } from "../../wire/mp4/read-box.js";

/** A box of a file by where it lies; what is in it is not read. */
export type FileBox = {
  readonly type: string;
  readonly at: number;
  readonly contentAt: number;
  readonly endsAt: number;
};

/** Reads exactly these bytes; the caller has looked that they are there. */
export async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, at + filled);
    if (bytesRead === 0) throw new Error(`the file ended at ${at + filled}, ${length - filled} bytes early`);
    filled += bytesRead;
  }
  return bytes;
}

/** The boxes of a file that are whole, up to the first that is not: there a crash has cut it off. */
export async function* boxesOf(file: FileHandle, fileBytes: number): AsyncGenerator<FileBox> {
  let at = 0;
  while (at + 8 <= fileBytes) {
    const head = parseBoxHead(await readAt(file, at, Math.min(MAX_BOX_HEAD_BYTES, fileBytes - at)));
    const endsAt = at + head.bytes;
    if (endsAt > fileBytes) return;
    yield { type: head.type, at, contentAt: at + head.headBytes, endsAt };
    at = endsAt;
  }
}
