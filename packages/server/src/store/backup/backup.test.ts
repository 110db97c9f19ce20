import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { saveBackup } from "../../backups/backup-file.js";
import { everyRow, fillEveryTable } from "../../testing/backups.js";
import { openTestPool } from "../../testing/database.js";
import { migrate, readMigrations } from "../migrate.js";
import { type BackupHeader, openBackup } from "./format.js";
import { type Restored, restoreBackup } from "./restore.js";
import { madeBy, tablesInOrder } from "./tables.js";
import { writeBackup } from "./write-backup.js";

const MIGRATIONS = new URL("../../../prisma/migrations/", import.meta.url);
const ABOUT = { version: "0.1.0", madeAt: "2026-11-23T03:00:00.000Z", keyCheck: "check", key: null };
const CHAT_ROWS = 10_000;
const SLOW_MS = 120_000; // 2 s on an idle machine

let folder: string;
let from: Awaited<ReturnType<typeof openTestPool>>;
let to: Awaited<ReturnType<typeof openTestPool>>;
let tables: string[];
let whole: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cs-backup-"));
  [from, to] = [await openTestPool(), await openTestPool()];
  for (const { pool } of [from, to]) await migrate(pool);
  tables = await withClient(from.pool, async (client) => tablesInOrder(client, await readMigrations()));
  await fillEveryTable(from.pool, tables);
  await addChat(10);
  whole = join(folder, "whole.jsonl.gz");
  await saveBackup(whole, writeBackup(from.pool, ABOUT));
});
afterAll(async () => {
  await from.close();
  await to.close();
  await rm(folder, { recursive: true });
});

async function addChat(rows: number): Promise<void> {
  await from.pool.query(
    `INSERT INTO chat_messages SELECT 'm' || n, room_id, 100 + n, 'c' || n, person_id, author_name, author_role,
       audience, repeat('Warmer in the shadows. ', 8), mentions, at, NULL, NULL
     FROM chat_messages, generate_series(1, ${rows}) n WHERE id = 'chat_messages 1' ON CONFLICT DO NOTHING`,
  );
}

async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

async function restoreFile(path: string, replace = true): Promise<Restored> {
  return restoreBackup(to.pool, await openBackup(path), { replace });
}

/** The backup with something changed in its text. */
async function changed(name: string, change: (text: string) => string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, gzipSync(change(gunzipSync(await readFile(whole)).toString())));
  return path;
}

function withHeader(text: string, change: (header: BackupHeader) => object): string {
  const [first = "", ...rest] = text.split("\n");
  return [JSON.stringify(change(JSON.parse(first) as BackupHeader)), ...rest].join("\n");
}

test("every table of the migrations is in a backup, but for what the processes say to each other", async () => {
  const { rows } = await from.pool.query<{ name: string; serial: string | null }>(
    `SELECT c.relname AS name, (SELECT max(pg_get_serial_sequence(quote_ident(c.relname), a.attname)) FROM pg_attribute a
       WHERE a.attrelid = c.oid AND a.attnum > 0) AS serial
     FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace`,
  );
  const there = rows.map(({ name }) => name).filter((name) => name !== "_prisma_migrations");
  expect(madeBy(await readMigrations()).tables.toSorted()).toEqual(there.toSorted());
  expect([...tables, "bus_messages"].toSorted()).toEqual(there.toSorted());
  // A sequence would have to be put where it was: none that is kept has one.
  expect(rows.filter(({ serial }) => serial !== null).map(({ name }) => name)).toEqual(["bus_messages"]);
});

test("every row of every table is back as it was", async () => {
  const restored = await restoreFile(whole, false);
  const before = await everyRow(from.pool, tables);
  expect(await everyRow(to.pool, tables)).toEqual(before);
  expect(Object.keys(before).length).toBeGreaterThan(15);
  for (const rows of Object.values(before)) expect(rows).toMatch(/^(2|12) rows/);
  expect(restored).toEqual({ rows: 2 * tables.length + 10, migrated: [] });
  expect(await migrate(to.pool)).toEqual([]); // its history is whole
});

test("a backup is one moment: what is written after it began is not in it", async () => {
  if (from.pool.options.max === 1) return; // the embedded database: whoever writes waits until it is done
  const pieces = writeBackup(from.pool, ABOUT);
  await pieces.next();
  await from.pool.query("INSERT INTO settings (key, value) VALUES ('late', '1')");
  let text = "";
  for await (const piece of pieces) text += piece;
  await from.pool.query("DELETE FROM settings WHERE key = 'late'");
  expect(text).not.toContain('"late"');
});

test(
  "52: 10,000 chat messages are restored too, through many batches",
  async () => {
    await addChat(CHAT_ROWS);
    const path = join(folder, "long.jsonl.gz");
    await saveBackup(path, writeBackup(from.pool, ABOUT));
    await restoreFile(path);
    expect(await everyRow(to.pool, ["chat_messages"])).toEqual(await everyRow(from.pool, ["chat_messages"]));
    await from.pool.query("DELETE FROM chat_messages WHERE seq > 110");
  },
  SLOW_MS,
);

