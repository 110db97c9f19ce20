import { ProtocolError } from "../protocol-error.js";

/** A picture of a real encoder has tens of slices; a thousand NAL units of one byte would only cost objects. */
const MAX_NAL_UNITS = 1024;

/**
 * Splits NAL units that each stand behind their length (ISO/IEC 14496-15 §5.3.4.2), without copying.
 * Empty ones are left out: DJI sends them.
 */
export function splitLengthPrefixed(bytes: Uint8Array, lengthSize: number): Uint8Array[] {
  const units: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + lengthSize > bytes.length) throw new ProtocolError("nal", "a length field is cut off", at);
    let length = 0;
    for (let i = 0; i < lengthSize; i++) length = length * 256 + (bytes[at + i] ?? 0);
    at += lengthSize;
    if (length > bytes.length - at) {
      throw new ProtocolError("nal", `a unit of ${length} bytes, ${bytes.length - at} left`, at);
    }
    if (length > 0) addUnit(units, bytes.subarray(at, at + length), at);
    at += length;
  }
  return units;
}

/** Splits a byte stream with start codes (ITU-T H.264 annex B, H.265 annex B), without copying. */
export function splitAnnexB(bytes: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = -1;
  for (let code = findStartCode(bytes, 0); code >= 0; code = findStartCode(bytes, code + 3)) {
    if (start >= 0) addTrimmed(units, bytes, start, code);
    else if (trimmedEnd(bytes, 0, code) > 0)
      throw new ProtocolError("nal", "bytes before the first start code", 0);
    start = code + 3;
  }
  if (start < 0) {
    if (bytes.length > 0) throw new ProtocolError("nal", "no start code", 0);
    return units;
  }
  addTrimmed(units, bytes, start, bytes.length);
  return units;
}

/** True when the bytes begin with a start code of three or four bytes. */
export function startsWithStartCode(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0 || bytes[1] !== 0) return false;
  return bytes[2] === 1 || (bytes[2] === 0 && bytes[3] === 1);
}

/** Takes out the emulation prevention bytes (ITU-T H.264 §7.4.1, H.265 §7.4.2): the unit's raw bits. */
export function toRbsp(unit: Uint8Array): Uint8Array {
  const raw = new Uint8Array(unit.length);
  let length = 0;
  let zeros = 0;
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    raw[length++] = byte;
  }
  return raw.subarray(0, length);
}

function findStartCode(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(1, from + 2); at >= 0; at = bytes.indexOf(1, at + 1)) {
    if (bytes[at - 1] === 0 && bytes[at - 2] === 0) return at - 2;
  }
  return -1;
}

function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && bytes[last - 1] === 0) last--; // trailing_zero_8bits, or the first byte of a long start code
  return last;
}

function addTrimmed(units: Uint8Array[], bytes: Uint8Array, start: number, end: number): void {
  const last = trimmedEnd(bytes, start, end);
  if (last > start) addUnit(units, bytes.subarray(start, last), start);
}

function addUnit(units: Uint8Array[], unit: Uint8Array, at: number): void {
  if (units.length >= MAX_NAL_UNITS) {
    throw new ProtocolError("nal", `more than ${MAX_NAL_UNITS} units in a picture`, at);
  }
  units.push(unit);
}
