import { ByteReader } from "../byte-reader.js";
import { ProtocolError } from "../protocol-error.js";
import { BitReader } from "./bit-reader.js";
import type { PictureChroma, PictureFormat } from "./picture.js";
import { statedColour } from "./picture.js";

/** obu_type (AV1 §6.2.2), as far as anything here asks for it. */
export const OBU = {
  sequenceHeader: 1,
  temporalDelimiter: 2,
  frameHeader: 3,
  tileList: 8,
  frame: 6,
  padding: 15,
} as const;

/** A real picture has a handful of OBUs. */
const MAX_OBUS = 1024;

/** obu_type of an OBU. */
export function obuType(obu: Uint8Array): number {
  return ((obu[0] ?? 0) >> 3) & 0xf;
}

/** AV1CodecConfigurationRecord (AV1 in ISOBMFF §2.3.1): its sequence header OBU, without size field; null when it has none. */
export function parseAv1Config(bytes: Uint8Array): Uint8Array | null {
  const record = new ByteReader("av1C", bytes);
  const marker = record.u8();
  if (marker !== 0x81) record.fail(`marker and version are 0x${marker.toString(16)}, expected 0x81`);
  record.skip(3); // profile, level and the like: the sequence header says them too
  return splitObus(record.rest()).find((obu) => obuType(obu) === OBU.sequenceHeader) ?? null;
}

/**
 * Splits a temporal unit in the low-overhead format (AV1 §5.2) and takes the size fields away, which is the form that
 * RTP carries. Temporal delimiters, padding and tile lists are left out (AV1 RTP §5). Copies each OBU once.
 */
export function splitObus(bytes: Uint8Array): Uint8Array[] {
  const obus: Uint8Array[] = [];
  const reader = new ByteReader("av1", bytes);
  while (reader.left > 0) {
    const header = reader.u8();
    if ((header & 0x80) !== 0) reader.fail("the forbidden bit is set");
    const extension = (header & 4) !== 0 ? reader.u8() : null;
    const length = (header & 2) !== 0 ? leb128(reader) : reader.left;
    const payload = reader.slice(length);
    const type = (header >> 3) & 0xf;
    if (type === OBU.temporalDelimiter || type === OBU.padding || type === OBU.tileList) continue;
    if (obus.length >= MAX_OBUS) reader.fail(`more than ${MAX_OBUS} OBUs in a picture`);
    const at = extension === null ? 1 : 2;
    const obu = new Uint8Array(at + length);
    obu[0] = header & ~2; // obu_has_size_field
    if (extension !== null) obu[1] = extension;
    obu.set(payload, at);
    obus.push(obu);
  }
  return obus;
}

/** True when a decoder can start at this temporal unit: a key frame that is shown, with its sequence header. */
export function isAv1Keyframe(obus: readonly Uint8Array[], sequence: Av1Sequence | null): boolean {
  for (const obu of obus) {
    const type = obuType(obu);
    if (type !== OBU.frame && type !== OBU.frameHeader) continue;
    if (sequence?.reducedStillPicture) return true;
    const header = obu[((obu[0] ?? 0) & 4) !== 0 ? 2 : 1];
    if (header === undefined) return false;
    const showExisting = (header & 0x80) !== 0;
    const frameType = (header >> 5) & 3;
    return !showExisting && frameType === KEY_FRAME;
  }
  return false;
}

/** A sequence header read: the picture's format and what frame headers need of it. */
export type Av1Sequence = {
  readonly format: PictureFormat;
  readonly reducedStillPicture: boolean;
  /** seq_profile, and seq_level_idx and seq_tier of the first operating point. */
  readonly profile: number;
  readonly level: number;
  readonly tier: number;
};

