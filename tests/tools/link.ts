import type { Random } from "./random.js";

/** How a network path treats packets in one direction. */
export type LinkConditions = {
  /** One-way delay of every packet. */
  readonly delayMs?: number;
  /** Added to the delay, evenly spread from 0 to this. Packets keep their order all the same: a router's queue. */
  readonly jitterMs?: number;
  /** Share of packets that never arrive, 0 to 1. */
  readonly loss?: number;
  /** Share of packets, 0 to 1, that are held for `reorderMs` more while later ones pass. */
  readonly reorder?: number;
  readonly reorderMs?: number;
  /** Bits per second that fit through; what waits longer than `queueMs` is lost. */
  readonly bitsPerSecond?: number;
  /** Longest stay in the queue of a limited link; 200 ms, a usual router buffer. */
  readonly queueMs?: number;
};

/** What became of the packets. */
export type LinkCounts = { passed: number; lost: number; reordered: number; overflowed: number };

const DEFAULT_QUEUE_MS = 200;
const DEFAULT_REORDER_MS = 20;

/** One direction of a network path: tells for every packet when it arrives, or that it does not. Pure: time comes in. */
export type Link = {
  /** When a packet that enters now comes out, in the caller's milliseconds; null when it is lost. */
  arrivalOf(bytes: number, nowMs: number): number | null;
  /** From now on the path behaves like this. */
  change(conditions: LinkConditions): void;
  /** All packets are lost until the given time. */
  cutUntil(timeMs: number): void;
  readonly counts: Readonly<LinkCounts>;
};

/** Makes a link; the same seed and the same packets give the same fate. */
export function makeLink(first: LinkConditions, random: Random): Link {
  let conditions = first;
  let lastOutMs = Number.NEGATIVE_INFINITY;
  let queueFreeMs = Number.NEGATIVE_INFINITY;
  let deadUntilMs = Number.NEGATIVE_INFINITY;
  const counts: LinkCounts = { passed: 0, lost: 0, reordered: 0, overflowed: 0 };

  return {
    arrivalOf(bytes, nowMs) {
      // Every packet draws the same three numbers, so that one setting's change does not shift the others' sequence.
      const [lossDraw, jitterDraw, reorderDraw] = [random(), random(), random()];
      if (nowMs < deadUntilMs || lossDraw < (conditions.loss ?? 0)) {
        counts.lost += 1;
        return null;
      }
      let leavesMs = nowMs;
      if (conditions.bitsPerSecond !== undefined) {
        const startMs = Math.max(nowMs, queueFreeMs);
        if (startMs - nowMs > (conditions.queueMs ?? DEFAULT_QUEUE_MS)) {
          counts.overflowed += 1;
          return null;
        }
        leavesMs = startMs + (bytes * 8 * 1000) / conditions.bitsPerSecond;
        queueFreeMs = leavesMs;
      }
      counts.passed += 1;
      const delayedMs = leavesMs + (conditions.delayMs ?? 0) + jitterDraw * (conditions.jitterMs ?? 0);
      if (reorderDraw < (conditions.reorder ?? 0)) {
        counts.reordered += 1;
        return delayedMs + (conditions.reorderMs ?? DEFAULT_REORDER_MS); // does not hold the ones behind it
      }
      lastOutMs = Math.max(lastOutMs, delayedMs);
      return lastOutMs;
    },
    change(next) {
      conditions = next;
    },
    cutUntil(timeMs) {
      deadUntilMs = timeMs;
    },
    counts,
  };
}
