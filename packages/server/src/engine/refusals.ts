import type { RefusedPublish } from "@colourstream/contract";
import type { PeerAddress } from "@colourstream/media";

const SHOWN_MS = 10 * 60_000;

/** The publisher that each room turned away last: encoders seldom say why, so the studio does. */
export type Refusals = {
  /** False: it was no publisher. */
  note(roomId: string, reason: string, detail: string, from: PeerAddress): boolean;
  /** One has been let in: what was wrong is wrong no longer. */
  forget(roomId: string): void;
  last(roomId: string): RefusedPublish | null;
};

/** Keeps one for each room: bounded by the rooms. */
export function createRefusals(wallClock: () => number): Refusals {
  const refusals = new Map<string, RefusedPublish>();
  return {
    note: (roomId, reason, detail, { address, protocol }) => {
      if (protocol === "whep" || protocol === "hls") return false;
      refusals.set(roomId, { at: wallClock(), reason, detail, address, protocol });
      return true;
    },
    forget: (roomId) => {
      refusals.delete(roomId);
    },
    last: (roomId) => {
      const refusal = refusals.get(roomId);
      return refusal === undefined || wallClock() - refusal.at > SHOWN_MS ? null : refusal;
    },
  };
}
