import type { presenceRoutes } from "@colourstream/contract";
import type { Product } from "./context.js";
import type { HandlersOf } from "./implement.js";

/** What hosts do with those in the room: roles, hands, bans. */
export function presenceHandlers(_product: Product): HandlersOf<typeof presenceRoutes> {
  const notBuilt = async (): Promise<never> => {
    throw new Error("not built yet");
  };
  return { changeParticipantRole: notBuilt, lowerHand: notBuilt, listBans: notBuilt, liftBan: notBuilt };
}
