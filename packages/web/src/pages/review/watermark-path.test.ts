import { expect, test } from "vitest";
import { jump, type Point, wander } from "./watermark-path.js";

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);
const isInside = ({ x, y }: Point) => x >= 0 && x <= 1 && y >= 0 && y <= 1;

test("the mark stays on the picture, and moves slowly and without a rest for two hours", () => {
  for (let second = 0; second < 7_200; second++) {
    const now = wander(second * 1_000);
    const moved = distance(now, wander(second * 1_000 + 1_000));
    expect(isInside(now)).toBe(true);
    // Where it is thrown back within the second, it ends nearer to where it began.
    expect(moved).toBeLessThan(0.05);
    const halfway = distance(now, wander(second * 1_000 + 500));
    expect(Math.max(moved, halfway)).toBeGreaterThan(0.005);
  }
});

test("no third of the picture is without the mark for more than two minutes", () => {
  for (const third of [0, 1, 2]) {
    let seenAt = 0;
    for (let ms = 0; ms < 7_200_000; ms += 500) {
      if (Math.floor(wander(ms).x * 2.999) === third) seenAt = ms;
      expect(ms - seenAt).toBeLessThan(120_000);
    }
  }
});

test("with less motion it stands still for 20 s, then is far away", () => {
  for (let count = 0; count < 200; count++) {
    const now = jump(count * 20_000);
    expect(isInside(now)).toBe(true);
    expect(jump(count * 20_000 + 19_999)).toEqual(now);
    expect(distance(now, jump((count + 1) * 20_000))).toBeGreaterThan(0.2);
  }
});