/** sequence_header_obu (AV1 §5.5) of an OBU without size field. */
export function parseAv1Sequence(obu: Uint8Array): Av1Sequence {
  if (obuType(obu) !== OBU.sequenceHeader) {
    throw new ProtocolError("av1", `obu_type ${obuType(obu)}, expected ${OBU.sequenceHeader}`, 0);
  }
  const bits = new BitReader("av1 sequence header", obu.subarray(((obu[0] ?? 0) & 4) !== 0 ? 2 : 1));
  const profile = bits.u(3);
  if (profile > 2) bits.fail(`seq_profile ${profile} is not known`);
  bits.skip(1); // still_picture
  const reducedStillPicture = bits.flag();
  const { frameRate, level, tier } = reducedStillPicture
    ? { frameRate: null, level: bits.u(5), tier: 0 }
    : operatingPoints(bits);
  const widthBits = bits.u(4) + 1;
  const heightBits = bits.u(4) + 1;
  const width = bits.u(widthBits) + 1;
  const height = bits.u(heightBits) + 1;
  if (!reducedStillPicture && bits.flag()) bits.skip(7); // frame id lengths
  bits.skip(3); // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
  if (!reducedStillPicture) skipTools(bits);
  bits.skip(3); // enable_superres, enable_cdef, enable_restoration
  const format: PictureFormat = {
    profile: ["Main", "High", "Professional"][profile] ?? "",
    width,
    height,
    frameRate,
    reorderFrames: 0, // a temporal unit shows exactly one frame, in order (AV1 §7.5)
    ...colourConfig(bits, profile),
    sampleAspectRatio: null, // pixels are square unless a frame's render_size differs, which no encoder here writes
  };
  return { format, reducedStillPicture, profile, level, tier };
}

const KEY_FRAME = 0;
const SELECT = 2;

function operatingPoints(bits: BitReader): { frameRate: number | null; level: number; tier: number } {
  let frameRate: number | null = null;
  let decoderModel = false;
  let delayBits = 0;
  if (bits.flag()) {
    const unitsInTick = bits.u(32);
    const timeScale = bits.u(32);
    const ticksPerPicture = bits.flag() ? bits.ue() + 1 : 1;
    if (unitsInTick > 0 && timeScale > 0) frameRate = timeScale / unitsInTick / ticksPerPicture;
    decoderModel = bits.flag();
    if (decoderModel) {
      delayBits = bits.u(5) + 1;
      bits.skip(32 + 5 + 5); // num_units_in_decoding_tick, removal and presentation time lengths
    }
  }
  const initialDelay = bits.flag();
  const count = bits.u(5) + 1;
  let first: { level: number; tier: number } | null = null;
  for (let i = 0; i < count; i++) {
    bits.skip(12); // operating_point_idc
    const level = bits.u(5);
    const tier = level > 7 ? bits.bit() : 0;
    first ??= { level, tier };
    if (decoderModel && bits.flag()) bits.skip(2 * delayBits + 1);
    if (initialDelay && bits.flag()) bits.skip(4);
  }
  return { frameRate, level: first?.level ?? 0, tier: first?.tier ?? 0 };
}

function skipTools(bits: BitReader): void {
  bits.skip(4); // enable_interintra_compound … enable_dual_filter
  const orderHint = bits.flag();
  if (orderHint) bits.skip(2); // enable_jnt_comp, enable_ref_frame_mvs
  const forceScreenContent = bits.flag() ? SELECT : bits.bit();
  if (forceScreenContent > 0 && !bits.flag()) bits.skip(1); // seq_force_integer_mv
  if (orderHint) bits.skip(3); // order_hint_bits_minus_1
}

/** color_config (AV1 §5.5.2). */
function colourConfig(
  bits: BitReader,
  profile: number,
): Pick<PictureFormat, "bitDepth" | "chroma" | "colour"> {
  const highBitDepth = bits.flag();
  const twelve = profile === 2 && highBitDepth && bits.flag();
  const bitDepth = twelve ? 12 : highBitDepth ? 10 : 8;
  const mono = profile !== 1 && bits.flag();
  const [primaries, transfer, matrix] = bits.flag() ? [bits.u(8), bits.u(8), bits.u(8)] : [2, 2, 2];
  const stated = (fullRange: boolean) => statedColour({ primaries, transfer, matrix, fullRange });
  if (mono) return { bitDepth, chroma: "4:0:0", colour: stated(bits.flag()) };
  if (primaries === 1 && transfer === 13 && matrix === 0) {
    return { bitDepth, chroma: "4:4:4", colour: stated(true) }; // sRGB
  }
  const fullRange = bits.flag();
  let chroma: PictureChroma = profile === 1 ? "4:4:4" : profile === 0 ? "4:2:0" : "4:2:2";
  if (twelve) {
    const subX = bits.flag();
    const subY = subX && bits.flag();
    chroma = subX ? (subY ? "4:2:0" : "4:2:2") : "4:4:4";
  }
  return { bitDepth, chroma, colour: stated(fullRange) };
}

/** leb128() (AV1 §4.10.5), up to 32 bits. */
function leb128(reader: ByteReader): number {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = reader.u8();
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return value;
  }
  return reader.fail("a leb128 number of more than 8 bytes");
}
