import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { keyCheckOf } from "../backups/backups.js";
import { type Config, defaultKeyFile } from "../config.js";
import { createJournal, OPERATOR } from "../journal.js";
import { createSealer, keepKeyFile, readKeyFile } from "../secrets.js";
import { BackupError, type BackupHeader, openBackup } from "../store/backup/format.js";
import { type Restored, restoreBackup } from "../store/backup/restore.js";
import { openPool, storeOver } from "../store/store.js";
import { takeLock } from "./lock.js";
import { prepareRunDir } from "./run-dir.js";

/** What was put back, and whether the sealing key came with it. */
export type RestoredAll = Restored & { readonly madeAt: string; readonly keyWritten: string | null };

/** Puts a backup into the database that the settings name; no server may run on it. */
export async function restore(
  config: Config,
  path: string,
  { replace }: { readonly replace: boolean },
): Promise<RestoredAll> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = await takeLock(await prepareRunDir(config.dataDir), "command");
  if (!("serve" in lock))
    throw new BackupError(
      `ColourStream is running on ${config.dataDir} (process ${lock.pid}). Stop it first.`,
    );
  try {
    const backup = await openBackup(path);
    const keyWritten = await needItsKey(config, backup.header);
    const warn = (message: string, error: unknown): void => console.error(message, error);
    const { pool, close } = await openPool(config, warn);
    const restored = await restoreBackup(pool, backup, { replace }).catch(async (error: unknown) => {
      await close();
      throw error;
    });
    const store = await storeOver(pool, close);
    const { madeAt } = backup.header;
    await createJournal(store.audit, Date.now).note("backup.restored", OPERATOR, {
      detail: `of ${madeAt}: ${restored.rows} rows`,
    });
    await store.close();
    return { ...restored, madeAt, keyWritten };
  } finally {
    await lock.release();
  }
}

/** Stream keys and passwords are sealed: with another key the server could not even start. */
async function needItsKey(config: Config, { key, keyCheck }: BackupHeader): Promise<string | null> {
  const path = config.secretKeyFile ?? defaultKeyFile(config);
  const isOf = (bytes: Uint8Array): boolean => keyCheckOf(createSealer(bytes)) === keyCheck;
  if (existsSync(path)) {
    if (isOf(await readKeyFile(path))) return null;
    throw new BackupError(
      `${path} is not the key that this backup was sealed with. Put the old installation's secret.key there, or name it in SECRET_KEY_FILE.`,
    );
  }
  if (key === null)
    throw new BackupError(
      `The sealing key is missing: it is not in the backup. Copy the old installation's secret.key to ${path}, then restore.`,
    );
  const bytes = Buffer.from(key, "base64");
  if (bytes.length !== 32 || !isOf(bytes))
    throw new BackupError("The backup is damaged: its key does not fit it.");
  await keepKeyFile(path, bytes, randomBytes);
  return path;
}
