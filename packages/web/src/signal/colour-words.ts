import type { StreamStatus } from "@colourstream/contract";

/** The colour description that the encoder put into the bitstream. */
export type Colour = NonNullable<NonNullable<StreamStatus["video"]>["colour"]>;

// ITU-T H.273 (07/2024) tables 2, 3 and 4; the values that a grading suite can meet.
const PRIMARIES: Record<number, string> = {
  1: "BT.709",
  4: "BT.470 M",
  5: "BT.601 (625)",
  6: "BT.601 (525)",
  7: "SMPTE 240M",
  9: "BT.2020",
  11: "DCI-P3",
  12: "Display P3",
};
const TRANSFERS: Record<number, string> = {
  1: "BT.709",
  4: "gamma 2.2",
  5: "gamma 2.8",
  6: "BT.601",
  7: "SMPTE 240M",
  8: "linear",
  13: "sRGB",
  14: "BT.2020 10-bit",
  15: "BT.2020 12-bit",
  16: "PQ",
  17: "DCI gamma 2.6",
  18: "HLG",
};
const MATRICES: Record<number, string> = {
  0: "RGB",
  1: "BT.709",
  4: "FCC",
  5: "BT.601 (625)",
  6: "BT.601 (525)",
  7: "SMPTE 240M",
  9: "BT.2020",
  10: "BT.2020 constant luminance",
  14: "ICtCp",
};
const UNSPECIFIED = 2; // H.273: "Unspecified"; 0 and 3 are reserved

/** What a code point is called, or that nothing is said. */
function name(table: Record<number, string>, code: number): string {
  return code === UNSPECIFIED ? "unspecified" : (table[code] ?? `code ${code}`);
}

/** A picture's colour tags in a line; an engine that tells no depth tells no tags either. */
export function tagsWords({
  colour,
  bitDepth,
}: {
  readonly colour: Colour | null;
  readonly bitDepth: number;
}): string {
  return colour === null && bitDepth === 0 ? "The media engine does not tell" : colourWords(colour);
}

/** Colour tags in a line: one name where primaries, transfer and matrix agree, else all three. */
export function colourWords(colour: Colour | null): string {
  if (colour === null) return "Untagged";
  const range = colour.fullRange ? "full range" : "limited range";
  const primaries = name(PRIMARIES, colour.primaries);
  const transfer = name(TRANSFERS, colour.transfer);
  const matrix = name(MATRICES, colour.matrix);
  const agree = primaries === transfer && primaries === matrix;
  const family = primaries === "BT.2020" && matrix === "BT.2020" && transfer.startsWith("BT.2020");
  if (agree || family) return `${primaries}, ${range}`;
  return `${primaries} primaries, ${transfer} transfer, ${matrix} matrix, ${range}`;
}
