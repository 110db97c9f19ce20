import { PGlite } from "@electric-sql/pglite";
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import pg from "pg";
import { DurableNodeFS } from "./durable-node-fs.js";
import { prepareCluster } from "./init-cluster.js";

const CHECKPOINT_EVERY_MS = 5 * 60_000; // there is no checkpointer: WAL grew to 433 MB in the measurement
const VACUUM_AFTER_MS = 24 * 60 * 60_000; // there is no autovacuum either; once a day, at the quietest hour known: our start's

/** A database that lives in this process. */
export type EmbeddedDatabase = {
  readonly pool: pg.Pool;
  close(): Promise<void>;
};

/** Opens the database in the data directory, making it at the first start. The caller holds the directory's lock. */
export async function openEmbedded(
  dataDir: string,
  onMaintenanceFailed: (error: unknown) => void,
): Promise<EmbeddedDatabase> {
  const lite = await PGlite.create({
    fs: new DurableNodeFS(await prepareCluster(dataDir)),
    startParams: [
      ...PGlite.defaultStartParams.filter((parameter) => parameter !== "-F"), // -F switches fsync off
      ...["-c", "wal_sync_method=fsync"],
      ...["-c", "shared_buffers=16MB"], // 229 MB of memory in all, against 360 MB by default
      ...["-c", "TimeZone=UTC"],
    ],
  });
  const pool = poolOver(lite);
  const stopMaintenance = keepUp(pool, onMaintenanceFailed);
  return {
    pool,
    close: async () => {
      await stopMaintenance();
      await pool.end();
      await lite.close();
    },
  };
}

/** A pool of the one connection that PGlite has, for Prisma's own PostgreSQL adapter. */
export function poolOver(lite: PGlite): pg.Pool {
  const settings = createPgConfig(lite);
  const { connection } = settings;
  const parse = connection.parse.bind(connection);
  // The adapter passes its type parsers as `types`, which the shim takes for a list of type numbers.
  connection.parse = (query: { types?: unknown }) =>
    parse({ ...query, types: Array.isArray(query.types) ? query.types : undefined });
  return new pg.Pool({ ...settings, connection, max: 1, idleTimeoutMillis: 0 } as unknown as pg.PoolConfig);
}

/** CHECKPOINT every 5 minutes, VACUUM daily. Both block the event loop for as long as they take: keep tables small. */
function keepUp(pool: pg.Pool, onFailed: (error: unknown) => void): () => Promise<void> {
  let underWay: Promise<void> = Promise.resolve();
  const every = (ms: number, statement: string): NodeJS.Timeout =>
    setInterval(() => {
      underWay = underWay.then(async () => {
        try {
          await pool.query(statement);
        } catch (error) {
          onFailed(error);
        }
      });
    }, ms).unref();
  const timers = [every(CHECKPOINT_EVERY_MS, "CHECKPOINT"), every(VACUUM_AFTER_MS, "VACUUM (ANALYZE)")];
  return async () => {
    for (const timer of timers) clearInterval(timer);
    await underWay;
  };
}
