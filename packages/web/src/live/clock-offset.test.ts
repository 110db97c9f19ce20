import { expect, test } from "vitest";
import { addSample, type ClockSample, estimateOffset } from "./clock-offset.js";

test("without samples nothing is claimed", () => {
  expect(estimateOffset([])).toBeNull();
});

test("the sample with the shortest round trip decides", () => {
  const slow = { sentAt: 1_000, serverAt: 6_190, receivedAt: 1_200 };
  const quick = { sentAt: 2_000, serverAt: 7_005, receivedAt: 2_010 };
  expect(estimateOffset([slow, quick, slow])).toEqual({ offsetMs: 5_000, roundTripMs: 10 });
});

test("a sample that came back before it was sent (a clock that was set) is left out", () => {
  expect(estimateOffset([{ sentAt: 2_000, serverAt: 0, receivedAt: 1_000 }])).toBeNull();
});

test("only the last twelve samples count", () => {
  let samples: ClockSample[] = [];
  for (let index = 0; index < 40; index++) {
    samples = addSample(samples, { sentAt: index, serverAt: index, receivedAt: index });
  }
  expect(samples).toHaveLength(12);
  expect(samples[0]?.sentAt).toBe(28);
});
