import type { Ban } from "@colourstream/contract";

/** Who was sent out of which room for good, in memory as on disk: the door asks for every visitor. */
export type Bans = {
  isBanned(roomId: string, personId: string): boolean;
  /** The room's, the newest first. */
  list(roomId: string): Ban[];
  /** On disk before it resolves. Somebody who is banned already stays so. */
  add(
    roomId: string,
    ban: { readonly personId: string; readonly name: string; readonly by: string },
  ): Promise<Ban>;
  /** Null when there is none of that id in the room. */
  lift(roomId: string, id: string): Promise<Ban | null>;
};

/** Not built yet: nobody is banned. */
export function createBans(): Bans {
  return {
    isBanned: () => false,
    list: () => [],
    add: async () => {
      throw new Error("not built yet");
    },
    lift: async () => null,
  };
}
