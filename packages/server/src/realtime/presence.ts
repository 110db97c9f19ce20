import type { ClientMessage } from "@colourstream/contract";
import type { Product } from "../http/context.js";
import type { RoomWatcher, Watchers } from "./watchers.js";

/** What pages say of themselves, and who is told that they are there. */
export type PresenceLine = {
  /** To one who has just come into the room. */
  greet(watcher: RoomWatcher): void;
  hear(watcher: RoomWatcher, said: Extract<ClientMessage, { type: `presence.${string}` }>): void;
};

/** Not built yet. */
export function createPresenceLine(_options: {
  readonly product: Pick<Product, "presence">;
  readonly watchers: Watchers;
}): PresenceLine {
  return { greet: () => undefined, hear: () => undefined };
}
