import { parseRtpPacket, type RtpPacket } from "../../wire/rtp/packet.js";
import type { ReportBlock } from "../../wire/rtp/rtcp.js";
import { createReception, type Reception } from "./reception.js";
import { createReorder, type InOrder, type Reorder, type ReorderCounts } from "./reorder.js";

/** What was agreed for one m-line. */
export type TrackOptions = {
  readonly payloadType: number;
  /** RFC 4588: where lost packets come again; null where they come as they were. */
  readonly rtxType: number | null;
  readonly clockRate: number;
  readonly waitMs: () => number;
  readonly againMs: () => number;
  readonly packet: (packet: InOrder) => void;
  /** Another source has taken the place of the one before. */
  readonly restarted: () => void;
};

/** One m-line's packets from its source, put in order. */
export type Track = {
  /** Null before the first packet. */
  ssrc(): number | null;
  /** False when the packet belongs to another track. */
  take(bytes: Uint8Array, nowMs: number): boolean;
  /** Gives up what is too old; gives what to ask for now. */
  tick(nowMs: number): number[];
  hasHoles(): boolean;
  senderReport(
    ssrc: number,
    ntp: { readonly seconds: number; readonly fraction: number },
    nowMs: number,
  ): boolean;
  block(nowMs: number): ReportBlock | null;
  counts(): ReorderCounts;
};

/** Another SSRC counts after so long a silence of the one before: two at once are not one picture. */
const OTHER_SOURCE_MS = 500;

const NOTHING: ReorderCounts = { expected: 0, lost: 0, missing: 0, highest: 0 };

/** Waits for its first packet. */
export function createTrack(options: TrackOptions): Track {
  const { payloadType, rtxType, clockRate } = options;
  let source: { ssrc: number; heardMs: number; reorder: Reorder; reception: Reception } | null = null;

  const sourceOf = (ssrc: number, nowMs: number): typeof source => {
    if (source !== null && source.ssrc === ssrc) return source;
    if (source !== null && nowMs - source.heardMs < OTHER_SOURCE_MS) return null;
    if (source !== null) options.restarted();
    const { waitMs, againMs } = options;
    const [reorder, reception] = [createReorder({ waitMs, againMs }), createReception(ssrc, clockRate)];
    source = { ssrc, heardMs: nowMs, reorder, reception };
    return source;
  };

  const hand = (packets: readonly InOrder[]) => {
    for (const packet of packets) options.packet(packet);
  };

  const repaired = (packet: RtpPacket, nowMs: number) => {
    const { payload } = packet;
    if (source === null || payload.length < 2) return; // padding, which only probes the line
    const sequenceNumber = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
    hand(
      source.reorder.take({ ...packet, payloadType, sequenceNumber, payload: payload.subarray(2) }, nowMs),
    );
  };

  return {
    ssrc: () => source?.ssrc ?? null,
    take(bytes, nowMs) {
      const type = (bytes[1] ?? 0) & 0x7f;
      if (type !== payloadType && type !== rtxType) return false;
      const packet = parseRtpPacket(bytes);
      if (type === rtxType) {
        repaired(packet, nowMs);
        return true;
      }
      const from = sourceOf(packet.ssrc, nowMs);
      if (from === null) return true;
      from.heardMs = nowMs;
      from.reception.arrived(packet.timestamp, nowMs);
      hand(from.reorder.take(packet, nowMs));
      return true;
    },
    tick(nowMs) {
      if (source === null) return [];
      hand(source.reorder.expire(nowMs));
      return source.reorder.toAskFor(nowMs);
    },
    hasHoles: () => source?.reorder.hasHoles() ?? false,
    senderReport(ssrc, ntp, nowMs) {
      if (source?.ssrc !== ssrc) return false;
      source.reception.senderReport(ntp, nowMs);
      return true;
    },
    block: (nowMs) => source?.reception.block(source.reorder.counts(), nowMs) ?? null,
    counts: () => source?.reorder.counts() ?? NOTHING,
  };
}
