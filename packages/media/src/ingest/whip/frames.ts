import type { InOrder } from "./reorder.js";

/** All payloads of one access unit, in order, none missing. */
export type WholeFrame = {
  readonly timestamp: number;
  readonly payloads: readonly Uint8Array[];
  /** When its last packet was there. */
  readonly arrivedAtMs: number;
};

/** What packets in order make. */
export type FrameEvents = {
  frame(frame: WholeFrame): void;
  /** At least one access unit will never be whole. */
  broken(): void;
};

/** Collects packets into access units: one is whole with its marker, in the same tick. */
export type Frames = { take(packet: InOrder): void };

/** A 4K keyframe at 100 Mbit/s is under 4 MiB. */
const MAX_FRAME_BYTES = 10 * 1024 * 1024;
const MAX_FRAME_PACKETS = 16_384;

/** Starts at a frame's beginning: the first packet of a source is one, unless it turns out not to be. */
export function createFrames(events: FrameEvents): Frames {
  let payloads: Uint8Array[] = [];
  let bytes = 0;
  let timestamp = 0;
  let arrivedAtMs = 0;
  /** What comes up to the next marker belongs to a frame whose beginning was lost. */
  let isBroken = false;

  const begin = () => {
    payloads = [];
    bytes = 0;
  };

  const finish = () => {
    if (payloads.length > 0) events.frame({ timestamp, payloads, arrivedAtMs });
    begin();
  };

  const breakOff = () => {
    if (!isBroken) events.broken();
    isBroken = true;
    begin();
  };

  return {
    take({ packet, arrivedAtMs: now, isAfterGap }) {
      if (isAfterGap) breakOff();
      if (packet.payload.length === 0) return; // padding, which only probes the line
      if (isBroken) {
        if (packet.marker) isBroken = false;
        return;
      }
      if (payloads.length > 0 && packet.timestamp !== timestamp) finish(); // a sender without markers
      timestamp = packet.timestamp;
      arrivedAtMs = now;
      payloads.push(packet.payload);
      bytes += packet.payload.length;
      if (packet.marker) finish();
      else if (bytes > MAX_FRAME_BYTES || payloads.length > MAX_FRAME_PACKETS) breakOff();
    },
  };
}
