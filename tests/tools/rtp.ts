/** An RTP packet (RFC 3550 §5.1), read by the tests' own code: the product must not mark its own work. */
export type RtpPacket = {
  readonly payloadType: number;
  readonly isMarked: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
  /** One-byte header extensions (RFC 8285 §4.2) by number. */
  readonly extensions: ReadonlyMap<number, Buffer>;
};

/** True for RTCP on a shared port (RFC 5761 §4). */
export function isRtcp(packet: Buffer): boolean {
  const type = (packet[1] ?? 0) & 0x7f;
  return type >= 64 && type <= 95;
}

/** Reads an RTP packet; throws where it is not one. */
export function readRtp(packet: Buffer): RtpPacket {
  if (packet.length < 12 || packet.readUInt8(0) >> 6 !== 2) throw new Error("not an RTP packet");
  const first = packet.readUInt8(0);
  const second = packet.readUInt8(1);
  let at = 12 + 4 * (first & 0x0f);
  const extensions = new Map<number, Buffer>();
  if ((first & 0x10) !== 0) {
    const profile = packet.readUInt16BE(at);
    const length = 4 * packet.readUInt16BE(at + 2);
    if (profile === 0xbede) readExtensions(packet.subarray(at + 4, at + 4 + length), extensions);
    at += 4 + length;
  }
  const padding = (first & 0x20) !== 0 ? packet.readUInt8(packet.length - 1) : 0;
  if (at + padding > packet.length) throw new Error("an RTP packet shorter than its header says");
  return {
    payloadType: second & 0x7f,
    isMarked: (second & 0x80) !== 0,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: packet.subarray(at, packet.length - padding),
    extensions,
  };
}

function readExtensions(block: Buffer, into: Map<number, Buffer>): void {
  for (let at = 0; at < block.length; ) {
    const byte = block.readUInt8(at);
    at += 1;
    if (byte === 0) continue;
    const id = byte >> 4;
    const length = (byte & 0x0f) + 1;
    if (id === 15) return;
    into.set(id, block.subarray(at, at + length));
    at += length;
  }
}

/** How far `b` lies behind `a` on the 16-bit circle: positive when `b` is later. */
export function sequenceStep(a: number, b: number): number {
  return ((b - a + 0x8000) & 0xffff) - 0x8000;
}

/** A generic NACK (RFC 4585 §6.2.1) for these sequence numbers. */
export function writeNack(mediaSsrc: number, lost: readonly number[]): Buffer {
  const entries: [number, number][] = [];
  for (const sequence of lost) {
    const last = entries.at(-1);
    const step = last === undefined ? 0 : sequenceStep(last[0], sequence);
    if (last !== undefined && step >= 1 && step <= 16) last[1] |= 1 << (step - 1);
    else entries.push([sequence, 0]);
  }
  const packet = Buffer.alloc(12 + 4 * entries.length);
  packet.writeUInt8(0x81, 0); // version 2, format 1: generic NACK
  packet.writeUInt8(205, 1); // RTPFB
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(1, 4); // our own SSRC as a receiver
  packet.writeUInt32BE(mediaSsrc, 8);
  for (const [at, [sequence, following]] of entries.entries()) {
    packet.writeUInt16BE(sequence, 12 + 4 * at);
    packet.writeUInt16BE(following, 14 + 4 * at);
  }
  return packet;
}

/** A receiver report with one block (RFC 3550 §6.4.2). */
export function writeReceiverReport(mediaSsrc: number, highestSequence: number, lost: number): Buffer {
  const packet = Buffer.alloc(32);
  packet.writeUInt8(0x81, 0);
  packet.writeUInt8(201, 1);
  packet.writeUInt16BE(7, 2);
  packet.writeUInt32BE(1, 4);
  packet.writeUInt32BE(mediaSsrc, 8);
  packet.writeUInt32BE(Math.min(lost, 0x7fffff), 12); // fraction 0, cumulative number of packets lost
  packet.writeUInt32BE(highestSequence >>> 0, 16);
  return packet;
}
