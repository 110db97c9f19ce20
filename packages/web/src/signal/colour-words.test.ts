import { expect, test } from "vitest";
import { colourWords } from "./colour-words.js";

test.each([
  [{ primaries: 1, transfer: 1, matrix: 1, fullRange: false }, "BT.709, limited range"],
  [{ primaries: 1, transfer: 1, matrix: 1, fullRange: true }, "BT.709, full range"],
  [{ primaries: 9, transfer: 14, matrix: 9, fullRange: false }, "BT.2020, limited range"],
  [
    { primaries: 9, transfer: 16, matrix: 9, fullRange: false },
    "BT.2020 primaries, PQ transfer, BT.2020 matrix, limited range",
  ],
  [
    { primaries: 1, transfer: 13, matrix: 1, fullRange: false },
    "BT.709 primaries, sRGB transfer, BT.709 matrix, limited range",
  ],
  [
    { primaries: 2, transfer: 2, matrix: 6, fullRange: false },
    "unspecified primaries, unspecified transfer, BT.601 (525) matrix, limited range",
  ],
])("%j reads “%s”", (colour, words) => {
  expect(colourWords(colour)).toBe(words);
});

test("no description at all is said so", () => {
  expect(colourWords(null)).toBe("Untagged");
});
