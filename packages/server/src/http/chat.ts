import type { chatRoutes } from "@colourstream/contract";
import type { Product } from "./context.js";
import type { HandlersOf } from "./implement.js";

/** A room's chat outside the channel. */
export function chatHandlers(_product: Product): HandlersOf<typeof chatRoutes> {
  const notBuilt = async (): Promise<never> => {
    throw new Error("not built yet");
  };
  return { listChat: notBuilt, exportChat: notBuilt, clearChat: notBuilt };
}
