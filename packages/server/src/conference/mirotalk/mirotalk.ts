import type { Bus } from "../../bus/bus.js";
import type { CallNameStore } from "../../store/call-names.js";
import type { Conference } from "../conference.js";
import type { MiroTalkConfig } from "./mirotalk-config.js";

/** What the driver needs. */
export type MiroTalkOptions = {
  readonly config: MiroTalkConfig;
  /** What a room's meeting is called, the same in every process. */
  readonly names: CallNameStore;
  readonly bus: Bus;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: () => number;
  readonly wallClock: () => number;
  warn(message: string, about: unknown): void;
};

/** MiroTalk P2P, an unmodified service on an origin of its own, in a frame of our page. */
export function createMiroTalkConference(_options: MiroTalkOptions): Conference {
  throw new Error("not built yet");
}
