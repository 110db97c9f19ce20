import { ByteReader } from "../byte-reader.js";
import { BitReader } from "./bit-reader.js";
import { toRbsp } from "./nal-units.js";
import {
  chromaOf,
  type PictureColour,
  type PictureFormat,
  readSampleAspect,
  statedColour,
} from "./picture.js";

/** nal_unit_type (ITU-T H.264 table 7-1), as far as anything here asks for it. */
export const H264_NAL = { slice: 1, idr: 5, sei: 6, sps: 7, pps: 8, aud: 9, filler: 12 } as const;

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1). */
export type AvcConfig = {
  /** Bytes of the length before each NAL unit: 1, 2 or 4. */
  readonly lengthSize: number;
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
};

/** nal_unit_type of a NAL unit without start code. */
export function h264NalType(unit: Uint8Array): number {
  return (unit[0] ?? 0) & 0x1f;
}

/** Reads the configuration record that FLV and MP4 carry. The High profile's extension after the PPS is not needed. */
export function parseAvcConfig(bytes: Uint8Array): AvcConfig {
  const record = new ByteReader("avcC", bytes);
  const version = record.u8();
  if (version !== 1) record.fail(`configuration version is ${version}, expected 1`);
  record.skip(3); // profile, compatibility, level: the SPS says them too
  const lengthSize = (record.u8() & 3) + 1;
  if (lengthSize === 3) record.fail("NAL unit lengths of 3 bytes are not allowed");
  const sps = readSets(record, record.u8() & 0x1f, H264_NAL.sps);
  const pps = readSets(record, record.u8(), H264_NAL.pps);
  return { lengthSize, sps, pps };
}

/** Writes a configuration record for these parameter sets; profile and level are taken from the first SPS. */
export function writeAvcConfig(config: AvcConfig): Uint8Array {
  const first = config.sps[0] ?? new Uint8Array(4);
  const bytes = [1, first[1] ?? 0, first[2] ?? 0, first[3] ?? 0, 0xfc | (config.lengthSize - 1)];
  bytes.push(0xe0 | config.sps.length);
  for (const set of config.sps) bytes.push(set.length >> 8, set.length & 255, ...set);
  bytes.push(config.pps.length);
  for (const set of config.pps) bytes.push(set.length >> 8, set.length & 255, ...set);
  return Uint8Array.from(bytes);
}

/**
 * True when a decoder can start at this picture: an IDR slice, or, where the container calls it a keyframe,
 * an open GOP's start with its recovery point message (ITU-T H.264 §D.2.8).
 */
export function isH264Keyframe(units: readonly Uint8Array[], calledKeyframe = false): boolean {
  for (const unit of units) {
    const type = h264NalType(unit);
    if (type === H264_NAL.idr) return true;
    if (calledKeyframe && type === H264_NAL.sei && hasRecoveryPoint(unit)) return true;
  }
  return false;
}

/** Sequence parameter set (ITU-T H.264 §7.3.2.1.1 and annex E) of a NAL unit without start code. */
export function parseH264Sps(unit: Uint8Array): PictureFormat {
  const bits = new BitReader("h264 sps", toRbsp(unit.subarray(0, MAX_SPS_BYTES)));
  const type = bits.u(8) & 0x1f;
  if (type !== H264_NAL.sps) bits.fail(`NAL unit type ${type}, expected ${H264_NAL.sps}`);
  const profileIdc = bits.u(8);
  const constraints = bits.u(8);
  bits.skip(8); // level_idc
  bits.ueUpTo(31, "seq_parameter_set_id");

  let chromaIdc = 1;
  let separatePlanes = false;
  let bitDepth = 8;
  if (HIGH_PROFILES.has(profileIdc)) {
    chromaIdc = bits.ueUpTo(3, "chroma_format_idc");
    if (chromaIdc === 3) separatePlanes = bits.flag();
    bitDepth = 8 + bits.ueUpTo(6, "bit_depth_luma_minus8");
    bits.ueUpTo(6, "bit_depth_chroma_minus8");
    bits.skip(1); // qpprime_y_zero_transform_bypass_flag
    if (bits.flag()) skipScalingMatrix(bits, chromaIdc === 3 ? 12 : 8);
  }

  bits.ueUpTo(12, "log2_max_frame_num_minus4");
  const pocType = bits.ueUpTo(2, "pic_order_cnt_type");
  if (pocType === 0) bits.ueUpTo(12, "log2_max_pic_order_cnt_lsb_minus4");
  if (pocType === 1) skipPicOrderCycle(bits);
  bits.ue(); // max_num_ref_frames
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  const widthInMbs = bits.ueUpTo(MAX_MBS, "pic_width_in_mbs_minus1") + 1;
  const heightInMapUnits = bits.ueUpTo(MAX_MBS, "pic_height_in_map_units_minus1") + 1;
  const frameMbsOnly = bits.bit();
  if (!frameMbsOnly) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  const crop = bits.flag() ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const vui = bits.flag() ? parseVui(bits) : NO_VUI;

  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const unitX = !separatePlanes && (chromaIdc === 1 || chromaIdc === 2) ? 2 : 1;
  const unitY = (!separatePlanes && chromaIdc === 1 ? 2 : 1) * (2 - frameMbsOnly);
  const width = widthInMbs * 16 - (left + right) * unitX;
  const height = heightInMapUnits * 16 * (2 - frameMbsOnly) - (top + bottom) * unitY;
  if (width <= 0 || height <= 0) bits.fail(`cropping leaves ${width}x${height}`);

  const intraOnly = profileIdc === 44 || ((constraints & 0x10) !== 0 && INTRA_BY_CONSTRAINT.has(profileIdc));
  const reorderFrames = vui.reorderFrames ?? (pocType === 2 || intraOnly || profileIdc === 66 ? 0 : null);
  return {
    profile: profileName(profileIdc, constraints, intraOnly),
    width,
    height,
    frameRate: vui.frameRate,
    bitDepth,
    chroma: chromaOf(chromaIdc),
    reorderFrames,
    colour: vui.colour,
    sampleAspectRatio: vui.sampleAspectRatio,
  };
}

