import type { LinkState } from "../../control/protocol.js";
import type { NtpTime } from "../../wire/rtp/rtcp.js";
import { ntpTime } from "../../wire/rtp/rtcp-write.js";
import type { ReorderCounts } from "./reorder.js";

/** How the line from a publisher is doing. */
export type Line = {
  /** Called once for each report, with the counts of the picture's packets. */
  sample(counts: ReorderCounts, nowMs: number): void;
  /** Our time to be sent along, so that the answer tells the round trip (RFC 3611 §4.4). */
  now(nowMs: number): NtpTime;
  /** The sender's word on when that came (RFC 3611 §4.5). */
  answered(lastTime: number, delay: number, nowMs: number): void;
  /** The smoothed round trip; null until measured. */
  rttMs(): number | null;
  state(): LinkState;
};

/** Percentages are over so long. */
const WINDOW_MS = 10_000;
/** Ours and theirs differ by less; more is a wrong answer. */
const MAX_RTT_MS = 10_000;

type Sample = {
  readonly atMs: number;
  readonly expected: number;
  readonly lost: number;
  readonly missing: number;
};

/** Starts before the first report. */
export function createLine(): Line {
  const samples: Sample[] = [];
  let rtt: number | null = null;

  const middleOf = (nowMs: number) => {
    const { seconds, fraction } = ntpTime(nowMs);
    return ((seconds & 0xffff) * 0x10000 + (fraction >>> 16)) >>> 0;
  };

  const percent = (part: number, whole: number) =>
    whole <= 0 ? 0 : Math.round(Math.min(100, (100 * part) / whole) * 100) / 100;

  return {
    sample({ expected, lost, missing }, nowMs) {
      samples.push({ atMs: nowMs, expected, lost, missing });
      while (samples.length > 2 && (samples[1]?.atMs ?? nowMs) <= nowMs - WINDOW_MS) samples.shift();
    },
    now: (nowMs) => ntpTime(nowMs),
    answered(lastTime, delay, nowMs) {
      if (lastTime === 0) return;
      const ms = ((middleOf(nowMs) - lastTime - delay) >>> 0) / 65.536;
      if (ms > MAX_RTT_MS) return;
      rtt = rtt === null ? ms : rtt + (ms - rtt) / 8;
    },
    rttMs: () => rtt,
    state() {
      const [first, last] = [samples[0], samples.at(-1)];
      const expected = (last?.expected ?? 0) - (first?.expected ?? 0);
      return {
        rttMs: rtt === null ? null : Math.round(rtt * 10) / 10,
        lostPercent: percent((last?.lost ?? 0) - (first?.lost ?? 0), expected),
        missingPercent: percent((last?.missing ?? 0) - (first?.missing ?? 0), expected),
        latencyMs: null,
        advisedLatencyMs: null,
        isEncrypted: true,
      };
    },
  };
}
