import { OBU, parseAv1Sequence } from "../codecs/av1.js";
import { H264_NAL, h264NalType, parseH264Sps, writeAvcConfig } from "../codecs/h264.js";
import { H265_NAL, h265NalType, parseH265Sps, parseHevcLevels } from "../codecs/h265.js";
import type { PictureChroma } from "../codecs/picture.js";
import { ProtocolError } from "../protocol-error.js";
import { joined, u8, u16, u32 } from "./box.js";
import type { AudioTrack, VideoTrack } from "./track.js";

/** Every NAL unit stands behind its length in four bytes. */
export const NAL_LENGTH_BYTES = 4;

/** chroma_format_idc (ITU-T H.264 table 6-1, H.265 table 6-1). */
const CHROMA_IDC: Readonly<Record<PictureChroma, number>> = {
  "4:0:0": 0,
  "4:2:0": 1,
  "4:2:2": 2,
  "4:4:4": 3,
};

/** Profiles whose record goes on after the PPS (ISO/IEC 14496-15 §5.3.3.1.2). */
const AVC_EXTENDED = new Set([100, 110, 122, 244]);

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1). */
export function writeAvcRecord(sets: readonly Uint8Array[]): Uint8Array {
  const sps = sets.filter((set) => h264NalType(set) === H264_NAL.sps);
  const pps = sets.filter((set) => h264NalType(set) === H264_NAL.pps);
  const [first] = sps;
  if (first === undefined) throw new ProtocolError("avcC", "there is no SPS");
  const record = writeAvcConfig({ lengthSize: NAL_LENGTH_BYTES, sps: sps.slice(0, 31), pps });
  if (!AVC_EXTENDED.has(first[1] ?? 0)) return record;
  const { chroma, bitDepth } = parseH264Sps(first);
  const depth = 0xf8 | (bitDepth - 8);
  return joined([record, u8(0xfc | CHROMA_IDC[chroma], depth, depth, 0)]);
}

/** HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1): what "hvc1" needs, all sets in the record. */
export function writeHevcRecord(sets: readonly Uint8Array[]): Uint8Array {
  const sps = sets.find((set) => h265NalType(set) === H265_NAL.sps);
  if (sps === undefined) throw new ProtocolError("hvcC", "there is no SPS");
  const { general, subLayers, temporalIdNested } = parseHevcLevels(sps);
  const { chroma, bitDepth } = parseH265Sps(sps);
  const arrays = [H265_NAL.vps, H265_NAL.sps, H265_NAL.pps].flatMap((type) => {
    const ofType = sets.filter((set) => h265NalType(set) === type);
    return ofType.length === 0 ? [] : [{ type, sets: ofType }];
  });
  const depth = 0xf8 | (bitDepth - 8);
  return joined([
    u8(1),
    general,
    u16(0xf000), // min_spatial_segmentation_idc 0: not said
    u8(0xfc, 0xfc | CHROMA_IDC[chroma], depth, depth), // parallelismType 0: not said
    u16(0), // avgFrameRate 0: not said
    u8((subLayers << 3) | (temporalIdNested ? 4 : 0) | (NAL_LENGTH_BYTES - 1), arrays.length),
    ...arrays.flatMap(({ type, sets: ofType }) => [
      u8(0x80 | type), // array_completeness: "hvc1" has none in band
      u16(ofType.length),
      ...ofType.flatMap((set) => [u16(set.length), set]),
    ]),
  ]);
}

/** AV1CodecConfigurationRecord (AV1 in ISOBMFF §2.3.3). */
export function writeAv1Record(sequenceHeader: Uint8Array): Uint8Array {
  const { profile, level, tier, format } = parseAv1Sequence(sequenceHeader);
  const { bitDepth, chroma } = format;
  const subX = chroma === "4:4:4" ? 0 : 1;
  const subY = chroma === "4:2:0" || chroma === "4:0:0" ? 1 : 0;
  const flags =
    (tier << 7) |
    (bitDepth > 8 ? 0x40 : 0) |
    (bitDepth > 10 ? 0x20 : 0) |
    (chroma === "4:0:0" ? 0x10 : 0) |
    (subX << 3) |
    (subY << 2); // chroma_sample_position 0: not said
  return joined([u8(0x81, (profile << 5) | level, flags, 0), sizedObu(sequenceHeader)]);
}

/** An OBU with its size field put back (AV1 §5.3.2), which is what MP4 carries. */
export function sizedObu(obu: Uint8Array): Uint8Array {
  const header = obu[0] ?? OBU.padding << 3;
  const headerBytes = (header & 4) !== 0 ? 2 : 1; // obu_extension_flag
  const payload = obu.subarray(headerBytes);
  const size: number[] = [];
  let left = payload.length;
  do {
    const byte = left % 128;
    left = Math.floor(left / 128);
    size.push(left > 0 ? byte | 0x80 : byte);
  } while (left > 0);
  return joined([u8(header | 2), obu.subarray(1, headerBytes), u8(...size), payload]);
}

