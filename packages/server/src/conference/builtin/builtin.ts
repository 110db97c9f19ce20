import type { IceServers } from "@colourstream/contract";
import type { Conference } from "../conference.js";

/** What the built-in conference needs. */
export type BuiltinOptions = {
  /** STUN and TURN servers for a page opened at `origin`, with credentials for one person, and for how long they hold. */
  readonly ice: (id: string, origin: string | null) => { readonly ice: IceServers; readonly forMs: number };
  readonly random: (bytes: number) => Uint8Array;
};

/** Not built yet: nobody gets a place. */
export function createBuiltinConference(_options: BuiltinOptions): Conference {
  return {
    join: () => null,
    mute: () => false,
    muteAll: () => undefined,
    press: () => ({ isInCall: false, isLive: false }),
    roleChanged: () => undefined,
    end: () => undefined,
    close: () => undefined,
    onNews: () => undefined,
  };
}
