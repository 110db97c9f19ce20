import { expect, test } from "vitest";
import { agoWords, dayInput, fromInput, momentInput } from "./local-time.js";

const MOMENT = new Date(2026, 10, 2, 9, 5).getTime();

test("a moment goes into an input and comes back", () => {
  expect(momentInput(MOMENT)).toBe("2026-11-02T09:05");
  expect(fromInput(momentInput(MOMENT))).toBe(MOMENT);
});

test("a day begins at midnight here, wherever here is", () => {
  expect(fromInput(dayInput(MOMENT))).toBe(new Date(2026, 10, 2).getTime());
});

test("an input that is not complete is no time", () => {
  expect(fromInput("")).toBeNull();
  expect(fromInput("2026-13-40T99:99")).toBeNull();
});

test.each([
  [30_000, "just now"],
  [60_000, "1 minute ago"],
  [59 * 60_000, "59 minutes ago"],
  [2 * 3_600_000, "2 hours ago"],
  [24 * 3_600_000, "1 day ago"],
])("what was %i ms back is said as %s", (back, words) => {
  expect(agoWords(MOMENT - back, MOMENT)).toBe(words);
});

test("what was long ago is said with its day", () => {
  expect(agoWords(MOMENT - 40 * 24 * 3_600_000, MOMENT)).toMatch(/^on \d+ \w+ \d{4}$/);
});
