import type { Signal } from "@colourstream/contract";
import type { Clock } from "../live/clock.js";

type Candidate = Extract<Signal, { kind: "candidates" }>["candidates"][number];

const GATHER_MS = 50; // a machine's own addresses come within a few milliseconds of each other
const MOST_AT_ONCE = 32; // as many as a message may carry

/** Sends candidates together, and never before the description that they belong to. */
export type CandidateBatch = {
  add(candidate: RTCIceCandidateInit): void;
  /** A description is being made: what comes now belongs to it. */
  hold(): void;
  /** The description was sent: what was held follows. */
  let(): void;
  /** The connection is another: what waits belongs to none, and what comes waits for the next description. */
  clear(): void;
};

/** `send` gets 32 at most. */
export function createCandidateBatch(clock: Clock, send: (candidates: Candidate[]) => void): CandidateBatch {
  let waiting: Candidate[] = [];
  let isHeld = true;
  let cancel: (() => void) | null = null;

  function flush() {
    cancel?.();
    cancel = null;
    while (waiting.length > 0) send(waiting.splice(0, MOST_AT_ONCE));
  }

  return {
    add({ candidate, sdpMid, sdpMLineIndex, usernameFragment }) {
      if (candidate === undefined || candidate === "") return; // the end of candidates: no one waits for it
      waiting.push({
        candidate,
        sdpMid: sdpMid ?? null,
        sdpMLineIndex: sdpMLineIndex ?? null,
        usernameFragment: usernameFragment ?? null,
      });
      if (!isHeld) cancel ??= clock.after(GATHER_MS, flush);
    },
    hold() {
      isHeld = true;
      flush(); // these are of the description before
    },
    let() {
      isHeld = false;
      flush();
    },
    clear() {
      isHeld = true;
      waiting = [];
      flush();
    },
  };
}
