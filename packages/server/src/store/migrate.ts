import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type pg from "pg";

const MIGRATIONS = fileURLToPath(new URL("../../prisma/migrations/", import.meta.url));
const PRISMA_LOCK = 72_707_369; // the advisory lock that `prisma migrate deploy` takes: the two exclude each other

/** One step of the database's history. `checksum`: SHA-256 of its SQL in hex, as Prisma writes it down. */
export type Migration = { readonly name: string; readonly sql: string; readonly checksum: string };
type Applied = { migration_name: string; checksum: string; finished_at: Date | null };

/** The database is of another history than these migrations. */
export class MigrationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MigrationError";
  }
}

/**
 * Brings the database up to date and answers what was applied. The bookkeeping is Prisma's own (`_prisma_migrations`),
 * so that its commands work on the same database. Each migration is one transaction with its own row; therefore none
 * may hold a statement that refuses to run in one, such as CREATE INDEX CONCURRENTLY.
 */
export async function migrate(pool: pg.Pool, folder: string = MIGRATIONS): Promise<string[]> {
  const known = await readMigrations(folder);
  const client = await pool.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [PRISMA_LOCK]);
    try {
      await client.query(BOOKKEEPING);
      const rows = await readApplied(client, known);
      const missing = known.filter(({ name }) => !rows.some((row) => row.migration_name === name));
      for (const migration of missing) await apply(client, migration);
      return missing.map(({ name }) => name);
    } finally {
      await client.query("SELECT pg_advisory_unlock($1)", [PRISMA_LOCK]);
    }
  } finally {
    client.release();
  }
}

async function readApplied(client: pg.PoolClient, known: readonly Migration[]): Promise<Applied[]> {
  const { rows } = await client.query<Applied>(
    "SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL",
  );
  compare(known, rows);
  return rows;
}

/** The names of the migrations that the database has, oldest first; none where it has no tables of ours. */
export async function appliedMigrations(
  client: pg.PoolClient,
  known: readonly Migration[],
): Promise<string[]> {
  const { rows } = await client.query<{ is: boolean }>(
    "SELECT to_regclass('_prisma_migrations') IS NOT NULL AS is",
  );
  if (rows[0]?.is !== true) return [];
  const applied = await readApplied(client, known);
  return applied.map(({ migration_name }) => migration_name).sort();
}

/** Applies these, in the transaction that the client is in. */
export async function applyInside(client: pg.PoolClient, migrations: readonly Migration[]): Promise<void> {
  await client.query(BOOKKEEPING);
  for (const migration of migrations) await applyOne(client, migration);
}

function compare(known: readonly Migration[], applied: readonly Applied[]): void {
  for (const row of applied) {
    const migration = known.find(({ name }) => name === row.migration_name);
    if (migration === undefined) {
      throw new MigrationError(
        `the database has the migration ${row.migration_name}, which this version does not know: a newer ColourStream has used it`,
      );
    }
    if (row.finished_at === null) {
      throw new MigrationError(
        `the migration ${row.migration_name} was begun by another tool and not finished`,
      );
    }
    if (migration.checksum !== row.checksum) {
      throw new MigrationError(`the migration ${row.migration_name} was changed after it had been applied`);
    }
  }
}

async function apply(client: pg.PoolClient, migration: Migration): Promise<void> {
  await client.query("BEGIN");
  try {
    await applyOne(client, migration);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

async function applyOne(client: pg.PoolClient, { sql, checksum, name }: Migration): Promise<void> {
  await client.query(sql);
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, now(), 1)`,
    [randomUUID(), checksum, name],
  );
}

/** Every migration that this version knows, oldest first. */
export async function readMigrations(folder: string = MIGRATIONS): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

// Prisma's table, column by column.
const BOOKKEEPING = `
CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id                  VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum            VARCHAR(64) NOT NULL,
  finished_at         TIMESTAMPTZ,
  migration_name      VARCHAR(255) NOT NULL,
  logs                TEXT,
  rolled_back_at      TIMESTAMPTZ,
  started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;
