import type { ClientMessage } from "@colourstream/contract";
import type { Product } from "../http/context.js";
import type { RoomWatcher, Watchers } from "./watchers.js";

/** What is written in a room, and who is told. */
export type ChatLine = {
  hear(
    watcher: RoomWatcher,
    said: Extract<ClientMessage, { type: `chat.${string}` | `history.${string}` }>,
  ): Promise<void>;
};

/** Not built yet. */
export function createChatLine(_options: {
  readonly product: Pick<Product, "chat">;
  readonly watchers: Watchers;
}): ChatLine {
  return { hear: async () => undefined };
}
