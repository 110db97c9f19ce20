import type { checkRoutes } from "@colourstream/contract";
import { EngineAwayError } from "../engine/engine.js";
import type { Product } from "./context.js";
import type { HandlersOf } from "./implement.js";

/** Enough for a picture to be judged by: 1080p H.264 with little motion loses nothing visible at it. */
const GOOD_BITS_PER_SECOND = 10_000_000;

/** The check of a browser's line, before the door. */
export function checkHandlers({ engine }: Product): HandlersOf<typeof checkRoutes> {
  return {
    beginCheck: async () => {
      const ticket = await engine.checkTicket().catch((error: unknown) => {
        if (error instanceof EngineAwayError) return null;
        throw error;
      });
      // not built yet: the room's own figure for somebody with a seat in it
      return {
        ticket,
        iceServers: ticket?.iceServers ?? [],
        bitsPerSecond: GOOD_BITS_PER_SECOND,
        isOfRoom: false,
      };
    },
  };
}
