import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { PROJECT_ROOT } from "../config.js";
import { poolTo } from "../store/database.js";
import { poolOver } from "../store/embedded/embedded.js";
import { migrate } from "../store/migrate.js";
import { type Store, storeOver } from "../store/store.js";

const IN_THE_CLEAR = { connections: 10, tls: "off", caFile: null } as const;

/** A pool on a database of the test file's own: PGlite in memory, or on the server at DATABASE_URL when that is set. */
export async function openTestPool(): Promise<{ pool: pg.Pool; close: () => Promise<void> }> {
  const server = process.env["DATABASE_URL"];
  return server === undefined || server === "" ? inMemory() : onServer(server);
}

/** A store on a database of the test file's own. */
export async function openTestStore(): Promise<Store> {
  const { pool, close } = await openTestPool();
  return storeOver(pool, close);
}

async function inMemory(): Promise<{ pool: pg.Pool; close: () => Promise<void> }> {
  const lite = await PGlite.create({ loadDataDir: new Blob([await template()]) });
  const pool = poolOver(lite);
  return {
    pool,
    close: async () => {
      await pool.end();
      await lite.close();
    },
  };
}

async function onServer(server: string): Promise<{ pool: pg.Pool; close: () => Promise<void> }> {
  const { url, drop } = await makeDatabase(server);
  const pool = poolTo({ databaseUrl: url, database: IN_THE_CLEAR }, () => undefined);
  return {
    pool,
    close: async () => {
      await pool.end();
      await drop();
    },
  };
}

/** An empty database of the test's own on a PostgreSQL server. */
export async function makeDatabase(server: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `cs_test_${randomBytes(8).toString("hex")}`;
  const run = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await run(`CREATE DATABASE ${name}`);
  const address = new URL(server);
  address.pathname = `/${name}`;
  return { url: address.href, drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) };
}

/** A migrated cluster as a tar, made once per PGlite version and set of migrations: initdb costs 4 s of a core. */
async function template(): Promise<Uint8Array<ArrayBuffer>> {
  const folder = join(PROJECT_ROOT, ".build");
  const recipe = createHash("sha256");
  recipe.update(await readFile(join(PROJECT_ROOT, "packages/server/package.json")));
  recipe.update(await readFile(join(PROJECT_ROOT, "packages/server/prisma/schema.prisma")));
  const path = join(folder, `pglite-template-${recipe.digest("hex").slice(0, 12)}.tar`);
  if (!existsSync(path)) {
    const lite = await PGlite.create();
    const pool = poolOver(lite);
    await migrate(pool);
    await pool.end();
    const tar = await lite.dumpDataDir("none");
    await lite.close();
    await mkdir(folder, { recursive: true });
    const unfinished = `${path}.${process.pid}`;
    await writeFile(unfinished, new Uint8Array(await tar.arrayBuffer()));
    await rename(unfinished, path);
  }
  return new Uint8Array(await readFile(path));
}
