import { ByteReader } from "../byte-reader.js";

/** The header of a PES packet (ISO/IEC 13818-1 §2.4.3.6), as far as a receiver needs it. */
export type PesHeader = {
  readonly streamId: number;
  /** PES_packet_length: bytes behind that field; 0 when the packet's end is not said. */
  readonly packetLength: number;
  /** data_alignment_indicator: the payload begins with an access unit or a sync word. */
  readonly isAligned: boolean;
  /** 33 bits of 90 kHz; null when it is not stamped. */
  readonly pts: number | null;
  /** As `pts` where the header has only that. */
  readonly dts: number | null;
};

/** A header, and where its payload begins. */
export type ParsedPesHeader = { readonly header: PesHeader; readonly payloadAt: number };

/** Time stamps count modulo this: 26.5 hours. */
export const PES_CLOCK_WRAP = 2 ** 33;

/** Bytes before `PES_header_data_length` ends: with so many the header's own length is known. */
export const PES_FIXED_BYTES = 9;

/** Streams whose PES has no header behind its length: program_stream_map, padding, private_stream_2, ECM, EMM and the like. */
const BARE_STREAMS = new Set([0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff]);

/** How many bytes the whole header takes; null while too few have arrived to know. */
export function pesHeaderBytes(bytes: Uint8Array): number | null {
  const length = bytes[PES_FIXED_BYTES - 1];
  return length === undefined ? null : PES_FIXED_BYTES + length;
}

/** Reads the header; all of it must be there. */
export function parsePesHeader(bytes: Uint8Array): ParsedPesHeader {
  const reader = new ByteReader("pes", bytes);
  const prefix = reader.u24();
  if (prefix !== 1) reader.fail(`begins with ${prefix.toString(16)}, expected 000001`);
  const streamId = reader.u8();
  if (BARE_STREAMS.has(streamId)) reader.fail(`stream id 0x${streamId.toString(16)} has no time stamps`);
  const packetLength = reader.u16();
  const first = reader.u8();
  if (first >> 6 !== 2) reader.fail("the marker bits of an MPEG-2 PES header are not there");
  const flags = reader.u8();
  const fields = new ByteReader("pes", reader.slice(reader.u8()));
  if (packetLength !== 0 && packetLength < reader.offset - 6)
    reader.fail(`a length of ${packetLength} is shorter than its header`);
  const stamps = flags >> 6;
  if (stamps === 1) reader.fail("a DTS without a PTS is forbidden");
  const pts = stamps >= 2 ? readStamp(fields) : null;
  const dts = stamps === 3 ? readStamp(fields) : pts;
  return {
    header: { streamId, packetLength, isAligned: (first & 4) !== 0, pts, dts },
    payloadAt: reader.offset,
  };
}

/** Writes a header in its shortest form: a DTS only where it differs from the PTS. */
export function writePesHeader(header: PesHeader): Uint8Array {
  const { pts, dts } = header;
  const hasDts = dts !== null && dts !== pts;
  const fields = [
    ...(pts === null ? [] : stampBytes(hasDts ? 3 : 2, pts)),
    ...(hasDts ? stampBytes(1, dts) : []),
  ];
  return Uint8Array.of(
    ...[0, 0, 1, header.streamId, header.packetLength >> 8, header.packetLength & 255],
    0x80 | (header.isAligned ? 4 : 0),
    pts === null ? 0 : hasDts ? 0xc0 : 0x80,
    fields.length,
    ...fields,
  );
}

/** The 33 bits that continue `reference` with the least step, forward or back: never wraps. */
export function unwrapPesClock(reference: number, stamp: number): number {
  const ahead = (((stamp - reference) % PES_CLOCK_WRAP) + PES_CLOCK_WRAP) % PES_CLOCK_WRAP;
  return reference + (ahead < PES_CLOCK_WRAP / 2 ? ahead : ahead - PES_CLOCK_WRAP);
}

function readStamp(fields: ByteReader): number {
  const high = (fields.u8() >> 1) & 7;
  const middle = fields.u16() >> 1;
  const low = fields.u16() >> 1;
  return high * 2 ** 30 + middle * 2 ** 15 + low;
}

function stampBytes(prefix: number, stamp: number): number[] {
  const high = Math.floor(stamp / 2 ** 30) & 7;
  const middle = Math.floor(stamp / 2 ** 15) & 0x7fff;
  const low = stamp % 2 ** 15;
  return [
    (prefix << 4) | (high << 1) | 1,
    middle >> 7,
    ((middle & 0x7f) << 1) | 1,
    low >> 7,
    ((low & 0x7f) << 1) | 1,
  ];
}
