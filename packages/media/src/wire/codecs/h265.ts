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

/** nal_unit_type (ITU-T H.265 table 7-1), as far as anything here asks for it. */
export const H265_NAL = { firstIrap: 16, lastIrap: 23, vps: 32, sps: 33, pps: 34, aud: 35 } as const;

/** HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1), the parameter sets of it. */
export type HevcConfig = {
  /** Bytes of the length before each NAL unit: 1, 2 or 4. */
  readonly lengthSize: number;
  readonly vps: readonly Uint8Array[];
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
};

/** nal_unit_type of a NAL unit without start code. */
export function h265NalType(unit: Uint8Array): number {
  return ((unit[0] ?? 0) >> 1) & 0x3f;
}

/** Reads the configuration record that FLV and MP4 carry. */
export function parseHevcConfig(bytes: Uint8Array): HevcConfig {
  const record = new ByteReader("hvcC", bytes);
  const version = record.u8();
  if (version > 1) record.fail(`configuration version is ${version}, expected 1`); // old encoders wrote 0
  record.skip(20); // profile, tier, level and the like: the SPS says them too
  const lengthSize = (record.u8() & 3) + 1;
  if (lengthSize === 3) record.fail("NAL unit lengths of 3 bytes are not allowed");
  const arrays = record.u8();
  const sets: { vps: Uint8Array[]; sps: Uint8Array[]; pps: Uint8Array[] } = { vps: [], sps: [], pps: [] };
  for (let i = 0; i < arrays; i++) {
    const type = record.u8() & 0x3f;
    const count = record.u16();
    for (let j = 0; j < count; j++) {
      const unit = record.slice(record.u16());
      if (unit.length === 0) continue;
      if (h265NalType(unit) !== type) record.fail(`NAL unit type ${h265NalType(unit)}, expected ${type}`);
      if (type === H265_NAL.vps) sets.vps.push(unit);
      if (type === H265_NAL.sps) sets.sps.push(unit);
      if (type === H265_NAL.pps) sets.pps.push(unit);
    }
  }
  return { lengthSize, ...sets };
}

/** True when a decoder can start at this picture: an IRAP slice (ITU-T H.265 §3.74). */
export function isH265Keyframe(units: readonly Uint8Array[]): boolean {
  for (const unit of units) {
    const type = h265NalType(unit);
    if (type >= H265_NAL.firstIrap && type <= H265_NAL.lastIrap) return true;
  }
  return false;
}

/** Sequence parameter set (ITU-T H.265 §7.3.2.2 and annex E) of a NAL unit without start code. */
export function parseH265Sps(unit: Uint8Array): PictureFormat {
  const bits = new BitReader("h265 sps", toRbsp(unit.subarray(0, MAX_SPS_BYTES)));
  const type = (bits.u(16) >> 9) & 0x3f;
  if (type !== H265_NAL.sps) bits.fail(`NAL unit type ${type}, expected ${H265_NAL.sps}`);
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.u(3) + 1; // sps_max_sub_layers_minus1
  bits.skip(1); // sps_temporal_id_nesting_flag
  const profile = parseProfileTierLevel(bits, subLayers);
  bits.ueUpTo(15, "sps_seq_parameter_set_id");
  const chromaIdc = bits.ueUpTo(3, "chroma_format_idc");
  const separatePlanes = chromaIdc === 3 && bits.flag();
  const codedWidth = bits.ueUpTo(MAX_PIXELS, "pic_width_in_luma_samples");
  const codedHeight = bits.ueUpTo(MAX_PIXELS, "pic_height_in_luma_samples");
  const window = bits.flag() ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const bitDepth = 8 + bits.ueUpTo(8, "bit_depth_luma_minus8");
  bits.ueUpTo(8, "bit_depth_chroma_minus8");
  const pocBits = 4 + bits.ueUpTo(12, "log2_max_pic_order_cnt_lsb_minus4");
  const eachLayer = bits.flag(); // sps_sub_layer_ordering_info_present_flag
  let reorderFrames = 0;
  for (let i = eachLayer ? 0 : subLayers - 1; i < subLayers; i++) {
    bits.ueUpTo(15, "sps_max_dec_pic_buffering_minus1");
    reorderFrames = bits.ueUpTo(15, "sps_max_num_reorder_pics");
    bits.ue(); // sps_max_latency_increase_plus1
  }
  const vui = parseAfterOrdering(bits, subLayers, chromaIdc, pocBits);

  const [left = 0, right = 0, top = 0, bottom = 0] = window;
  const unitX = !separatePlanes && (chromaIdc === 1 || chromaIdc === 2) ? 2 : 1;
  const unitY = !separatePlanes && chromaIdc === 1 ? 2 : 1;
  const width = codedWidth - (left + right) * unitX;
  const height = codedHeight - (top + bottom) * unitY;
  if (width <= 0 || height <= 0) bits.fail(`the conformance window leaves ${width}x${height}`);
  return { profile, width, height, bitDepth, chroma: chromaOf(chromaIdc), reorderFrames, ...vui };
}

/** What a configuration record repeats of an SPS (ITU-T H.265 §7.3.2.2 and §7.3.3). */
export type HevcLevels = {
  /** From general_profile_space to general_level_idc: 12 bytes. */
  readonly general: Uint8Array;
  readonly subLayers: number;
  readonly temporalIdNested: boolean;
};

