import { userRoutes } from "@colourstream/contract";
import type { Product } from "./context.js";
import type { Cookies } from "./cookies.js";
import type { HandlersOf } from "./implement.js";

/** Not built yet. */
export function userHandlers(_product: Product, _cookies?: Cookies): HandlersOf<typeof userRoutes> {
  const handlers = Object.keys(userRoutes).map((name) => [
    name,
    () => Promise.reject(new Error("not built yet")),
  ]);
  return Object.fromEntries(handlers) as HandlersOf<typeof userRoutes>;
}
