#!/usr/bin/env node
// Writes the next migration from the difference between prisma/schema.prisma and the migrations so far:
//   npm run db:migration -- add_rooms       writes prisma/migrations/<UTC>_add_rooms/migration.sql
//   npm run db:migration -- --check         exits 1 and prints the SQL when a migration is missing (CI)
// Prisma's own schema engine does the comparing, as WASM, on two PostgreSQL in memory: nothing is downloaded.
// The adapter here is for this script only: at run time it reports a failed COMMIT as success.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { PrismaPGlite } from "pglite-prisma-adapter";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const prismaDir = join(root, "packages/server/prisma");
const migrationsDir = join(prismaDir, "migrations");
const schemaPath = join(prismaDir, "schema.prisma");

const argument = process.argv[2] ?? "";
const isCheck = argument === "--check";
if (!isCheck && !/^[a-z][a-z0-9_]{2,60}$/.test(argument)) {
  console.error("Name the migration by what it does, in small letters: npm run db:migration -- add_rooms");
  process.exit(1);
}

const sql = await difference();
if (sql === null) {
  console.log(
    isCheck
      ? "The migrations say what the schema says."
      : "Nothing to do: the migrations say what the schema says.",
  );
  process.exit(0);
}
if (isCheck) {
  console.error(
    `The schema says more than the migrations. Run: npm run db:migration -- what_it_does\n\n${sql}`,
  );
  process.exit(1);
}
const name = `${new Date().toISOString().replace(/\D/g, "").slice(0, 14)}_${argument}`;
await mkdir(join(migrationsDir, name));
await writeFile(join(migrationsDir, name, "migration.sql"), sql);
console.log(`packages/server/prisma/migrations/${name}/migration.sql`);
process.exit(0);

/** The SQL that leads from the migrations to the schema; null when there is none. */
async function difference() {
  const schema = await readFile(schemaPath, "utf8");
  const SchemaEngine = await loadSchemaEngine();
  const database = await PGlite.create();
  const engine = await SchemaEngine.new(
    { datamodels: [[schemaPath, schema]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(new PrismaPGlite(database)),
  );
  const diff = await engine.diff({
    from: { tag: "migrations", ...(await readMigrations()) },
    to: { tag: "schemaDatamodel", files: [{ path: schemaPath, content: schema }] },
    script: true,
    exitCode: true,
    filters: { externalTables: [], externalEnums: [] },
  });
  await database.close();
  return diff.exitCode === 2 ? `${diff.stdout.trim()}\n` : null;
}

/** The engine's package expects a bundler; this does by hand what a bundler would. */
async function loadSchemaEngine() {
  const dir = join(root, "node_modules/@prisma/schema-engine-wasm");
  const glue = await import(join(dir, "schema_engine_bg.js"));
  const wasm = await WebAssembly.instantiate(await readFile(join(dir, "schema_engine_bg.wasm")), {
    "./schema_engine_bg.js": glue,
  });
  glue.__wbg_set_wasm(wasm.instance.exports);
  wasm.instance.exports.__wbindgen_start();
  return glue.SchemaEngine;
}

/** The migrations folder in the form the engine reads. */
async function readMigrations() {
  const entries = await readdir(migrationsDir, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return {
    baseDir: migrationsDir,
    lockfile: {
      path: "migration_lock.toml",
      content: await readFile(join(migrationsDir, "migration_lock.toml"), "utf8"),
    },
    shadowDbInitScript: "",
    migrationDirectories: await Promise.all(
      names.map(async (path) => ({
        path,
        migrationFile: {
          path: "migration.sql",
          content: { tag: "ok", value: await readFile(join(migrationsDir, path, "migration.sql"), "utf8") },
        },
      })),
    ),
  };
}