/** Reads the beginning of an SPS, whose profile, tier and level stand at fixed places. */
export function parseHevcLevels(unit: Uint8Array): HevcLevels {
  const raw = new ByteReader("h265 sps", toRbsp(unit.subarray(0, MAX_SPS_BYTES)));
  raw.skip(2); // NAL unit header
  const layers = raw.u8();
  return {
    general: raw.slice(12),
    subLayers: ((layers >> 1) & 7) + 1,
    temporalIdNested: (layers & 1) === 1,
  };
}

const MAX_SPS_BYTES = 4096;

/** Twice 8K. */
const MAX_PIXELS = 16384;

type Vui = Pick<PictureFormat, "frameRate" | "colour" | "sampleAspectRatio">;

const NO_VUI: Vui = { frameRate: null, colour: null, sampleAspectRatio: null };

function parseProfileTierLevel(bits: BitReader, subLayers: number): string {
  bits.skip(3); // general_profile_space, general_tier_flag
  const idc = bits.u(5);
  const compatibility = bits.u(32);
  bits.skip(48 + 8); // source and constraint flags, general_level_idc
  const present: [profile: boolean, level: boolean][] = [];
  for (let i = 0; i < subLayers - 1; i++) present.push([bits.flag(), bits.flag()]);
  if (subLayers > 1) bits.skip(2 * (8 - (subLayers - 1))); // reserved_zero_2bits
  for (const [profile, level] of present) bits.skip((profile ? 88 : 0) + (level ? 8 : 0));
  return profileName(idc, compatibility);
}

function profileName(idc: number, compatibility: number): string {
  const compatible = (n: number) => ((compatibility >>> (31 - n)) & 1) === 1;
  if (idc === 1 || (idc === 0 && compatible(1))) return "Main";
  if (idc === 2 || (idc === 0 && compatible(2))) return "Main 10";
  if (idc === 3) return "Main Still Picture";
  if (idc === 4) return "Range Extensions";
  if (idc === 9) return "Screen-Extended";
  return `general_profile_idc ${idc}`;
}

function parseAfterOrdering(bits: BitReader, subLayers: number, chromaIdc: number, pocBits: number): Vui {
  for (let i = 0; i < 6; i++) bits.ue(); // block sizes and hierarchy depths
  if (bits.flag() && bits.flag()) skipScalingLists(bits, chromaIdc);
  bits.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (bits.flag()) {
    bits.skip(8); // pcm bit depths
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  skipReferenceSets(bits);
  if (bits.flag()) {
    const count = bits.ueUpTo(32, "num_long_term_ref_pics_sps");
    bits.skip(count * (pocBits + 1));
  }
  bits.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
  return bits.flag() ? parseVui(bits, subLayers) : NO_VUI;
}

/** ITU-T H.265 §E.2.1, up to the timing: nothing after it is needed. */
function parseVui(bits: BitReader, _subLayers: number): Vui {
  const sampleAspectRatio = readSampleAspect(bits);
  if (bits.flag()) bits.skip(1); // overscan_appropriate_flag
  let colour: PictureColour | null = null;
  if (bits.flag()) {
    bits.skip(3); // video_format
    const fullRange = bits.flag();
    const [primaries, transfer, matrix] = bits.flag() ? [bits.u(8), bits.u(8), bits.u(8)] : [2, 2, 2];
    colour = statedColour({ primaries, transfer, matrix, fullRange });
  }
  if (bits.flag()) {
    bits.ue(); // chroma_sample_loc_type_top_field
    bits.ue(); // chroma_sample_loc_type_bottom_field
  }
  bits.skip(3); // neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
  if (bits.flag()) for (let i = 0; i < 4; i++) bits.ue(); // default display window
  let frameRate: number | null = null;
  if (bits.flag()) {
    const unitsInTick = bits.u(32);
    const timeScale = bits.u(32);
    if (unitsInTick > 0 && timeScale > 0) frameRate = timeScale / unitsInTick;
  }
  return { frameRate, colour, sampleAspectRatio };
}

function skipScalingLists(bits: BitReader, _chromaIdc: number): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!bits.flag()) {
        bits.ue(); // scaling_list_pred_matrix_id_delta
        continue;
      }
      if (size > 1) bits.se(); // scaling_list_dc_coef_minus8
      const coefficients = Math.min(64, 1 << (4 + (size << 1)));
      for (let i = 0; i < coefficients; i++) bits.se();
    }
  }
}

/** ITU-T H.265 §7.3.7 st_ref_pic_set: only the number of pictures of each set is needed to read the next. */
function skipReferenceSets(bits: BitReader): void {
  const sets = bits.ueUpTo(64, "num_short_term_ref_pic_sets");
  let pictures = 0;
  for (let index = 0; index < sets; index++) {
    if (index > 0 && bits.flag()) {
      bits.skip(1); // delta_rps_sign
      bits.ue(); // abs_delta_rps_minus1
      let kept = 0;
      for (let j = 0; j <= pictures; j++) {
        const used = bits.flag();
        if (used || bits.flag()) kept++;
      }
      pictures = kept;
      continue;
    }
    const negative = bits.ueUpTo(16, "num_negative_pics");
    const positive = bits.ueUpTo(16, "num_positive_pics");
    for (let j = 0; j < negative + positive; j++) {
      bits.ue();
      bits.skip(1);
    }
    pictures = negative + positive;
  }
}
