import { createWriteStream } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { BACKUP_SUFFIX, BackupError } from "../store/backup/format.js";

/** A backup that has been written. */
export type SavedBackup = {
  readonly path: string;
  readonly bytes: number;
  /** Rows of all tables together. */
  readonly rows: number;
};

/** A backup in a folder, by its name. */
export type FoundBackup = { readonly path: string; readonly madeAt: number };

const UNFINISHED = ".part";
const FAST = 1; // the database waits while it compresses: level 6 takes three times as long and gains a tenth

/** The name of a backup made then, such as colourstream-20261123-030000.jsonl.gz (UTC). */
export function backupName(madeAt: number): string {
  const [day = "", time = ""] = new Date(madeAt).toISOString().replaceAll(/[-:]/g, "").split("T");
  return `colourstream-${day}-${time.slice(0, 6)}${BACKUP_SUFFIX}`;
}

/** Null: not a name that we give. */
export function madeAtOf(name: string): number | null {
  const parts = /^colourstream-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)\.jsonl\.gz$/.exec(name);
  if (parts === null) return null;
  const [year = 0, month = 0, ...rest] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest);
}

/** The backups in a folder, oldest first; none where there is no folder. */
export async function findBackups(folder: string): Promise<FoundBackup[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  });
  return names
    .flatMap((name) => {
      const madeAt = madeAtOf(name);
      return madeAt === null ? [] : [{ path: join(folder, name), madeAt }];
    })
    .sort((a, b) => a.madeAt - b.madeAt);
}

/**
 * Writes a backup, readable by its owner alone: under another name first, on disk (fsync), then by its own. Half a
 * backup never has the name of a whole one.
 */
export async function saveBackup(
  path: string,
  pieces: AsyncGenerator<string, Readonly<Record<string, number>>>,
): Promise<SavedBackup> {
  if (await isThere(path)) throw new BackupError(`There is a file ${path} already.`);
  const unfinished = `${path}${UNFINISHED}`;
  let rows = 0;
  const counted = async function* (): AsyncGenerator<string> {
    const counts = yield* pieces;
    for (const count of Object.values(counts)) rows += count;
  };
  const file = createWriteStream(unfinished, { flags: "wx", mode: 0o600, flush: true }); // fsync before it is closed
  try {
    await pipeline(Readable.from(counted()), createGzip({ level: FAST }), file);
  } catch (error) {
    if (isCode(error, "EEXIST"))
      throw new BackupError(
        `${unfinished} is there: another backup is being written, or was cut off. Remove it.`,
      );
    if (isCode(error, "ENOENT")) throw new BackupError(`There is no folder ${dirname(path)}.`);
    await rm(unfinished, { force: true });
    throw error;
  }
  await rename(unfinished, path);
  await syncFolder(dirname(path));
  return { path, bytes: file.bytesWritten, rows };
}

/** What a killed process left half written in a folder of ours. Nobody else writes there now. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(UNFINISHED) && madeAtOf(basename(name, UNFINISHED)) !== null)
      await rm(join(folder, name), { force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false;
    throw error;
  }
}

/** The new name is on disk too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync();
  await handle.close();
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
