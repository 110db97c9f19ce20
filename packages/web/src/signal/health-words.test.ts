import { expect, test } from "vitest";
import { healthOf } from "./health-words.js";

test("a live stream without a warning is good, also without sound", () => {
  const good = { isGood: true, reasons: [] };
  expect(healthOf({ state: "live", warnings: [], sound: "ok" })).toEqual(good);
  expect(healthOf({ state: "live", warnings: [], sound: "none-sent" })).toEqual(good);
});

test("what is wrong is said, the worst first", () => {
  expect(
    healthOf({ state: "stalled", warnings: ["b-frames", "untagged-colour"], sound: "codec-missing" }),
  ).toEqual({
    isGood: false,
    reasons: [
      "No frames arrive",
      "B-frames make the picture late",
      "Colours are not tagged",
      "The server lacks the AAC codec: no sound",
    ],
  });
  expect(healthOf({ state: "interrupted", warnings: [], sound: "ok" }).isGood).toBe(false);
});
