import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "../generated/prisma/client.js";
import { connectionTo, type ServerAddress } from "./connection.js";

/** Prisma's client over either database. Only this folder sees it. */
export type Database = PrismaClient;

const CONNECT_DEADLINE_MS = 5_000;
const STATEMENT_DEADLINE_MS = 10_000;

/** Prisma over a pool of connections; the pool stays the caller's to close. */
export function databaseOver(pool: pg.Pool): Database {
  return new PrismaClient({
    adapter: new PrismaPg(pool),
    transactionOptions: { maxWait: CONNECT_DEADLINE_MS, timeout: STATEMENT_DEADLINE_MS },
  });
}

/** A pool of connections to a PostgreSQL server. One that is away costs the waiting request, not the process. */
export function poolTo(server: ServerAddress, onLost: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    ...connectionTo(server, "colourstream"),
    max: server.database.connections,
    statement_timeout: STATEMENT_DEADLINE_MS,
    query_timeout: STATEMENT_DEADLINE_MS,
  });
  pool.on("error", onLost); // without a listener a lost idle connection would end the process
  return pool;
}