test("one that is left half read gives its connection back", async () => {
  for (let times = 0; times < 12; times++) {
    for await (const piece of writeBackup(from.pool, ABOUT)) if (piece !== "") break;
  }
  expect((await from.pool.query("SELECT 1")).rowCount).toBe(1);
});

test("a database with people in it is replaced only when that is said", async () => {
  await expect(restoreFile(whole, false)).rejects.toThrow(/not empty.*--replace/);
  await to.pool.query("UPDATE rooms SET name = 'Another'");
  await restoreFile(whole);
  expect(await everyRow(to.pool, tables)).toEqual(await everyRow(from.pool, tables));
});

test(
  "one that is cut short, damaged or of something else changes nothing, and says why",
  async () => {
    await to.pool.query("DELETE FROM chat_messages WHERE id <> 'chat_messages 1'");
    const before = await everyRow(to.pool, tables);
    const bytes = await readFile(whole);
    const cut = join(folder, "cut.jsonl.gz");
    await writeFile(cut, bytes.subarray(0, bytes.length / 2));
    const flipped = join(folder, "flipped.jsonl.gz");
    await writeFile(
      flipped,
      bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 16 : byte)),
    );
    const plain = join(folder, "plain.txt");
    await writeFile(plain, "hello");
    const row = /\n\{"id":"m7"[^\n]*/;
    for (const [path, why] of [
      [cut, /cut short/],
      [flipped, /damaged/],
      [plain, /not a backup/],
      [join(folder, "nothing"), /There is no file/],
      [await changed("other", () => '{"hello":1}\n'), /is not a backup of ColourStream/],
      [await changed("endless", (text) => text.slice(0, text.lastIndexOf('["end"'))), /its end is missing/],
      [await changed("word", (text) => text.replace("Warmer", "Colder")), /checksum does not fit/],
      [await changed("lost", (text) => text.replace(row, "")), /checksum does not fit/],
      [await changed("doubled", (text) => text.replace(row, "$&$&")), /duplicate key/],
      [
        await changed("table", (text) => text.replace('["table","rooms"]', '["table","pg_authid"]')),
        /no table pg_authid/,
      ],
      [
        await changed("line", (text) => text.replace('["table","rooms"]', "drop table rooms")),
        /neither a table nor a row/,
      ],
      [
        await changed("format", (text) => withHeader(text, (header) => ({ ...header, format: 2 }))),
        /newer ColourStream/,
      ],
    ] as const) {
      await expect(restoreFile(path), path).rejects.toThrow(why);
    }
    expect(await everyRow(to.pool, tables)).toEqual(before);
  },
  SLOW_MS,
);

test("one of a newer version is refused by its name; one of another history as well", async () => {
  const newer = await changed("newer", (text) =>
    withHeader(text, (header) => ({
      ...header,
      version: "9.0.0",
      migrations: [...header.migrations, { name: "29990101000000_later", checksum: "x" }],
    })),
  );
  await expect(restoreFile(newer)).rejects.toThrow(
    /ColourStream 9\.0\.0, which is newer.*29990101000000_later/,
  );
  const other = await changed("history", (text) =>
    withHeader(text, (header) => ({
      ...header,
      migrations: header.migrations.map((one) => ({ ...one, checksum: "x" })),
    })),
  );
  await expect(restoreFile(other)).rejects.toThrow(/another history/);
});

test("one of an older version is brought up to date in the same breath", async () => {
  const names = (await readdir(MIGRATIONS, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const older = join(folder, "migrations");
  const kept = names
    .map(({ name }) => name)
    .sort()
    .slice(0, 2);
  for (const name of kept) await cp(new URL(name, MIGRATIONS), join(older, name), { recursive: true });
  await to.pool.query("DROP SCHEMA public CASCADE");
  await to.pool.query("CREATE SCHEMA public");
  await migrate(to.pool, older);
  const old = await withClient(to.pool, async (client) =>
    tablesInOrder(client, (await readMigrations()).slice(0, kept.length)),
  );
  await fillEveryTable(to.pool, old);
  const path = join(folder, `old-${randomBytes(4).toString("hex")}.jsonl.gz`);
  await saveBackup(path, writeBackup(to.pool, ABOUT));
  const restored = await restoreFile(path);
  expect(restored.migrated).toEqual(
    names
      .map(({ name }) => name)
      .sort()
      .slice(2),
  );
  expect(await migrate(to.pool)).toEqual([]);
  const { rows } = await to.pool.query("SELECT id, playout FROM rooms ORDER BY id");
  expect(rows).toEqual([
    { id: "rooms 1", playout: "lowest" },
    { id: "rooms 2", playout: "lowest" },
  ]);
});
