import { expect, test } from "vitest";
import { missingNumbers } from "./picture-watch.js";

const frames = (...numbers: number[]) =>
  numbers.map((frame) => ({ frame, drawnMs: 0, seenMs: 0, width: 640, height: 360 }));

test("numbers that were never seen between the first and the last are named, order and repeats aside", () => {
  expect(missingNumbers(frames(5, 6, 7, 8))).toEqual([]);
  expect(missingNumbers(frames(8, 5, 5, 9))).toEqual([6, 7]);
});
