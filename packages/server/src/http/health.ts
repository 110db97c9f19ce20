import type { healthRoutes } from "@colourstream/contract";
import type { Product } from "./context.js";
import type { HandlersOf } from "./implement.js";

const DATABASE_ANSWER_MS = 2_000;
const ASK_EVERY_MS = 1_000; // anyone may ask: the database is asked once a second at most

/** Whether the parts answer, asked once a second at most however many want to know. */
export type PartsCheck = () => Promise<{
  readonly database: "ok" | "away";
  readonly engine: "ok" | "away";
}>;

export function createPartsCheck({ store, engine }: Pick<Product, "store" | "engine">): PartsCheck {
  let askedAt = Number.NEGATIVE_INFINITY;
  let asked: Promise<string | null> = Promise.resolve(null);
  return async () => {
    if (performance.now() - askedAt > ASK_EVERY_MS) {
      askedAt = performance.now();
      asked = store.version(DATABASE_ANSWER_MS);
    }
    const database = (await asked) === null ? "away" : "ok";
    return { database, engine: engine.isAway() ? "away" : "ok" };
  };
}

/** The same for people, with the version. */
export function healthHandlers(
  { version }: Pick<Product, "version">,
  parts: PartsCheck,
): HandlersOf<typeof healthRoutes> {
  return { readHealth: async () => ({ version, ...(await parts()) }) };
}
