import { expect, test } from "vitest";
import { mannWhitneyP } from "./mann-whitney.js";
import { seededRandom } from "./random.js";

const random = seededRandom(7);
const sample = (count: number, shift: number): number[] =>
  Array.from({ length: count }, () => 10 + shift + random() + random() + random());

test("two samples of the same thing are told apart in about one of a hundred cases at p < 0.01", () => {
  const runs = Array.from({ length: 500 }, () => mannWhitneyP(sample(60, 0), sample(60, 0)));
  expect(runs.filter((p) => p < 0.01).length).toBeLessThan(15);
  expect(runs.filter((p) => p < 0.5).length).toBeGreaterThan(200);
});

test("a shift of one deviation is seen in 60 values, one of a third in 600", () => {
  expect(mannWhitneyP(sample(60, 0), sample(60, 0.5))).toBeLessThan(0.01);
  expect(mannWhitneyP(sample(600, 0), sample(600, 0.17))).toBeLessThan(0.01);
});

test("a worked example: {1, 2, 3} against {4, 5, 6} has U = 0, and equal samples say 1", () => {
  expect(mannWhitneyP([1, 2, 3], [4, 5, 6])).toBeCloseTo(0.0809, 3);
  expect(mannWhitneyP([5, 5, 5], [5, 5, 5])).toBe(1);
});
