import { expect, test } from "vitest";
import { createRestartPace } from "./restart-pace.js";

test("an engine that had answered is started again at once, ten times in a minute", () => {
  let now = 0;
  const pace = createRestartPace(() => now);
  for (let n = 0; n < 10; n++) {
    expect(pace.next(true)).toBeLessThanOrEqual(200);
    now += 1_000;
  }
  expect([pace.next(true), pace.next(true), pace.next(true)]).toEqual([200, 400, 800]);
  now += 60_000;
  expect(pace.next(true)).toBeLessThanOrEqual(200);
});

test("an engine that never answered climbs the ladder to five seconds, and stays there", () => {
  const pace = createRestartPace(() => 0);
  const waits = Array.from({ length: 8 }, () => pace.next(false));
  expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
});

test("an engine that answers brings the next failure back to the ladder's foot", () => {
  const pace = createRestartPace(() => 0);
  for (let n = 0; n < 4; n++) pace.next(false);
  expect(pace.next(true)).toBeLessThanOrEqual(200);
  expect(pace.next(false)).toBe(200);
});
