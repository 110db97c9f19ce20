import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Bus } from "../bus/bus.js";
import { type Config, defaultKeyFile } from "../config.js";
import type { Actor, Journal } from "../journal.js";
import { readKeyFile, type Sealer } from "../secrets.js";
import { BackupError } from "../store/backup/format.js";
import type { Store } from "../store/store.js";
import { backupName, findBackups, removeUnfinished, type SavedBackup, saveBackup } from "./backup-file.js";

/** How the nightly backups are. */
export type BackupState = {
  /** False: BACKUP_DIR is not set. */
  readonly isOn: boolean;
  /** When the newest one in BACKUP_DIR was begun. */
  readonly lastAt: number | null;
  /** Of the newest one that this process has made. */
  readonly lastBytes: number | null;
  /** Why the last one failed, in words; null: it did not. */
  readonly problem: string | null;
  /** Since this process started. */
  readonly failures: number;
};

/** Makes backups: when asked to, and each night. */
export type Backups = {
  /** `path` null: under a name of its own in BACKUP_DIR, else refused. `withKey`: the sealing key is in it. */
  make(wish: { readonly path: string | null; readonly withKey: boolean }, by: Actor): Promise<SavedBackup>;
  /** Makes the night's backup where it is due and this process is the first, and lets old ones go. */
  nightly(): Promise<void>;
  state(): BackupState;
};

/** What they are made from. */
export type BackupOptions = {
  readonly config: Pick<Config, "backups" | "secretKeyFile" | "dataDir">;
  readonly store: Pick<Store, "writeBackup">;
  readonly sealer: Sealer;
  readonly journal: Journal;
  readonly bus: Pick<Bus, "isFirst">;
  readonly version: string;
  readonly wallClock: () => number;
  warn(message: string, error: unknown): void;
};

const DAY_MS = 24 * 3_600_000;
const TRY_AGAIN_MS = 3_600_000; // after a failure: a full disk is seldom made room on within minutes
const KEY_CHECK_BYTES = 16;
const BY_ITSELF: Actor = { actorId: null, address: null };

/** Tells whether two keys are the same, without telling either. */
export function keyCheckOf(sealer: Pick<Sealer, "derive">): string {
  return Buffer.from(sealer.derive("backup's key check", KEY_CHECK_BYTES)).toString("base64url");
}

export function createBackups(options: BackupOptions): Backups {
  const { config, store, sealer, journal, bus, version, wallClock, warn } = options;
  const { folder, days, hour } = config.backups;
  const newest = async (): Promise<number | null> =>
    folder === null ? null : ((await findBackups(folder)).at(-1)?.madeAt ?? null);
  let lastAt: number | null = null; // looked for at the first round: the folder may not be readable
  let lastBytes: number | null = null;
  let failed: { readonly at: number; readonly problem: string } | null = null;
  let failures = 0;
  let isUnderWay = false;

  const make = async (path: string | null, withKey: boolean): Promise<SavedBackup> => {
    if (isUnderWay) throw new BackupError("A backup is being made already.");
    const madeAt = wallClock();
    const to = path ?? (folder === null ? null : join(folder, backupName(madeAt)));
    if (to === null) throw new BackupError("Where to? Name a file, or set BACKUP_DIR.");
    isUnderWay = true;
    try {
      const key = withKey ? await readKeyFile(config.secretKeyFile ?? defaultKeyFile(config)) : null;
      return await saveBackup(
        to,
        store.writeBackup({
          version,
          madeAt: new Date(madeAt).toISOString(),
          keyCheck: keyCheckOf(sealer),
          key: key === null ? null : Buffer.from(key).toString("base64"),
        }),
      );
    } finally {
      isUnderWay = false;
    }
  };
  /** The newest stays, however old it is. */
  const removeOld = async (from: string): Promise<void> => {
    const before = wallClock() - days * DAY_MS;
    for (const { path, madeAt } of (await findBackups(from)).slice(0, -1))
      if (madeAt < before) await rm(path);
  };
  const isDue = (): boolean => {
    const now = wallClock();
    if (failed !== null && now - failed.at < TRY_AGAIN_MS) return false;
    const today = new Date(now).setUTCHours(hour, 0, 0, 0);
    return (lastAt ?? 0) < (today <= now ? today : today - DAY_MS);
  };

  return {
    make: async ({ path, withKey }, by) => {
      const saved = await make(path, withKey);
      const what = `${saved.path}: ${saved.rows} rows${withKey ? ", with the sealing key" : ""}`;
      await journal.note("backup.made", by, { detail: what });
      if (path === null) lastAt = await newest();
      return saved;
    },
    nightly: async () => {
      if (folder === null || isUnderWay) return;
      try {
        lastAt = await newest(); // another process may have made it
        if (!bus.isFirst() || !isDue()) return;
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await removeUnfinished(folder);
        const saved = await make(null, false);
        lastAt = await newest();
        lastBytes = saved.bytes;
        failed = null;
        await removeOld(folder);
        await journal.note("backup.made", BY_ITSELF, { detail: `${saved.path}: ${saved.rows} rows` });
      } catch (error) {
        failures += 1;
        failed = { at: wallClock(), problem: error instanceof Error ? error.message : String(error) };
        warn("the nightly backup failed", error);
        await journal.note("backup.failed", BY_ITSELF, { detail: failed.problem });
      }
    },
    state: () => ({ isOn: folder !== null, lastAt, lastBytes, problem: failed?.problem ?? null, failures }),
  };
}
