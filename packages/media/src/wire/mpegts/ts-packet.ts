import { ByteReader } from "../byte-reader.js";
import { ProtocolError } from "../protocol-error.js";

/** ISO/IEC 13818-1 §2.4.3.2: every transport packet has this length. */
export const TS_PACKET_BYTES = 188;

/** The first byte of every transport packet. */
export const SYNC_BYTE = 0x47;

/** Packets of this PID only fill the line. */
export const NULL_PID = 0x1fff;

/** What the adaptation field says (ISO/IEC 13818-1 §2.4.3.4). */
export type AdaptationField = {
  /** As on the wire: the bytes behind the length byte, stuffing too. */
  readonly length: number;
  /** The continuity counter may jump here. */
  readonly isDiscontinuity: boolean;
  /** A decoder can start with the PES that begins here. */
  readonly isRandomAccess: boolean;
  readonly isPriority: boolean;
  /** 27 MHz ticks. */
  readonly pcr: number | null;
  readonly opcr: number | null;
  readonly spliceCountdown: number | null;
  readonly privateBytes: Uint8Array | null;
  readonly extension: Uint8Array | null;
};

/** One transport packet. */
export type TsPacket = {
  readonly pid: number;
  /** payload_unit_start_indicator: a PES begins, or a section does. */
  readonly startsUnit: boolean;
  /** Something before us has marked the packet as damaged. */
  readonly hasError: boolean;
  /** 0: in the clear. */
  readonly scrambling: number;
  readonly continuity: number;
  readonly adaptation: AdaptationField | null;
  /** Null in a packet that has only an adaptation field: the continuity counter does not count it. */
  readonly payload: Uint8Array | null;
};

/** Reads one packet of exactly 188 bytes; the payload is not copied. */
export function parseTsPacket(bytes: Uint8Array): TsPacket {
  if (bytes.length !== TS_PACKET_BYTES)
    throw new ProtocolError("ts packet", `${bytes.length} bytes, expected 188`);
  const [sync = 0, second = 0, third = 0, fourth = 0] = bytes;
  if (sync !== SYNC_BYTE) throw new ProtocolError("ts packet", `begins with ${sync}, expected 0x47`, 0);
  const hasAdaptation = (fourth & 0x20) !== 0;
  const hasPayload = (fourth & 0x10) !== 0;
  if (!hasAdaptation && !hasPayload)
    throw new ProtocolError("ts packet", "adaptation_field_control 0 is reserved", 3);
  const adaptation = hasAdaptation ? parseAdaptationField(bytes, hasPayload) : null;
  return {
    pid: ((second & 0x1f) << 8) | third,
    startsUnit: (second & 0x40) !== 0,
    hasError: (second & 0x80) !== 0,
    scrambling: fourth >> 6,
    continuity: fourth & 15,
    adaptation,
    payload: hasPayload ? bytes.subarray(adaptation === null ? 4 : 5 + adaptation.length) : null,
  };
}

/** Writes a packet; its adaptation field's length and its payload must fill 188 bytes together. */
export function writeTsPacket(packet: TsPacket): Uint8Array {
  const bytes = new Uint8Array(TS_PACKET_BYTES).fill(0xff);
  const flags = (packet.hasError ? 0x80 : 0) | (packet.startsUnit ? 0x40 : 0);
  const control = (packet.adaptation === null ? 0 : 0x20) | (packet.payload === null ? 0 : 0x10);
  bytes.set([SYNC_BYTE, flags | (packet.pid >> 8), packet.pid & 255]);
  bytes[3] = (packet.scrambling << 6) | control | packet.continuity;
  if (packet.adaptation !== null) bytes.set(writeAdaptationField(packet.adaptation), 4);
  if (packet.payload === null) return bytes;
  const at = packet.adaptation === null ? 4 : 5 + packet.adaptation.length;
  if (at + packet.payload.length !== TS_PACKET_BYTES) {
    throw new RangeError(`a payload of ${packet.payload.length} bytes, ${TS_PACKET_BYTES - at} have room`);
  }
  bytes.set(packet.payload, at);
  return bytes;
}

/**
 * True when the packet is longer than what it carries: only the last packet of a PES is filled up, so the PES ends here.
 * An adaptation field that is only a clock reference is no filling.
 */
