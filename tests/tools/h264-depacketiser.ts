import { type RtpPacket, sequenceStep } from "./rtp.js";

/** All NAL units of one picture, in order, without start code or length. */
export type ReceivedPicture = {
  readonly timestamp: number;
  readonly nalUnits: readonly Buffer[];
  /** False when a packet of it never came. */
  readonly isWhole: boolean;
  /** When its last packet came to the depacketiser, in the caller's time. */
  readonly lastPacketAtMs: number;
};

/** Puts RTP packets back into order and pictures (RFC 6184). */
export type H264Depacketiser = {
  take(packet: RtpPacket, nowMs: number): void;
  /** Gives up on holes that are older than `patienceMs`; lists the sequence numbers still worth asking for. */
  missing(nowMs: number): number[];
  readonly counts: { packets: number; lost: number; duplicates: number; pictures: number };
  highestSequence(): number;
};

type Arrived = { readonly packet: RtpPacket; readonly atMs: number };

const MAX_WAITING = 8192; // packets behind a hole: 3 s at 20 Mb/s

/** Makes a depacketiser that waits `patienceMs` for each hole. */
export function makeH264Depacketiser(
  patienceMs: number,
  onPicture: (picture: ReceivedPicture) => void,
): H264Depacketiser {
  const waiting = new Map<number, Arrived>();
  const counts = { packets: 0, lost: 0, duplicates: 0, pictures: 0 };
  let next: number | null = null; // sequence number that is due
  let highest = 0; // with its turns: 32 bits as RFC 3550 counts them
  let holeSinceMs: number | null = null;
  let nalUnits: Buffer[] = [];
  let fragments: Buffer[] | null = null;
  let timestamp: number | null = null;
  let isWhole = true;

  function finish(atMs: number): void {
    if (timestamp !== null && (nalUnits.length > 0 || !isWhole)) {
      counts.pictures += 1;
      onPicture({ timestamp, nalUnits, isWhole: isWhole && fragments === null, lastPacketAtMs: atMs });
    }
    nalUnits = [];
    fragments = null;
    timestamp = null;
    isWhole = true;
  }

  function consume({ packet, atMs }: Arrived): void {
    if (timestamp !== null && timestamp !== packet.timestamp) finish(atMs); // its marker was lost
    timestamp = packet.timestamp;
    takePayload(packet.payload);
    if (packet.isMarked) finish(atMs);
  }

  function takePayload(payload: Buffer): void {
    if (payload.length === 0) return; // padding only
    const type = payload.readUInt8(0) & 0x1f;
    if (type === 24) {
      for (let at = 1; at < payload.length; ) {
        const length = payload.readUInt16BE(at);
        nalUnits.push(payload.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
    } else if (type === 28) {
      const header = payload.readUInt8(1);
      if ((header & 0x80) !== 0) {
        fragments = [Buffer.from([(payload.readUInt8(0) & 0xe0) | (header & 0x1f)])];
      }
      if (fragments === null) {
        isWhole = false; // its beginning was lost
        return;
      }
      fragments.push(payload.subarray(2));
      if ((header & 0x40) !== 0) {
        nalUnits.push(Buffer.concat(fragments));
        fragments = null;
      }
    } else if (type >= 1 && type <= 23) {
      nalUnits.push(payload);
    } else {
      throw new Error(`NAL unit type ${type} in an RTP packet (packetization-mode 1 has 1-23, 24 and 28)`);
    }
  }

  function drain(nowMs: number): void {
    while (next !== null) {
      const arrived = waiting.get(next);
      if (arrived !== undefined) {
        waiting.delete(next);
        consume(arrived);
        next = (next + 1) & 0xffff;
        holeSinceMs = null;
        continue;
      }
      if (waiting.size === 0) return;
      holeSinceMs ??= nowMs;
      if (nowMs - holeSinceMs < patienceMs && waiting.size < MAX_WAITING) return;
      counts.lost += 1;
      isWhole = false;
      fragments = null;
      next = (next + 1) & 0xffff;
    }
  }

  return {
    counts,
    highestSequence: () => highest,
    take(packet, nowMs) {
      if (next === null) {
        next = packet.sequence;
        highest = packet.sequence;
      }
      const step = sequenceStep(next, packet.sequence);
      if (step < 0 || waiting.has(packet.sequence)) {
        counts.duplicates += 1;
        return;
      }
      counts.packets += 1;
      const ahead = sequenceStep(highest & 0xffff, packet.sequence);
      if (ahead > 0) highest += ahead;
      waiting.set(packet.sequence, { packet, atMs: nowMs });
      drain(nowMs);
    },
    missing(nowMs) {
      drain(nowMs);
      if (next === null || waiting.size === 0) return [];
      const holes: number[] = [];
      const end = sequenceStep(next, highest & 0xffff);
      for (let step = 0; step < end && holes.length < 200; step += 1) {
        const sequence = (next + step) & 0xffff;
        if (!waiting.has(sequence)) holes.push(sequence);
      }
      return holes;
    },
  };
}
