import { expect, test } from "vitest";
import { startReorderWatch } from "./reorder-watch.js";

const deepest = (times: number[]) => {
  const watch = startReorderWatch();
  return Math.max(...times.map((pts, i) => watch.see(pts, i === 0)));
};

test("reordering is found from presentation times: none, one B-frame, a pyramid", () => {
  expect(deepest([0, 1, 2, 3])).toBe(0);
  expect(deepest([0, 2, 1, 4, 3])).toBe(1);
  expect(deepest([0, 4, 2, 1, 3, 8, 6, 5, 7])).toBe(2);
});

test("leading pictures before a keyframe are not counted against what came before it", () => {
  const watch = startReorderWatch();
  for (const pts of [10, 11, 12]) watch.see(pts, pts === 10);
  expect(watch.see(5, true)).toBe(0);
});
