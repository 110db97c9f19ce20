import { expect, test } from "vitest";
import { startTimeline } from "./timeline.js";

/** Places video at these time stamps, 40 ms apart on the arrival clock, and gives milliseconds. */
function video(timestamps: number[], arrivals?: number[]): number[] {
  const timeline = startTimeline();
  return timestamps.map((at, i) => timeline.place("video", at >>> 0, 0, arrivals?.[i] ?? 40 * i) / 90);
}

test("time goes on over the wrap at 31 bits (FFmpeg) and at 32 bits", () => {
  expect(video([2 ** 31 - 40, 0, 40])).toEqual([2 ** 31 - 40, 2 ** 31, 2 ** 31 + 40]);
  const first = (2 ** 32 - 40) % 2 ** 31;
  expect(video([2 ** 32 - 40, 0, 40])).toEqual([first, first + 40, first + 80]);
});

test("100 wraps later not a millisecond is lost", () => {
  const timeline = startTimeline();
  const step = 2 ** 27; // 37 h, and as much passes on the arrival clock
  let last = 0;
  for (let i = 0; i <= 1600; i++) last = timeline.place("video", (i * step) % 2 ** 32, 0, i * step);
  expect(last).toBe(1600 * step * 90);
});

test("a step backwards goes on from where it was, by the arrival clock", () => {
  expect(video([1000, 1040, 0, 40, 80])).toEqual([1000, 1040, 1080, 1120, 1160]);
});

test("a jump of more than a second is taken out", () => {
  expect(video([0, 40, 100_000, 100_040])).toEqual([0, 40, 80, 120]);
});

test("a pause in which time really passed is kept", () => {
  expect(video([0, 40, 5040, 5080], [0, 40, 5030, 5080])).toEqual([0, 40, 5040, 5080]);
});

test("sound follows the picture over a jump by the same offset, also when the two are out of step", () => {
  const timeline = startTimeline();
  const place = (track: "video" | "audio", at: number, arrived: number) =>
    timeline.place(track, at, 0, arrived) / 90;
  expect(place("video", 0, 0)).toBe(0);
  expect(place("audio", 10, 0)).toBe(10);
  expect(place("video", 100_000, 40)).toBe(40);
  expect(place("audio", 33, 45)).toBe(33); // still of the old time
  expect(place("audio", 100_016, 50)).toBe(56); // 16 ms after the picture, as sent
  expect(place("video", 100_040, 80)).toBe(80);
});

test("sound that steps back a little is held, and no jump", () => {
  const timeline = startTimeline();
  const times = [0, 23, 20, 46].map((at, i) => timeline.place("audio", at, 0, 23 * i) / 90);
  expect(times).toEqual([0, 23, 23, 46]);
});

test("nanosecond offsets move a frame by ticks", () => {
  expect(startTimeline().place("video", 10, 500_000, 0)).toBe(10 * 90 + 45);
});
