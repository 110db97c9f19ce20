import { expect, test } from "vitest";
import { createTimeline } from "./timeline.js";

test("audio and video of one publisher share one offset", () => {
  const timeline = createTimeline();
  const video = timeline.offsetOf("video", 500_000, 1000);
  expect(timeline.offsetOf("audio", 498_000, 1001)).toBe(video);
  expect(timeline.offsetOf("video", 503_600, 1040)).toBe(video);
});

test("a publisher that comes back at zero goes on where the clock is", () => {
  const timeline = createTimeline();
  const before = 9_000_000 + timeline.offsetOf("video", 9_000_000, 0);
  timeline.startNewBase();
  const after = 0 + timeline.offsetOf("video", 0, 5000);
  expect(after - before).toBe(5000 * 90);
});

const JUMPS: [string, number][] = [
  ["a jump of an hour forward", 3600 * 90_000],
  ["a step back", -90_000],
  ["a wrap at 2^31 ms that nobody unwrapped", -(2 ** 31) * 90],
];
for (const [name, jump] of JUMPS) {
  test(`${name} moves both tracks to one new base and time only goes forward`, () => {
    const timeline = createTimeline();
    let last = { video: 0, audio: 0 };
    const start = 2 ** 31 * 90;
    const place = (track: "video" | "audio", time: number, at: number) => {
      const placed = time + timeline.offsetOf(track, time, at);
      expect(placed).toBeGreaterThan(last[track]);
      last = { ...last, [track]: placed };
      return placed;
    };
    const first = place("video", start, 0);
    place("audio", start, 1);
    place("video", start + 3600, 40);
    const jumped = place("video", start + 7200 + jump, 80);
    expect(Math.abs(jumped - first - 7200)).toBeLessThanOrEqual(90);
    // The audio is still on the old base for one frame, then follows to the new one.
    const late = place("audio", start + 5400, 81);
    expect(Math.abs(late - first - 5400)).toBeLessThanOrEqual(90);
    const followed = place("audio", start + 7290 + jump, 101);
    expect(followed - jumped).toBe(90);
  });
}

test("a gap that really was one keeps the offset", () => {
  const timeline = createTimeline();
  const offset = timeline.offsetOf("video", 0, 0);
  expect(timeline.offsetOf("video", 3 * 90_000, 3000)).toBe(offset);
});
