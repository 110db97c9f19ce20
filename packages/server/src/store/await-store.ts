import { setTimeout as wait } from "node:timers/promises";
import { DatabaseError, hostOf } from "./database-error.js";
import { isDatabaseAway } from "./failures.js";
import { openStore, type Store, type StorePlace } from "./store.js";

const WAIT_MS = 60_000; // a machine that starts both: PostgreSQL after a crash replays its log first
const TRY_EVERY_MS = 1_000;

/** Opens the store; a PostgreSQL server that is not there yet is waited for, with one line that says so. */
export async function awaitStore(
  where: StorePlace,
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
      if (!isDatabaseAway(error)) throw error;
      const why = error instanceof DatabaseError ? error.why : String(error);
      if (performance.now() + TRY_EVERY_MS > until)
        throw new DatabaseError(
          databaseUrl,
          `did not answer within ${Math.round(waitMs / 1000)} s: ${why}.`,
          error,
        );
      if (!hasSaid) ports.say(`Waiting for PostgreSQL at ${hostOf(databaseUrl)} (DATABASE_URL): ${why}`);
      hasSaid = true;
    }
    await wait(TRY_EVERY_MS);
  }
}
