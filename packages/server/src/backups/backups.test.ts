import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AuditAction } from "../journal.js";
import { createSealer, openOwnKeyFile } from "../secrets.js";
import { backupName, madeAtOf } from "./backup-file.js";
import { type Backups, createBackups } from "./backups.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOON = Date.UTC(2026, 10, 23, 12);

let folder: string;
let dataDir: string;
let now: number;
let isFirst: boolean;
let failsWith: Error | null;
let noted: (readonly [AuditAction, string | undefined])[];
let warned: string[];
let backups: Backups;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "cs-backups-"));
  folder = join(dataDir, "backups");
  [now, isFirst, failsWith, noted, warned] = [NOON, true, null, [], []];
  const sealer = createSealer(await openOwnKeyFile(join(dataDir, "secret.key")));
  backups = createBackups({
    config: { backups: { folder, days: 2, hour: 3 }, secretKeyFile: null, dataDir },
    store: {
      writeBackup: async function* (about) {
        yield `${JSON.stringify(about)}\n`;
        if (failsWith !== null) throw failsWith;
        return { rooms: 2, users: 1 };
      },
    },
    sealer,
    journal: {
      note: async (action, _actor, about) => {
        noted.push([action, about?.detail]);
      },
    },
    bus: { isFirst: () => isFirst },
    version: "0.1.0",
    wallClock: () => now,
    warn: (message) => {
      warned.push(message);
    },
  });
});
afterEach(() => rm(dataDir, { recursive: true }));

test("a backup's name says when it was made, and is read again", () => {
  expect(backupName(NOON)).toBe("colourstream-20261123-120000.jsonl.gz");
  expect(madeAtOf(backupName(NOON + 1_999))).toBe(NOON + 1_000);
  expect(madeAtOf("colourstream-2026.jsonl.gz")).toBeNull();
});

test("the night's backup is made once, caught up on when the hour has passed, and old ones go", async () => {
  await backups.nightly();
  expect(await readdir(folder)).toEqual(["colourstream-20261123-120000.jsonl.gz"]);
  expect(backups.state()).toMatchObject({ isOn: true, lastAt: NOON, problem: null, failures: 0 });
  now += 14 * HOUR_MS; // 2:00
  await backups.nightly();
  expect(await readdir(folder)).toHaveLength(1);
  for (let day = 1; day <= 4; day++) {
    now = NOON + day * DAY_MS - 9 * HOUR_MS + 30_000; // 3:00:30
    await writeFile(join(folder, "notes.txt"), "is not ours to delete");
    await writeFile(join(folder, `${backupName(now - DAY_MS)}.part`), "half"); // by a killed process
    await backups.nightly();
    await backups.nightly();
  }
  expect((await readdir(folder)).sort()).toEqual([
    "colourstream-20261125-030030.jsonl.gz",
    "colourstream-20261126-030030.jsonl.gz",
    "colourstream-20261127-030030.jsonl.gz",
    "notes.txt",
  ]);
  expect(noted.filter(([action]) => action === "backup.made")).toHaveLength(5);
  expect((await stat(join(folder, "colourstream-20261127-030030.jsonl.gz"))).mode & 0o777).toBe(0o600);
});

test("a process that is not the first makes none, and knows of the one that was made", async () => {
  isFirst = false;
  await backups.nightly();
  expect(backups.state().lastAt).toBeNull();
  isFirst = true;
  await backups.nightly();
  isFirst = false;
  await backups.nightly();
  expect(backups.state().lastAt).toBe(NOON);
  expect(noted).toHaveLength(1);
});

test("one that fails leaves no file, is told of everywhere, and is tried again after an hour", async () => {
  failsWith = new Error("the database went away");
  await backups.nightly();
  expect(await readdir(folder)).toEqual([]);
  expect(backups.state()).toMatchObject({ lastAt: null, problem: "the database went away", failures: 1 });
  expect(noted).toEqual([["backup.failed", "the database went away"]]);
  expect(warned).toEqual(["the nightly backup failed"]);
  failsWith = null;
  now += HOUR_MS - 1;
  await backups.nightly();
  expect(await readdir(folder)).toEqual([]);
  now += 1;
  await backups.nightly();
  expect(await readdir(folder)).toHaveLength(1);
  expect(backups.state()).toMatchObject({ problem: null, failures: 1 });
});

test("a folder that cannot be used is a failure like any other, not the end of the server", async () => {
  await writeFile(folder, "a file");
  await backups.nightly();
  expect(backups.state().problem).toMatch(/ENOTDIR|EEXIST/);
});

test("one that is asked for has the key in it only when that is said", async () => {
  const [plain, keyed] = [join(dataDir, "plain"), join(dataDir, "keyed")];
  const by = { actorId: null, address: "operator" };
  expect(await backups.make({ path: plain, withKey: false }, by)).toMatchObject({ path: plain, rows: 3 });
  await backups.make({ path: keyed, withKey: true }, by);
  const read = async (path: string) => JSON.parse(gunzipSync(await readFile(path)).toString());
  const key = await readFile(join(dataDir, "secret.key"));
  const { keyCheck } = await read(plain);
  expect(await read(plain)).toMatchObject({ key: null });
  expect(await read(keyed)).toMatchObject({ key: key.toString("base64"), keyCheck });
  expect(keyCheck).toHaveLength(22);
  expect(noted).toEqual([
    ["backup.made", `${plain}: 3 rows`],
    ["backup.made", `${keyed}: 3 rows, with the sealing key`],
  ]);
  await expect(backups.make({ path: plain, withKey: false }, by)).rejects.toThrow(/is a file .* already/);
  await expect(backups.make({ path: join(dataDir, "no", "x"), withKey: false }, by)).rejects.toThrow(
    /no folder/,
  );
});
