import { ByteReader } from "../byte-reader.js";
import { type AacConfig, parseAacConfig, readAacConfig } from "./aac.js";
import { BitReader } from "./bit-reader.js";

/** What a StreamMuxConfig says (ISO/IEC 14496-3 §1.7.3), of the one programme and layer that encoders send. */
export type LatmConfig = {
  readonly aac: AacConfig;
  /** The AudioSpecificConfig, its last byte filled with zeros. */
  readonly config: Uint8Array;
  /** AAC frames in an element. */
  readonly frames: number;
  /** Bits behind the frames that are not sound. */
  readonly otherBits: number;
};

/** What is in one AudioMuxElement. */
export type LatmElement = {
  /** The element's own, or the one that it was read with. */
  readonly config: LatmConfig;
  readonly frames: readonly Uint8Array[];
};

/** The bytes before an element in a LOAS stream: an 11-bit sync word and a 13-bit length. */
export const LOAS_HEADER_BYTES = 3;

const SYNC_WORD = 0x2b7;

/** Real ones have 2 to 7 bytes; with a program config element up to about 60. */
const MAX_CONFIG_BITS = 8 * 512;

/** Reads an AudioSyncStream's header (§1.7.2): how many bytes the element behind it has. */
export function parseLoasHeader(bytes: Uint8Array): number {
  const reader = new ByteReader("loas", bytes);
  const word = reader.u24();
  if (word >> 13 !== SYNC_WORD) reader.fail(`begins with ${(word >> 13).toString(16)}, expected 2b7`);
  return word & 0x1fff;
}

/** Reads an AudioMuxElement with its muxConfigPresent flag set; null when it has no configuration and none is known. */
export function parseLatmElement(bytes: Uint8Array, known: LatmConfig | null): LatmElement | null {
  const bits = new BitReader("latm", bytes);
  const isSame = bits.flag(); // useSameStreamMux
  const config = isSame ? known : readStreamMuxConfig(bits, bytes);
  if (config === null) return null;
  const frames: Uint8Array[] = [];
  for (let n = 0; n < config.frames; n++) {
    const length = readPayloadLength(bits);
    if (length * 8 > bits.left) bits.fail(`a frame of ${length} bytes, ${bits.left} bits left`);
    if (length > 0) frames.push(bitsOf(bytes, bits.offset, length * 8));
    bits.skip(length * 8);
  }
  return { config, frames };
}

function readStreamMuxConfig(bits: BitReader, bytes: Uint8Array): LatmConfig {
  const version = bits.bit(); // audioMuxVersion
  if (version === 1 && bits.flag()) bits.fail("audioMuxVersionA 1 is reserved");
  if (version === 1) readValue(bits); // taraBufferFullness
  if (!bits.flag()) bits.fail("layers of different timing are not supported");
  const frames = bits.u(6) + 1;
  const programs = bits.u(4) + 1;
  const layers = bits.u(3) + 1;
  if (programs !== 1 || layers !== 1)
    bits.fail(`${programs} programmes with ${layers} layers, expected one of each`);
  const { aac, config } = version === 0 ? readConfig(bits, bytes) : readSizedConfig(bits, bytes);
  const lengthType = bits.u(3); // frameLengthType
  if (lengthType !== 0) bits.fail(`frameLengthType is ${lengthType}, AAC has 0`);
  bits.skip(8); // latmBufferFullness
  const otherBits = bits.flag() ? readOtherLength(bits, version) : 0;
  if (bits.flag()) bits.skip(8); // crcCheckSum
  return { aac, config, frames, otherBits };
}

function readConfig(bits: BitReader, bytes: Uint8Array): { aac: AacConfig; config: Uint8Array } {
  const from = bits.offset;
  const aac = readAacConfig(bits);
  return { aac, config: bitsOf(bytes, from, bits.offset - from) };
}

function readSizedConfig(bits: BitReader, bytes: Uint8Array): { aac: AacConfig; config: Uint8Array } {
  const length = readValue(bits);
  if (length > MAX_CONFIG_BITS) bits.fail(`a configuration of ${length} bits`);
  const from = bits.offset;
  bits.skip(length);
  const config = bitsOf(bytes, from, length);
  return { aac: parseAacConfig(config), config };
}

/** §1.7.3.2: LatmGetValue. */
function readValue(bits: BitReader): number {
  return bits.u(8 * (bits.u(2) + 1));
}

function readOtherLength(bits: BitReader, version: number): number {
  if (version === 1) return readValue(bits);
  let length = 0;
  for (let goesOn = true; goesOn; ) {
    goesOn = bits.flag(); // otherDataLenEsc
    length = length * 256 + bits.u(8);
    if (length > 0xffff) bits.fail(`${length} bits of other content`);
  }
  return length;
}

/** §1.7.3: bytes of 255 are added up to the first that is less. */
function readPayloadLength(bits: BitReader): number {
  let length = 0;
  for (let byte = 255; byte === 255; ) {
    byte = bits.u(8);
    length += byte;
  }
  return length;
}

/** `count` bits from any place, moved to byte borders. */
function bitsOf(bytes: Uint8Array, from: number, count: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(count / 8));
  const shift = from & 7;
  const first = from >> 3;
  for (let i = 0; i < out.length; i++) {
    const pair = ((bytes[first + i] ?? 0) << 8) | (bytes[first + i + 1] ?? 0);
    out[i] = (pair >> (8 - shift)) & 255;
  }
  const spare = out.length * 8 - count;
  if (spare > 0) out[out.length - 1] = (out[out.length - 1] ?? 0) & (0xff << spare);
  return out;
}
