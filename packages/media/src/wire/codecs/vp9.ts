import { ByteReader } from "../byte-reader.js";
import { BitReader } from "./bit-reader.js";
import { type PictureChroma, type PictureColour, type PictureFormat, statedColour } from "./picture.js";

/** VPCodecConfigurationRecord (VP codec ISOBMFF binding), without the size, which only frames tell. */
export type Vp9Config = Pick<PictureFormat, "profile" | "bitDepth" | "chroma" | "colour">;

/** Reads the record that E-RTMP and MP4 carry: with the box's version and flags before it, as FFmpeg sends, or bare. */
export function parseVp9Config(bytes: Uint8Array): Vp9Config {
  const record = new ByteReader("vpcC", bytes);
  if (bytes.length >= 12 && bytes[0] === 1 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0)
    record.skip(4);
  const profile = record.u8();
  if (profile > 3) record.fail(`profile ${profile} is not known`);
  record.skip(1); // level
  const packed = record.u8();
  const bitDepth = packed >> 4;
  if (bitDepth !== 8 && bitDepth !== 10 && bitDepth !== 12) record.fail(`bit depth ${bitDepth}`);
  const chroma = CHROMA_BY_CODE[(packed >> 1) & 7];
  if (chroma === undefined) return record.fail(`chroma subsampling code ${(packed >> 1) & 7}`);
  const [primaries, transfer, matrix] = [record.u8(), record.u8(), record.u8()];
  const colour = statedColour({ primaries, transfer, matrix, fullRange: (packed & 1) === 1 });
  return { profile: `Profile ${profile}`, bitDepth, chroma, colour };
}

/** What a frame's uncompressed header says; `format` is null on all but key frames. */
export type Vp9Header = { readonly isKeyframe: boolean; readonly format: PictureFormat | null };

/** uncompressed_header (VP9 bitstream §6.2) of the first frame in a packet. */
export function parseVp9Header(frame: Uint8Array): Vp9Header {
  const bits = new BitReader("vp9", frame);
  if (bits.u(2) !== 2) bits.fail("frame_marker is not 2");
  const low = bits.bit();
  const profile = low + 2 * bits.bit();
  if (profile === 3) bits.skip(1); // reserved_zero
  if (bits.flag()) return { isKeyframe: false, format: null }; // show_existing_frame
  if (bits.flag()) return { isKeyframe: false, format: null }; // frame_type: 1 is NON_KEY_FRAME
  bits.skip(2); // show_frame, error_resilient_mode
  if (bits.u(24) !== 0x498342) bits.fail("the key frame's sync code is wrong");
  const picture = colourConfig(bits, profile);
  const width = bits.u(16) + 1;
  const height = bits.u(16) + 1;
  const format = {
    profile: `Profile ${profile}`,
    width,
    height,
    frameRate: null,
    reorderFrames: 0,
    ...picture,
    sampleAspectRatio: null,
  };
  return { isKeyframe: true, format };
}

/** The two codes of 4:2:0 differ in where chroma sits. */
const CHROMA_BY_CODE: readonly PictureChroma[] = ["4:2:0", "4:2:0", "4:2:2", "4:4:4"];

/** color_space (VP9 §7.2.2) in CICP code points; VP9 itself has no transfer characteristics. */
const CICP_BY_COLOUR_SPACE: readonly (readonly [primaries: number, transfer: number, matrix: number])[] = [
  [2, 2, 2],
  [6, 6, 6], // BT.601
  [1, 1, 1], // BT.709
  [6, 6, 6], // SMPTE 170
  [7, 7, 7], // SMPTE 240
  [9, 14, 9], // BT.2020
  [2, 2, 2],
  [1, 13, 0], // sRGB
];

const RGB = 7;

function colourConfig(
  bits: BitReader,
  profile: number,
): Pick<PictureFormat, "bitDepth" | "chroma" | "colour"> {
  const bitDepth = profile >= 2 ? (bits.flag() ? 12 : 10) : 8;
  const space = bits.u(3);
  const [primaries, transfer, matrix] = CICP_BY_COLOUR_SPACE[space] ?? [2, 2, 2];
  const stated = (fullRange: boolean): PictureColour | null =>
    statedColour({ primaries, transfer, matrix, fullRange });
  if (space === RGB) {
    if (profile % 2 === 0) bits.fail(`RGB in profile ${profile}`);
    bits.skip(1); // reserved_zero
    return { bitDepth, chroma: "4:4:4", colour: stated(true) };
  }
  const fullRange = bits.flag();
  if (profile % 2 === 0) return { bitDepth, chroma: "4:2:0", colour: stated(fullRange) };
  const subX = bits.flag();
  const subY = bits.flag();
  bits.skip(1); // reserved_zero
  if (subX && subY) bits.fail(`4:2:0 in profile ${profile}`);
  if (!subX && subY) bits.fail("4:4:0 is not supported");
  return { bitDepth, chroma: subX ? "4:2:2" : "4:4:4", colour: stated(fullRange) };
}
