import { expect, test } from "vitest";
import { retryDelayMs } from "./ladder.js";

const middle = () => 0.5;

test("the first retry is at once, then the waits grow to 5 s and stay there", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 1_000].map((attempt) => retryDelayMs(attempt, middle));
  expect(waits).toEqual([0, 300, 600, 1_200, 2_500, 5_000, 5_000, 5_000]);
});

test("jitter moves a wait by a fifth at most, either way", () => {
  expect(retryDelayMs(6, () => 0)).toBe(4_000);
  expect(retryDelayMs(6, () => 1)).toBe(6_000);
});
