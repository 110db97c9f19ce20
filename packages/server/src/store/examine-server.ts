import type pg from "pg";
import type { ServerAddress } from "./connection.js";
import { DatabaseError, OLDEST_POSTGRES, reasonOf, UnsuitableServerError } from "./database-error.js";
import { isDatabaseAway } from "./failures.js";

/** Looks whether we may and can work there; changes nothing. Throws `DatabaseError`, which says what is in the way. */
export async function examineServer(pool: pg.Pool, server: ServerAddress): Promise<void> {
  try {
    await look(pool);
  } catch (error) {
    throw told(error, server);
  }
}

/** The same in words for who runs the server, where it is the connection's or the server's matter. */
export function told(error: unknown, server: ServerAddress): unknown {
  const why = reasonOf(error, server);
  if (why !== null) return new DatabaseError(server.databaseUrl, why, error);
  if (!(error instanceof Error) || !isDatabaseAway(error)) return error;
  return new DatabaseError(server.databaseUrl, error.message, error);
}

type Facts = {
  readonly number: number;
  readonly version: string;
  readonly encoding: string;
  readonly mayCreate: boolean;
  readonly isThere: boolean;
};

async function look(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<Facts>(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
       current_setting('server_encoding') AS encoding, to_regclass('_prisma_migrations') IS NOT NULL AS "isThere",
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS "mayCreate"`,
  );
  const [facts] = rows;
  if (facts === undefined) throw new UnsuitableServerError("does not say which version it is.");
  const { number, version, encoding } = facts;
  if (Math.floor(number / 10_000) < OLDEST_POSTGRES)
    throw new UnsuitableServerError(
      `is PostgreSQL ${version}; ColourStream needs version ${OLDEST_POSTGRES} or newer.`,
    );
  if (encoding !== "UTF8")
    throw new UnsuitableServerError(
      `keeps this database in ${encoding}; names and messages need one that was made with ENCODING 'UTF8' TEMPLATE template0.`,
    );
  if (!facts.isThere && !facts.mayCreate)
    throw Object.assign(new Error("permission denied to create"), { code: "42501" });
}
