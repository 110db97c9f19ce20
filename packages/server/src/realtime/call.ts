import type { ClientMessage } from "@colourstream/contract";
import type { Product } from "../http/context.js";
import type { RoomWatcher, Watcher } from "./watchers.js";

/** Carries a page's words to the call and the call's to the page. */
export type CallLine = {
  hear(watcher: RoomWatcher, said: Extract<ClientMessage, { type: `call.${string}` }>): void;
  /** The socket has closed, or watches something else. */
  gone(watcher: Watcher): void;
};

/** Not built yet. */
export function createCallLine(_options: { readonly product: Pick<Product, "conference"> }): CallLine {
  return { hear: () => undefined, gone: () => undefined };
}
