import type { healthRoutes } from "@colourstream/contract";
import type { Product } from "./context.js";
import type { HandlersOf } from "./implement.js";

const DATABASE_ANSWER_MS = 2_000;
const ASK_EVERY_MS = 1_000; // anyone may ask: the database is asked once a second at most

/** Whether the parts answer. */
export function healthHandlers({ version, store, engine }: Product): HandlersOf<typeof healthRoutes> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let asked: Promise<string | null> = Promise.resolve(null);
  return {
    readHealth: async () => {
      if (performance.now() - askedAt > ASK_EVERY_MS) {
        askedAt = performance.now();
        asked = store.version(DATABASE_ANSWER_MS);
      }
      const database = (await asked) === null ? "away" : "ok";
      return { version, database, engine: engine.isAway() ? "away" : "ok" };
    },
  };
}
