import { expect, test } from "vitest";
import { frameAt, shuttle, stepFrom, timecode } from "./timecode.js";

test.each([
  [0, 25, "00:00:00:00"],
  [0.039_999, 25, "00:00:00:01"],
  [59.96, 25, "00:00:59:24"],
  [3_723.5, 24, "01:02:03:12"],
  [1.001, 23.976, "00:00:01:00"],
  [1.0, 59.94, "00:00:00:59"],
  [61.9, null, "00:01:01"],
  [-1, 25, "00:00:00:00"],
])("%d s at %d fps is %s", (seconds, rate, words) => {
  expect(timecode(seconds, rate)).toBe(words);
});

test.each([23.976, 24, 25, 29.97, 50, 59.94])(
  "at %d fps every step forward is the next frame, and back again",
  (rate) => {
    const seconds = 100;
    const frames = Math.round(seconds * rate);
    let at = 0;
    for (let frame = 1; frame < frames; frame += 1) {
      at = stepFrom(at, 1, rate, seconds);
      expect(frameAt(at, rate)).toBe(frame);
    }
    expect(stepFrom(at, 1, rate, seconds)).toBe(at); // the last frame is the end
    for (let frame = frames - 2; frame >= 0; frame -= 1) {
      at = stepFrom(at, -1, rate, seconds);
      expect(frameAt(at, rate)).toBe(frame);
    }
    expect(stepFrom(at, -1, rate, seconds)).toBe(at);
  },
);

test("J and L go faster at every press, and turn round at once", () => {
  expect([0, 1, 2, 4, 8].map((speed) => shuttle(speed, 1))).toEqual([1, 2, 4, 8, 8]);
  expect([0, -1, -8].map((speed) => shuttle(speed, -1))).toEqual([-1, -2, -8]);
  expect(shuttle(4, -1)).toBe(-1);
  expect(shuttle(-2, 1)).toBe(1);
});
