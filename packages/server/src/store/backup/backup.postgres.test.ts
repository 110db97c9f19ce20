import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { expect, test } from "vitest";
import { saveBackup } from "../../backups/backup-file.js";
import { everyRow, fillEveryTable } from "../../testing/backups.js";
import { openTestPool } from "../../testing/database.js";
import { poolOver } from "../embedded/embedded.js";
import { migrate, readMigrations } from "../migrate.js";
import { openBackup } from "./format.js";
import { restoreBackup } from "./restore.js";
import { tablesInOrder } from "./tables.js";
import { writeBackup } from "./write-backup.js";

const ABOUT = { version: "0.1.0", madeAt: "2026-11-23T03:00:00.000Z", keyCheck: "check", key: null };

test("from the embedded database to a PostgreSQL server and back: every row as it was", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cs-move-"));
  const lite = await PGlite.create();
  const embedded = poolOver(lite);
  const server = await openTestPool();
  const move = async (name: string, from: typeof embedded, to: typeof embedded): Promise<void> => {
    const path = join(folder, `${name}.jsonl.gz`);
    await saveBackup(path, writeBackup(from, ABOUT));
    await restoreBackup(to, await openBackup(path), { replace: name !== "there" });
  };
  await migrate(embedded);
  const client = await embedded.connect();
  const tables = await tablesInOrder(client, await readMigrations());
  client.release();
  await fillEveryTable(embedded, tables);
  const before = await everyRow(embedded, tables);

  await move("there", embedded, server.pool);
  expect(await everyRow(server.pool, tables)).toEqual(before);
  await embedded.query("DELETE FROM users");
  await move("back", server.pool, embedded);
  expect(await everyRow(embedded, tables)).toEqual(before);

  // While anybody else is connected there, nothing is put under their feet.
  const other = await server.pool.connect();
  await expect(move("again", embedded, server.pool)).rejects.toThrow(/1 other connection uses this database/);
  other.release(true);

  await server.close();
  await embedded.end();
  await lite.close();
  await rm(folder, { recursive: true });
}, 120_000);
