import { participantRoutes } from "@colourstream/contract";
import type { Product } from "./context.js";
import type { Cookies } from "./cookies.js";
import type { HandlersOf } from "./implement.js";

/** Not built yet. */
export function participantHandlers(
  _product: Product,
  _cookies?: Cookies,
): HandlersOf<typeof participantRoutes> {
  const handlers = Object.keys(participantRoutes).map((name) => [
    name,
    () => Promise.reject(new Error("not built yet")),
  ]);
  return Object.fromEntries(handlers) as HandlersOf<typeof participantRoutes>;
}
