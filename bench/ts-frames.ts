import { wallMs } from "../tests/tools/wait.js";

/** When the last packet of each picture of a transport stream was seen. */
export type TsFrames = {
  /** Whole transport packets. */
  take(packets: Buffer): void;
  /** By the pictures' `pts`. The newest one may not be over. */
  readonly lastPacketMs: ReadonlyMap<number, number>;
};

const TS_PACKET_BYTES = 188;

/** ffmpeg gives its first picture track this PID. */
const VIDEO_PID = 0x100;

/** Looks at packets only as far as the pictures' borders: nothing of the engine's own is used. */
export function watchTsFrames(): TsFrames {
  const lastPacketMs = new Map<number, number>();
  let current: number | null = null;
  return {
    lastPacketMs,
    take(packets) {
      const atMs = wallMs();
      for (let at = 0; at + TS_PACKET_BYTES <= packets.length; at += TS_PACKET_BYTES) {
        const packet = packets.subarray(at, at + TS_PACKET_BYTES);
        if ((packet.readUInt16BE(1) & 0x1fff) !== VIDEO_PID) continue;
        if ((packet.readUInt8(1) & 0x40) !== 0) current = ptsOf(packet);
        if (current !== null) lastPacketMs.set(current, atMs);
      }
    },
  };
}

/** The time stamp in a PES header (ISO/IEC 13818-1 §2.4.3.6). */
function ptsOf(packet: Buffer): number {
  const hasAdaptation = (packet.readUInt8(3) & 0x20) !== 0;
  const at = (hasAdaptation ? 5 + packet.readUInt8(4) : 4) + 9;
  const high = (packet.readUInt8(at) >> 1) & 7;
  return high * 2 ** 30 + (packet.readUInt16BE(at + 1) >> 1) * 2 ** 15 + (packet.readUInt16BE(at + 3) >> 1);
}

/** The payload of an SRT data packet that is sent for the first time; null for anything else (draft-sharabayko-srt §3.1). */
export function firstSrtPayload(packet: Buffer): Buffer | null {
  if (packet.length <= 16 || (packet.readUInt8(0) & 0x80) !== 0) return null;
  const isRetransmitted = (packet.readUInt32BE(4) & 0x04000000) !== 0;
  return isRetransmitted ? null : packet.subarray(16);
}
