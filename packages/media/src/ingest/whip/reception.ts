import type { ReportBlock } from "../../wire/rtp/rtcp.js";
import type { ReorderCounts } from "./reorder.js";

/** What a receiver reports of one source (RFC 3550 §6.4). */
export type Reception = {
  /** A packet of the source itself, not of its repairs, as it arrived. */
  arrived(rtpTimestamp: number, nowMs: number): void;
  senderReport(ntp: { readonly seconds: number; readonly fraction: number }, nowMs: number): void;
  /** Null before the first packet. The loss is since the report before. */
  block(counts: ReorderCounts, nowMs: number): ReportBlock | null;
};

/** Starts for one SSRC with its RTP clock rate. */
export function createReception(ssrc: number, clockRate: number): Reception {
  let received = 0;
  let jitter = 0;
  let transit: number | null = null;
  let lastReport: { middle: number; atMs: number } | null = null;
  let before = { expected: 0, received: 0 };

  return {
    arrived(rtpTimestamp, nowMs) {
      received += 1;
      const now = (nowMs * clockRate) / 1000 - rtpTimestamp;
      // RFC 3550 §A.8; a step is a wrap of the time or a pause, not jitter.
      const step = transit === null ? 0 : Math.abs(now - transit);
      transit = now;
      if (step < clockRate) jitter += (step - jitter) / 16;
    },
    senderReport({ seconds, fraction }, nowMs) {
      lastReport = { middle: ((seconds & 0xffff) * 0x10000 + (fraction >>> 16)) >>> 0, atMs: nowMs };
    },
    block({ expected, highest }, nowMs) {
      if (received === 0) return null;
      const due = expected - before.expected;
      const lostNow = Math.max(0, due - (received - before.received));
      before = { expected, received };
      return {
        ssrc,
        fractionLost: due <= 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / due)),
        lost: Math.max(-0x800000, Math.min(0x7fffff, expected - received)),
        highestSequence: highest,
        jitter: Math.round(jitter) >>> 0,
        lastReport: lastReport?.middle ?? 0,
        delay: lastReport === null ? 0 : Math.round((nowMs - lastReport.atMs) * 65.536) >>> 0,
      };
    },
  };
}
