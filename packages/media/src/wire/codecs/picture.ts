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
