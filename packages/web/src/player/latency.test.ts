import { expect, test } from "vitest";
import { inFrames, median, serverToScreenMs, unixFromNtpMs } from "./latency.js";

test("the NTP era begins 70 years, 17 of them leap years, before 1970", () => {
  expect(unixFromNtpMs((70 * 365 + 17) * 86_400_000)).toBe(0);
});

test("the server's clock being ahead does not change the latency", () => {
  const arrivedAt = 1_000_000;
  expect(serverToScreenMs({ arrivedAt, shownAt: 1_000_040, clockOffsetMs: 0 })).toBe(40);
  expect(serverToScreenMs({ arrivedAt: arrivedAt + 9_000, shownAt: 1_000_040, clockOffsetMs: 9_000 })).toBe(
    40,
  );
  expect(serverToScreenMs({ arrivedAt: arrivedAt - 9_000, shownAt: 1_000_040, clockOffsetMs: -9_000 })).toBe(
    40,
  );
});

test("frames are counted at the stream's own rate", () => {
  expect(inFrames(125, 24)).toBe(3);
  expect(inFrames(125, 23.976)).toBe(3);
  expect(inFrames(50, 25)).toBe(1.3);
});

test("one late frame does not move the figure", () => {
  expect(median([40, 41, 39, 900, 40])).toBe(40);
  expect(median([])).toBeNull();
});
