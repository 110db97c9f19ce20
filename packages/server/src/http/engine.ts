import type { engineRoutes } from "@colourstream/contract";
import type { Product } from "./context.js";
import type { HandlersOf } from "./implement.js";

/** The media engine as the owner sees it. */
export function engineHandlers({ engine }: Pick<Product, "engine">): HandlersOf<typeof engineRoutes> {
  return { readEngine: async () => engine.view() };
}
