import type { RtpPacket } from "../../wire/rtp/packet.js";

/** A packet in its place. */
export type InOrder = {
  readonly packet: RtpPacket;
  readonly arrivedAtMs: number;
  /** Packets before it were given up. */
  readonly isAfterGap: boolean;
};

/** Counts since the start, for reports. */
export type ReorderCounts = {
  /** Packets that were due, from the first one's number to the highest. */
  readonly expected: number;
  /** Holes that were seen, whether they were filled later or not. */
  readonly lost: number;
  /** Holes that were given up. */
  readonly missing: number;
  /** RFC 3550 §6.4.1: the highest number with the count of its wraps. */
  readonly highest: number;
};

/**
 * Puts one source's packets in the order of their numbers. A hole holds back what is behind it until it is filled or
 * `waitMs` is over; everything else passes in the same tick.
 */
export type Reorder = {
  /** Takes a packet as it arrived or was repaired; gives what is now in order. */
  take(packet: RtpPacket, nowMs: number): InOrder[];
  /** Gives up holes that are too old; gives what was behind them. */
  expire(nowMs: number): InOrder[];
  /** Sequence numbers to ask for now: each once at first, then every `againMs`. */
  toAskFor(nowMs: number): number[];
  hasHoles(): boolean;
  counts(): ReorderCounts;
};

/** Packets held behind a hole: 500 ms at 50 Mb/s. */
const MAX_WAITING = 4096;
/** A step of more than this is no loss: the source has begun anew. */
const MAX_STEP = 3000;
/** Each NACK is answered from 1 s of history; more than this would be no repair but a second stream. */
const MAX_ASKS = 10;
/** RFC 4585 §6.2.1: what one datagram asks for; the rest comes with the next. */
const MAX_ASKED_AT_ONCE = 256;

type Waiting = { readonly packet: RtpPacket; readonly arrivedAtMs: number };
type Hole = { readonly sinceMs: number; askedMs: number; asks: number };

/** Starts at the first packet it is given. `times` is asked each time: both follow the measured round trip. */
export function createReorder(times: { waitMs(): number; againMs(): number }): Reorder {
  const waiting = new Map<number, Waiting>();
  const holes = new Map<number, Hole>(); // in the order of their numbers
  let first = 0;
  let next: number | null = null;
  let highest = 0;
  let lost = 0;
  let missing = 0;
  let expectedBefore = 0;
  /** RFC 3550 §A.1: two packets far off that follow each other are a source that has begun anew. */
  let strange: number | null = null;
  let isAfterGap = false;

  const release = (out: InOrder[]) => {
    if (next === null) return;
    for (let entry = waiting.get(next); entry !== undefined; entry = waiting.get(next)) {
      waiting.delete(next);
      next += 1;
      out.push({ ...entry, isAfterGap });
      isAfterGap = false;
    }
  };

  /** Goes on at the youngest place where something waits. */
  const skipTo = (number: number, out: InOrder[]) => {
    for (const hole of [...holes.keys()]) {
      if (hole >= number) break;
      holes.delete(hole);
      missing += 1;
    }
    next = number;
    isAfterGap = true;
    release(out);
  };

  const beginAt = (number: number) => {
    if (next !== null) {
      expectedBefore += highest - first + 1;
      missing += holes.size;
      isAfterGap = true;
    }
    waiting.clear();
    holes.clear();
    first = number;
    next = number;
    highest = number - 1;
    strange = null;
  };

  const expire = (nowMs: number): InOrder[] => {
    const out: InOrder[] = [];
    let giveUpTo: number | null = null;
    for (const [number, { sinceMs }] of holes) {
      if (nowMs - sinceMs < times.waitMs() && waiting.size <= MAX_WAITING) break;
      giveUpTo = number;
    }
    if (giveUpTo === null) return out;
    let number = giveUpTo + 1;
    while (!waiting.has(number) && number <= highest) {
      holes.delete(number); // it lies between two that are given up: nothing is behind it yet
      missing += 1;
      number += 1;
    }
    skipTo(number, out);
    return out;
  };

  return {
    take(packet, nowMs) {
      const { sequenceNumber } = packet;
      if (next === null) beginAt(0x10000 + sequenceNumber); // so that an older one is not below zero
      const step = ((sequenceNumber - highest) << 16) >> 16;
      let number = highest + step;
      if (highest >= first && Math.abs(step) > MAX_STEP) {
        if (strange !== sequenceNumber) {
          strange = (sequenceNumber + 1) & 0xffff;
          return [];
        }
        number = 0x10000 * (Math.floor(highest / 0x10000) + 1) + sequenceNumber;
        beginAt(number);
      }
      if (next === null || number < next || waiting.has(number)) return []; // a duplicate, or too late
      for (let hole = Math.max(next, highest + 1); hole < number; hole += 1) {
        holes.set(hole, { sinceMs: nowMs, askedMs: Number.NEGATIVE_INFINITY, asks: 0 });
        lost += 1;
      }
      holes.delete(number);
      highest = Math.max(highest, number);
      const out: InOrder[] = [];
      waiting.set(number, { packet, arrivedAtMs: nowMs });
      release(out);
      if (waiting.size > MAX_WAITING) out.push(...expire(nowMs));
      return out;
    },
    expire,
    toAskFor(nowMs) {
      const asked: number[] = [];
      for (const [number, hole] of holes) {
        if (asked.length >= MAX_ASKED_AT_ONCE) break;
        if (hole.asks >= MAX_ASKS || nowMs - hole.askedMs < times.againMs()) continue;
        hole.asks += 1;
        hole.askedMs = nowMs;
        asked.push(number & 0xffff);
      }
      return asked;
    },
    hasHoles: () => holes.size > 0,
    counts: () => ({
      expected: expectedBefore + (next === null ? 0 : highest - first + 1),
      lost,
      missing,
      highest: highest >>> 0,
    }),
  };
}