/** VPCodecConfigurationRecord (VP codec ISOBMFF binding §2.2), without the version and flags of its box. */
export function writeVp9Record(track: VideoTrack): Uint8Array {
  if (track.setup.entry !== "vp09") throw new Error(`a VP9 record for ${track.setup.entry}`);
  const { primaries, transfer, matrix, fullRange } = track.colour ?? UNTAGGED;
  const chroma = VP9_CHROMA[track.chroma];
  const packed = (track.bitDepth << 4) | (chroma << 1) | (fullRange ? 1 : 0);
  return joined([u8(track.setup.profile, vp9Level(track), packed, primaries, transfer, matrix), u16(0)]);
}

/** ITU-T H.273: 2 is "unspecified". */
const UNTAGGED = { primaries: 2, transfer: 2, matrix: 2, fullRange: false };

/** Where 4:2:0 chroma sits is not said in VP9: 1 is "with the luma sample at the top left", as encoders write it. */
const VP9_CHROMA: Readonly<Record<PictureChroma, number>> = {
  "4:0:0": 1,
  "4:2:0": 1,
  "4:2:2": 2,
  "4:4:4": 3,
};

/** VP9 levels by luma samples a second and a picture (VP9 levels, Annex A's table), smallest first. */
const VP9_LEVELS: readonly (readonly [level: number, rate: number, picture: number])[] = [
  [10, 829_440, 36_864],
  [11, 2_764_800, 73_728],
  [20, 4_608_000, 122_880],
  [21, 9_216_000, 245_760],
  [30, 20_736_000, 552_960],
  [31, 36_864_000, 983_040],
  [40, 83_558_400, 2_228_224],
  [41, 160_432_128, 2_228_224],
  [50, 311_951_360, 8_912_896],
  [51, 588_251_136, 8_912_896],
  [52, 1_176_502_272, 8_912_896],
  [60, 1_176_502_272, 35_651_584],
  [61, 2_353_004_544, 35_651_584],
  [62, 4_706_009_088, 35_651_584],
];

/** The smallest level that holds the picture; the bitstream does not name it. Where no rate is known, 60 a second. */
export function vp9Level({ width, height, setup }: VideoTrack): number {
  const picture = width * height;
  const rate = picture * ((setup.entry === "vp09" ? setup.frameRate : null) ?? 60);
  return VP9_LEVELS.find((level) => rate <= level[1] && picture <= level[2])?.[0] ?? 62;
}

/** Content of an "esds" box (ISO/IEC 14496-1 §7.2.6.5, 14496-14 §5.6) around an AudioSpecificConfig. */
export function writeEsDescriptor(config: Uint8Array): Uint8Array {
  const specific = descriptor(0x05, config);
  const decoder = descriptor(
    0x04,
    u8(0x40, 0x15), // MPEG-4 audio; an audio stream
    u8(0, 0, 0), // bufferSizeDB
    u32(0, 0), // maxBitrate, avgBitrate: not said
    specific,
  );
  return descriptor(0x03, u16(0), u8(0), decoder, descriptor(0x06, u8(2)));
}

/** Lengths in four bytes of seven bits: always enough, as FFmpeg writes them. */
function descriptor(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = joined(content);
  const size = body.length;
  const bytes = [0x80 | (size >> 21), 0x80 | ((size >> 14) & 0x7f), 0x80 | ((size >> 7) & 0x7f), size & 0x7f];
  return joined([u8(tag, ...bytes), body]);
}

/** Mapping family 1 (RFC 7845 §5.1.1.2): streams, coupled streams and the Vorbis order of channels. */
const OPUS_SURROUND: Readonly<Record<number, readonly number[]>> = {
  3: [2, 1, 0, 2, 1],
  4: [2, 2, 0, 1, 2, 3],
  5: [3, 2, 0, 4, 1, 2, 3],
  6: [4, 2, 0, 4, 1, 2, 3, 5],
  7: [5, 2, 0, 4, 1, 2, 3, 5, 6],
  8: [5, 3, 0, 6, 1, 2, 3, 4, 5, 7],
};

/** Content of a "dOps" box (Opus in ISOBMFF §4.3.2). Nothing is skipped: the stream was under way before we came. */
export function writeOpusRecord({ channels, sampleRate }: AudioTrack): Uint8Array {
  const surround = OPUS_SURROUND[channels];
  const family = surround === undefined ? [0] : [1, ...surround];
  return joined([u8(0, channels), u16(0), u32(sampleRate), u16(0), u8(...family)]);
}