/** A real SPS is under 200 bytes; even with every list it stays under 2 KiB. */
const MAX_SPS_BYTES = 4096;

/** 16,384 pixels: twice 8K. */
const MAX_MBS = 1023;

/** Profiles whose SPS has the chroma fields (ITU-T H.264 §7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** Profiles that constraint_set3_flag makes intra-only (ITU-T H.264 §A.2.8 to A.2.10). */
const INTRA_BY_CONSTRAINT = new Set([100, 110, 122, 244]);

type Vui = Pick<PictureFormat, "frameRate" | "colour" | "reorderFrames" | "sampleAspectRatio">;

const NO_VUI: Vui = { frameRate: null, colour: null, reorderFrames: null, sampleAspectRatio: null };

function parseVui(bits: BitReader): Vui {
  const sampleAspectRatio = readSampleAspect(bits);
  if (bits.flag()) bits.skip(1); // overscan_appropriate_flag
  let colour: PictureColour | null = null;
  if (bits.flag()) {
    bits.skip(3); // video_format
    const fullRange = bits.flag();
    const described = bits.flag();
    const [primaries, transfer, matrix] = described ? [bits.u(8), bits.u(8), bits.u(8)] : [2, 2, 2];
    colour = statedColour({ primaries, transfer, matrix, fullRange });
  }
  if (bits.flag()) {
    bits.ue(); // chroma_sample_loc_type_top_field
    bits.ue(); // chroma_sample_loc_type_bottom_field
  }
  let frameRate: number | null = null;
  if (bits.flag()) {
    const unitsInTick = bits.u(32);
    const timeScale = bits.u(32);
    bits.skip(1); // fixed_frame_rate_flag
    if (unitsInTick > 0 && timeScale > 0) frameRate = timeScale / (2 * unitsInTick); // a tick is a field
  }
  const nalHrd = bits.flag();
  if (nalHrd) skipHrd(bits);
  const vclHrd = bits.flag();
  if (vclHrd) skipHrd(bits);
  if (nalHrd || vclHrd) bits.skip(1); // low_delay_hrd_flag
  bits.skip(1); // pic_struct_present_flag
  let reorderFrames: number | null = null;
  if (bits.flag()) {
    bits.skip(1); // motion_vectors_over_pic_boundaries_flag
    for (let i = 0; i < 4; i++) bits.ue(); // max_bytes_per_pic_denom … log2_max_mv_length_vertical
    reorderFrames = bits.ueUpTo(16, "max_num_reorder_frames");
  }
  return { frameRate, colour, reorderFrames, sampleAspectRatio };
}

function skipHrd(bits: BitReader): void {
  const count = bits.ueUpTo(31, "cpb_cnt_minus1") + 1;
  bits.skip(8); // bit_rate_scale, cpb_size_scale
  for (let i = 0; i < count; i++) {
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  bits.skip(20); // delay lengths, time_offset_length
}

function skipScalingMatrix(bits: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (!bits.flag()) continue;
    let last = 8;
    let next = 8;
    for (let i = 0; i < (list < 6 ? 16 : 64); i++) {
      if (next !== 0) next = (last + bits.se() + 256) & 255;
      if (next !== 0) last = next;
    }
  }
}

function skipPicOrderCycle(bits: BitReader): void {
  bits.skip(1); // delta_pic_order_always_zero_flag
  bits.se();
  bits.se();
  const cycle = bits.ueUpTo(255, "num_ref_frames_in_pic_order_cnt_cycle");
  for (let i = 0; i < cycle; i++) bits.se();
}

function profileName(idc: number, constraints: number, intraOnly: boolean): string {
  const intra = intraOnly ? " Intra" : "";
  switch (idc) {
    case 66:
      return (constraints & 0x40) !== 0 ? "Constrained Baseline" : "Baseline";
    case 77:
      return "Main";
    case 88:
      return "Extended";
    case 100:
      return `High${intra}`;
    case 110:
      return `High 10${intra}`;
    case 122:
      return `High 4:2:2${intra}`;
    case 244:
      return `High 4:4:4 Predictive${intra}`;
    case 44:
      return "CAVLC 4:4:4 Intra";
    default:
      return `profile_idc ${idc}`;
  }
}

/** SEI payload type of the recovery point (ITU-T H.264 §D.1.8). */
const RECOVERY_POINT = 6;

function hasRecoveryPoint(sei: Uint8Array): boolean {
  const raw = toRbsp(sei.subarray(1, MAX_SPS_BYTES));
  let at = 0;
  while (at + 2 < raw.length) {
    let type = 0;
    while (raw[at] === 255) {
      type += 255;
      at++;
    }
    type += raw[at++] ?? 0;
    let size = 0;
    while (raw[at] === 255) {
      size += 255;
      at++;
    }
    size += raw[at++] ?? 0;
    if (type === RECOVERY_POINT) return true;
    at += size;
  }
  return false;
}

function readSets(record: ByteReader, count: number, type: number): Uint8Array[] {
  const sets: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const set = record.slice(record.u16());
    if (set.length === 0) continue;
    if (h264NalType(set) !== type) record.fail(`NAL unit type ${h264NalType(set)}, expected ${type}`);
    sets.push(set);
  }
  return sets;
}
