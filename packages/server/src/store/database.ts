import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "../generated/prisma/client.js";
import type { DatabaseConfig } from "./database-config.js";

/** Prisma's client over either database. Only this folder sees it. */
export type Database = PrismaClient;

const CONNECT_DEADLINE_MS = 5_000;
const STATEMENT_DEADLINE_MS = 10_000;
const MAX_CONNECTIONS = 10;

/** Prisma over a pool of connections; the pool stays the caller's to close. */
export function databaseOver(pool: pg.Pool): Database {
  return new PrismaClient({
    adapter: new PrismaPg(pool),
    transactionOptions: { maxWait: CONNECT_DEADLINE_MS, timeout: STATEMENT_DEADLINE_MS },
  });
}

/** A pool of connections to a PostgreSQL server. One that is away costs the waiting request, not the process. */
export function poolTo(
  databaseUrl: string,
  onLost: (error: Error) => void,
  { connections }: Pick<DatabaseConfig, "connections"> = { connections: MAX_CONNECTIONS },
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: connections,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    statement_timeout: STATEMENT_DEADLINE_MS,
    query_timeout: STATEMENT_DEADLINE_MS,
    options: "-c TimeZone=UTC",
    keepAlive: true,
  });
  pool.on("error", onLost); // without a listener a lost idle connection would end the process
  return pool;
}
