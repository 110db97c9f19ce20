/** Colour in CICP code points (ITU-T H.273), as a bitstream states it. */
export type PictureColour = {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly fullRange: boolean;
};

/** Chroma sampling. */
export type PictureChroma = "4:0:0" | "4:2:0" | "4:2:2" | "4:4:4";

/** What a sequence's parameter set says of its pictures, in the same words for every codec. */
export type PictureFormat = {
  readonly profile: string;
  readonly width: number;
  readonly height: number;
  /** Frames per second; null where the bitstream does not say. */
  readonly frameRate: number | null;
  readonly bitDepth: number;
  readonly chroma: PictureChroma;
  /** Frames that may have to be held back for reordering; null where the bitstream leaves it open. */
  readonly reorderFrames: number | null;
  readonly colour: PictureColour | null;
  /** Width to height of one sample; null where the bitstream does not say, which is to be taken as square. */
  readonly sampleAspectRatio: readonly [width: number, height: number] | null;
};

/** ITU-T H.273: code point 2 is "unspecified" in all three tables. */
const UNSPECIFIED = 2;

/** The colour, or null when it says nothing: all three unspecified at limited range is what an untagged encoder writes. */
export function statedColour(colour: PictureColour): PictureColour | null {
  const { primaries, transfer, matrix, fullRange } = colour;
  const silent = primaries === UNSPECIFIED && transfer === UNSPECIFIED && matrix === UNSPECIFIED;
  return silent && !fullRange ? null : colour;
}

const CHROMA: readonly PictureChroma[] = ["4:0:0", "4:2:0", "4:2:2", "4:4:4"];

/** chroma_format_idc (ITU-T H.264 table 6-1, H.265 table 6-1) in words; 0 to 3. */
export function chromaOf(formatIdc: number): PictureChroma {
  const chroma = CHROMA[formatIdc];
  if (chroma === undefined) throw new RangeError(`chroma_format_idc ${formatIdc}`);
  return chroma;
}

/** aspect_ratio_idc 1 to 16 (ITU-T H.264 table E-1, H.265 table E.1); 0 is "unspecified", 255 says it in numbers. */
const SAMPLE_ASPECTS: readonly (readonly [width: number, height: number])[] = [
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
];

const EXTENDED_SAR = 255;

/** The sample aspect ratio of a VUI, from aspect_ratio_info_present_flag on. */
export function readSampleAspect(bits: {
  flag(): boolean;
  u(bits: number): number;
}): PictureFormat["sampleAspectRatio"] {
  if (!bits.flag()) return null;
  const idc = bits.u(8);
  if (idc !== EXTENDED_SAR) return SAMPLE_ASPECTS[idc - 1] ?? null;
  const [width, height] = [bits.u(16), bits.u(16)];
  return width > 0 && height > 0 ? [width, height] : null; // zero is "unspecified" too
}
