import { setTimeout as wait } from "node:timers/promises";
import { isDatabaseAway } from "./failures.js";
import { openStore, type Store } from "./store.js";

const WAIT_MS = 60_000; // a machine that starts both: PostgreSQL after a crash replays its log first
const TRY_EVERY_MS = 1_000;

/** The PostgreSQL at DATABASE_URL cannot be used. The message names its host, never its password. */
export class DatabaseError extends Error {
  constructor(databaseUrl: string, why: string) {
    super(`PostgreSQL at ${hostOf(databaseUrl)} (DATABASE_URL) ${why}`);
    this.name = "DatabaseError";
  }
}

/** Opens the store; a PostgreSQL server that is not there yet is waited for, with one line that says so. */
export async function awaitStore(
  where: { readonly dataDir: string; readonly databaseUrl: string | null },
  ports: { warn(message: string, error: unknown): void; say(line: string): void; readonly waitMs?: number },
): Promise<Store> {
  const { databaseUrl } = where;
  if (databaseUrl === null) return openStore(where, ports.warn);
  const waitMs = ports.waitMs ?? WAIT_MS;
  const until = performance.now() + waitMs;
  let hasSaid = false;
  for (;;) {
    try {
      return await openStore(where, ports.warn);
    } catch (error) {
      const why = reasonOf(error);
      if (!isDatabaseAway(error)) {
        if (isRefusal(error)) throw new DatabaseError(databaseUrl, `refuses us: ${why}.`);
        throw error;
      }
      if (performance.now() + TRY_EVERY_MS > until) {
        throw new DatabaseError(databaseUrl, `did not answer within ${Math.round(waitMs / 1000)} s: ${why}.`);
      }
      if (!hasSaid) ports.say(`Waiting for PostgreSQL at ${hostOf(databaseUrl)} (DATABASE_URL): ${why}`);
      hasSaid = true;
    }
    await wait(TRY_EVERY_MS);
  }
}

/** PostgreSQL's classes 28 (user or password), 3D (no such database) and 42501 (may not): only the operator can help. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && "code" in error && /^(28...|3D000|42501)$/.test(String(error.code));
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; "); // localhost: IPv6, then IPv4
  return error instanceof Error ? error.message : String(error);
}

function hostOf(databaseUrl: string): string {
  const { host, hostname, port, searchParams } = new URL(databaseUrl);
  if (hostname === "") return searchParams.get("host") ?? "localhost"; // a Unix socket's folder
  return port === "" ? `${hostname}:5432` : host;
}
