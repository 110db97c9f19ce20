import type { callRoutes } from "@colourstream/contract";
import type { Product } from "./context.js";
import type { HandlersOf } from "./implement.js";

/** Muting by hosts, and talk buttons that are not on the page. */
export function callHandlers(_product: Product): HandlersOf<typeof callRoutes> {
  const notBuilt = async (): Promise<never> => {
    throw new Error("not built yet");
  };
  return {
    muteParticipant: notBuilt,
    muteEverybody: notBuilt,
    makeTalkLink: notBuilt,
    pressTalk: notBuilt,
    pressOwnTalk: notBuilt,
  };
}
