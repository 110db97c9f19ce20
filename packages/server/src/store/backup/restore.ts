import type pg from "pg";
import { appliedMigrations, applyInside, type Migration, readMigrations } from "../migrate.js";
import { BackupError, type BackupHeader, type BackupLine } from "./format.js";
import { madeBy, quoted } from "./tables.js";

/** What was restored: how many rows, and which migrations this version has added to them. */
export type Restored = { readonly rows: number; readonly migrated: readonly string[] };

/** What a database must not hold, unless it is to be replaced: people, rooms, and what was done. */
const FILLED_BY = ["users", "rooms"];
const BATCH_CHARACTERS = 1024 * 1024;
const ADDS_VALUE = /^ALTER TYPE "(\w+)" ADD VALUE ('[^']+');$/gm; // as Prisma writes them
const MAKES_ENUM = /^CREATE TYPE "(\w+)" AS ENUM \(([^)]+)\);$/gm;
const LOCKS_WITHIN_MS = 10_000;

/**
 * Puts a backup into the database, in one transaction: until the last line has been read and its checksum fits, and
 * after any failure, the database is as it was. A backup of an older version is brought up to date in the same
 * transaction; one of a newer version is refused.
 */
export async function restoreBackup(
  pool: pg.Pool,
  backup: { readonly header: BackupHeader; readonly lines: AsyncIterable<BackupLine> },
  { replace }: { readonly replace: boolean },
): Promise<Restored> {
  const known = await readMigrations();
  const all = withWholeEnums(known);
  const past = all.slice(0, pastOf(backup.header, known));
  const missing = all.slice(past.length);
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query("BEGIN");
    await client.query(`SET LOCAL lock_timeout = ${LOCKS_WITHIN_MS}`);
    await client.query("SET LOCAL TimeZone = 'UTC'");
    await needAlone(client);
    await needRoomFor(client, known, replace);
    await dropOurs(client, known);
    await applyInside(client, past);
    const rows = await putRows(client, backup.lines, new Set(madeBy(past).tables));
    await applyInside(client, missing);
    await client.query("COMMIT");
    return { rows, migrated: missing.map(({ name }) => name) };
  } catch (error) {
    await client.query("ROLLBACK").catch((lost: Error) => {
      failure = lost; // the connection is gone, and the transaction with it
    });
    throw error;
  } finally {
    client.release(failure);
  }
}

/**
 * PostgreSQL before 17 lets no transaction use a value that it has added to an enum itself (ALTER TYPE, its notes). Here
 * everything is one transaction, so each enum is made with all of its values at once.
 */
function withWholeEnums(migrations: readonly Migration[]): Migration[] {
  const added = new Map<string, string[]>();
  const without = migrations.map((migration) => ({
    ...migration,
    sql: migration.sql.replaceAll(ADDS_VALUE, (_all, type: string, value: string) => {
      added.set(type, [...(added.get(type) ?? []), value]);
      return "";
    }),
  }));
  return without.map((migration) => ({
    ...migration,
    sql: migration.sql.replaceAll(MAKES_ENUM, (_all, type: string, values: string) => {
      return `CREATE TYPE "${type}" AS ENUM (${[values, ...(added.get(type) ?? [])].join(", ")});`;
    }),
  }));
}

/** How much of this version's history the backup's database had been through, in the same words. */
function pastOf({ migrations, version }: BackupHeader, known: readonly Migration[]): number {
  for (const [at, { name, checksum }] of migrations.entries()) {
    const own = known[at];
    const isKnown = known.some((one) => one.name === name);
    if (!isKnown)
      throw new BackupError(
        `The backup is of ColourStream ${version}, which is newer than this one: it has the migration ${name}. Restore it with that version.`,
      );
    if (own?.name !== name || own.checksum !== checksum)
      throw new BackupError(
        `The backup is of another history than this version: the migration ${name} differs.`,
      );
  }
  return migrations.length;
}

/** On a PostgreSQL server others may be at the same database; they would go on with what is there no more. */
async function needAlone(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ others: number }>(
    `SELECT count(*)::int AS others FROM pg_stat_activity
     WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
       AND backend_type = 'client backend'`,
  );
  const others = rows[0]?.others ?? 0;
  if (others > 0)
    throw new BackupError(
      `${others} other connection${others === 1 ? " uses" : "s use"} this database. Stop every ColourStream server on it first, and leave psql.`,
    );
}

async function needRoomFor(
  client: pg.PoolClient,
  known: readonly Migration[],
  replace: boolean,
): Promise<void> {
  const applied = await appliedMigrations(client, known); // refuses a database that a newer version has used
  if (applied.length === 0 || replace) return;
  for (const table of FILLED_BY) {
    const { rows } = await client.query(`SELECT 1 FROM ${quoted(table)} LIMIT 1`);
    if (rows.length > 0)
      throw new BackupError(
        "The database is not empty: it has people or rooms. --replace deletes all that is in it and puts the backup in its place.",
      );
  }
}

/** By name, and nothing else: the schema may hold tables of other programs. */
async function dropOurs(client: pg.PoolClient, known: readonly Migration[]): Promise<void> {
  const { tables, enums } = madeBy(known);
  const all = [...tables, "_prisma_migrations"].map(quoted).join(", ");
  await client.query(`DROP TABLE IF EXISTS ${all} CASCADE`);
  await client.query(`DROP TYPE IF EXISTS ${enums.map(quoted).join(", ")} CASCADE`);
}

async function putRows(
  client: pg.PoolClient,
  lines: AsyncIterable<BackupLine>,
  tables: ReadonlySet<string>,
): Promise<number> {
  const counts: Record<string, number> = {};
  let table: string | null = null;
  let batch: string[] = [];
  let characters = 0;
  const flush = async (): Promise<void> => {
    if (table === null || batch.length === 0) return;
    const into = quoted(table);
    // PostgreSQL itself reads what it has written: bytes, times, arrays and enums come back as they were.
    const statement = `INSERT INTO ${into} SELECT * FROM json_populate_recordset(null::${into}, $1::json)`;
    await client.query(statement, [`[${batch.join(",")}]`]).catch((error: unknown) => {
      throw isRefusedRow(error)
        ? new BackupError(`The backup is damaged: a row of ${table} is refused: ${(error as Error).message}.`)
        : error;
    });
    counts[table] = (counts[table] ?? 0) + batch.length;
    batch = [];
    characters = 0;
  };

  for await (const line of lines) {
    switch (line.is) {
      case "row":
        if (table === null) throw new BackupError("The backup is damaged: a row belongs to no table.");
        batch.push(line.json);
        characters += line.json.length;
        if (characters >= BATCH_CHARACTERS) await flush();
        break;
      case "table":
        await flush();
        if (!tables.has(line.name))
          throw new BackupError(`The backup is damaged: there is no table ${line.name}.`);
        table = line.name;
        counts[table] = 0;
        break;
      case "end":
        await flush();
        for (const [name, count] of Object.entries(line.end.rows)) {
          if (counts[name] !== count)
            throw new BackupError(
              `The backup is damaged: ${name} has ${counts[name] ?? 0} rows, and should have ${count}.`,
            );
        }
    }
  }
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** PostgreSQL's classes 22 (wrong values) and 23 (broken constraints). */
function isRefusedRow(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^2[23]/.test(String(error.code));
}
