import { createHash } from "node:crypto";
import type pg from "pg";
import { appliedMigrations, readMigrations } from "../migrate.js";
import { BACKUP_FORMAT, type BackupEnd, type BackupHeader } from "./format.js";
import { quoted, tablesInOrder } from "./tables.js";

/** What is said of a backup besides what is in it. */
export type BackupAbout = Pick<BackupHeader, "version" | "madeAt" | "keyCheck" | "key">;

const ROWS_AT_ONCE = 1_000; // of at most some 4 kB each: what one step holds in memory

/**
 * All that the database holds, as the text of a backup, a piece at a time. One REPEATABLE READ transaction: what is
 * written meanwhile is not in it, not even by half. The embedded database has one connection, and everything else waits
 * for it until the last piece has been taken.
 */
export async function* writeBackup(
  pool: pg.Pool,
  about: BackupAbout,
): AsyncGenerator<string, BackupEnd["rows"]> {
  const known = await readMigrations();
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // A server's own settings may write both otherwise.
    await client.query("SET LOCAL TimeZone = 'UTC'");
    await client.query("SET LOCAL bytea_output = 'hex'");
    const names = await appliedMigrations(client, known);
    const applied = known.filter(({ name }) => names.includes(name));
    const { rows: versions } = await client.query<{ server_version: string }>("SHOW server_version");
    const hash = createHash("sha256");
    const counted = (text: string): string => {
      hash.update(text);
      return text;
    };
    const header: BackupHeader = {
      colourstream: "backup",
      format: BACKUP_FORMAT,
      ...about,
      database: versions[0]?.server_version ?? "unknown",
      migrations: applied.map(({ name, checksum }) => ({ name, checksum })),
    };
    yield counted(`${JSON.stringify(header)}\n`);

    const rows: Record<string, number> = {};
    for (const table of await tablesInOrder(client, applied)) {
      yield counted(`${JSON.stringify(["table", table])}\n`);
      let count = 0;
      await client.query(
        `DECLARE rows_of NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS row FROM ${quoted(table)} t`,
      );
      for (;;) {
        const { rows: some } = await client.query<{ row: string }>(`FETCH ${ROWS_AT_ONCE} FROM rows_of`);
        if (some.length === 0) break;
        count += some.length;
        yield counted(some.map(({ row }) => `${row}\n`).join(""));
      }
      await client.query("CLOSE rows_of");
      rows[table] = count;
    }
    const end: BackupEnd = { rows, sha256: hash.digest("hex") };
    yield `${JSON.stringify(["end", end])}\n`;
    return rows;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // Also where whoever takes the pieces stops early. A connection on which that fails is not used again.
    await client.query("ROLLBACK").catch((error: Error) => {
      failure = error;
    });
    client.release(failure);
  }
}