export function isStuffed({ adaptation }: TsPacket): boolean {
  if (adaptation === null) return false;
  const { length, isDiscontinuity, isRandomAccess, isPriority } = adaptation;
  const needed = neededBytes(adaptation);
  if (length > needed || length === 0) return true;
  return needed === 1 && !isDiscontinuity && !isRandomAccess && !isPriority;
}

/** Bytes behind the length byte that the field's content takes; the rest is stuffing. */
function neededBytes(field: AdaptationField): number {
  if (field.length === 0) return 0;
  return (
    1 +
    (field.pcr === null ? 0 : 6) +
    (field.opcr === null ? 0 : 6) +
    (field.spliceCountdown === null ? 0 : 1) +
    (field.privateBytes === null ? 0 : 1 + field.privateBytes.length) +
    (field.extension === null ? 0 : 1 + field.extension.length)
  );
}

const EMPTY_FIELD: AdaptationField = {
  length: 0,
  isDiscontinuity: false,
  isRandomAccess: false,
  isPriority: false,
  pcr: null,
  opcr: null,
  spliceCountdown: null,
  privateBytes: null,
  extension: null,
};

function parseAdaptationField(bytes: Uint8Array, hasPayload: boolean): AdaptationField {
  const length = bytes[4] ?? 0;
  const most = TS_PACKET_BYTES - 5 - (hasPayload ? 1 : 0);
  if (length > most)
    throw new ProtocolError("ts packet", `an adaptation field of ${length} bytes, at most ${most}`, 4);
  if (length === 0) return EMPTY_FIELD; // one byte of stuffing
  const field = new ByteReader("adaptation field", bytes.subarray(5, 5 + length));
  const flags = field.u8();
  return {
    length,
    isDiscontinuity: (flags & 0x80) !== 0,
    isRandomAccess: (flags & 0x40) !== 0,
    isPriority: (flags & 0x20) !== 0,
    pcr: (flags & 0x10) !== 0 ? readClock(field) : null,
    opcr: (flags & 0x08) !== 0 ? readClock(field) : null,
    spliceCountdown: (flags & 0x04) !== 0 ? field.u8() : null,
    privateBytes: (flags & 0x02) !== 0 ? field.slice(field.u8()) : null,
    extension: (flags & 0x01) !== 0 ? field.slice(field.u8()) : null,
  };
}

/** 33 bits at 90 kHz, 6 reserved, 9 bits that count 0 to 299 of 27 MHz. */
function readClock(field: ByteReader): number {
  const high = field.u32();
  const low = field.u16();
  return (high * 2 + (low >> 15)) * 300 + Math.min(low & 0x1ff, 299);
}

function writeAdaptationField(field: AdaptationField): Uint8Array {
  const bytes = new Uint8Array(1 + field.length).fill(0xff);
  bytes[0] = field.length;
  if (field.length === 0) return bytes;
  const { pcr, opcr, spliceCountdown, privateBytes, extension } = field;
  const flags = [
    field.isDiscontinuity,
    field.isRandomAccess,
    field.isPriority,
    pcr !== null,
    opcr !== null,
    spliceCountdown !== null,
    privateBytes !== null,
    extension !== null,
  ];
  const content = [flags.reduce((byte, flag) => byte * 2 + (flag ? 1 : 0), 0)];
  if (pcr !== null) content.push(...clockBytes(pcr));
  if (opcr !== null) content.push(...clockBytes(opcr));
  if (spliceCountdown !== null) content.push(spliceCountdown);
  if (privateBytes !== null) content.push(privateBytes.length, ...privateBytes);
  if (extension !== null) content.push(extension.length, ...extension);
  if (content.length > field.length) {
    throw new RangeError(
      `an adaptation field of ${field.length} bytes for ${content.length} bytes of content`,
    );
  }
  bytes.set(content, 1);
  return bytes;
}

function clockBytes(ticks: number): number[] {
  const extension = ticks % 300;
  const base = (ticks - extension) / 300;
  const high = Math.floor(base / 2);
  const low = ((base % 2) << 15) | 0x7e00 | extension;
  return [high >>> 24, (high >>> 16) & 255, (high >>> 8) & 255, high & 255, low >> 8, low & 255];
}
