import type { PacketRing } from "./packet-ring.js";
import type { TrackSender } from "./sender.js";

/** Packets that a viewer may ask for again: 2 s at 20 Mb/s. A power of two. */
const HISTORY_PACKETS = 4096;

/** Long-term share of a stream's bit rate that one viewer's repairs may take (reliability test 16). */
const REPAIR_SHARE = 0.1;

/** An outage of 1.5 s may be repaired at once: so much of the stream is saved up. */
const SAVED_UP_SECONDS = 1.5;
const MIN_SAVED_BYTES = 256 * 1024;

/** The same packet is not sent again within this: the answer is on its way. */
const REPEAT_MS = 15;

/** What one viewer was sent, by sequence number: which packet of the ring it was and at what time. */
export type History = {
  add(sequence: number, ringNumber: number, time: number): void;
  /** Sends what can be sent of the lost. Gives how many were not, for want of packets or of budget. */
  repair(lost: readonly number[], nowMs: number, bitsPerSecond: number): number;
};

export function createHistory(ring: PacketRing, sender: TrackSender): History {
  const sequences = new Int32Array(HISTORY_PACKETS).fill(-1);
  const numbers = new Float64Array(HISTORY_PACKETS);
  const times = new Float64Array(HISTORY_PACKETS);
  const sentMs = new Float64Array(HISTORY_PACKETS);
  let budget = MIN_SAVED_BYTES;
  let budgetMs = Number.NEGATIVE_INFINITY;

  return {
    add(sequence, ringNumber, time) {
      const slot = sequence & (HISTORY_PACKETS - 1);
      sequences[slot] = sequence;
      numbers[slot] = ringNumber;
      times[slot] = time;
      sentMs[slot] = Number.NEGATIVE_INFINITY;
    },
    repair(lost, nowMs, bitsPerSecond) {
      const bytesPerMs = bitsPerSecond / 8000;
      const most = Math.max(MIN_SAVED_BYTES, bytesPerMs * 1000 * SAVED_UP_SECONDS);
      const earned =
        budgetMs === Number.NEGATIVE_INFINITY ? most : (nowMs - budgetMs) * bytesPerMs * REPAIR_SHARE;
      budget = Math.min(most, budget + earned);
      budgetMs = nowMs;

      let missing = 0;
      for (const sequence of lost) {
        const slot = sequence & (HISTORY_PACKETS - 1);
        const packet = sequences[slot] === sequence ? ring.packet(numbers[slot] ?? -1) : null;
        if (packet === null || budget <= 0) {
          missing += 1;
          continue;
        }
        if (nowMs - (sentMs[slot] ?? 0) < REPEAT_MS) continue;
        sentMs[slot] = nowMs;
        const bytes = sender.resend(packet, sequence, times[slot] ?? 0);
        if (bytes === 0) missing += 1;
        budget -= bytes;
      }
      return missing;
    },
  };
}
