import { createHash } from "node:crypto";
import { lstat, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAX_SOCKET_PATH = 100; // the kernel cuts at 107 (104 on macOS), without a word
const LONGEST_NAME = "engine-control.sock";

/** Where the local sockets are: in the data directory, or by its hash in the system's temporary one when that is too long. */
export async function prepareRunDir(dataDir: string): Promise<string> {
  const near = join(dataDir, "run");
  if (Buffer.byteLength(join(near, LONGEST_NAME)) <= MAX_SOCKET_PATH) return ownDir(near);
  const hash = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  return ownDir(join(tmpdir(), `colourstream-${process.getuid?.() ?? "user"}-${hash}`));
}

/** Makes a directory that only we can enter, and refuses one that somebody else has put there. */
async function ownDir(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  const isOurs = process.getuid === undefined || found.uid === process.getuid();
  if (!found.isDirectory() || !isOurs || (found.mode & 0o077) !== 0) {
    throw new Error(`${path} should be a directory of ours that nobody else may enter (mode 0700)`);
  }
  return path;
}
