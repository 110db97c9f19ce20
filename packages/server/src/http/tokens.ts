import { tokenRoutes } from "@colourstream/contract";
import type { Product } from "./context.js";
import type { Cookies } from "./cookies.js";
import type { HandlersOf } from "./implement.js";

/** Not built yet. */
export function tokenHandlers(_product: Product, _cookies?: Cookies): HandlersOf<typeof tokenRoutes> {
  const handlers = Object.keys(tokenRoutes).map((name) => [
    name,
    () => Promise.reject(new Error("not built yet")),
  ]);
  return Object.fromEntries(handlers) as HandlersOf<typeof tokenRoutes>;
}
