import { expect, test } from "vitest";
import { createVirtualClock } from "../live/virtual-clock.js";
import { createDucker, type DuckerInput } from "./ducker.js";

const QUIET: DuckerInput = {
  isSomebodySpeaking: false,
  isMicOpen: false,
  ducks: true,
  duckDb: 12,
  suite: false,
};

function set() {
  const clock = createVirtualClock();
  const gains: number[] = [];
  const ducker = createDucker({ setGain: (gain) => gains.push(gain), clock });
  return { clock, gains, ducker };
}

test("the programme steps back 12 dB within 80 ms and comes back within 700 ms", () => {
  const { clock, gains, ducker } = set();
  ducker.hear({ ...QUIET, isSomebodySpeaking: true });
  clock.advance(80);
  expect(gains.at(-1)).toBeCloseTo(10 ** (-12 / 20));
  expect(gains).toEqual(gains.toSorted((a, b) => b - a));
  ducker.hear(QUIET);
  clock.advance(680);
  expect(gains.at(-1)).toBeLessThan(1);
  clock.advance(20);
  expect(gains.at(-1)).toBe(1);
  const told = gains.length;
  clock.advance(10_000);
  expect(gains).toHaveLength(told);
});

test("who begins again while it comes back does not make it jump", () => {
  const { clock, gains, ducker } = set();
  ducker.hear({ ...QUIET, isSomebodySpeaking: true });
  clock.advance(80);
  ducker.hear(QUIET);
  clock.advance(340);
  ducker.hear({ ...QUIET, isSomebodySpeaking: true });
  clock.advance(20);
  const [before = 0, after = 0] = gains.slice(-2);
  expect(before - after).toBeGreaterThan(0);
  expect(before - after).toBeLessThan(0.25);
});

test("it stays as it is where that was chosen", () => {
  const { clock, gains, ducker } = set();
  ducker.hear({ ...QUIET, ducks: false, isSomebodySpeaking: true });
  clock.advance(1_000);
  expect(gains).toEqual([]);
});

test("in the suite it is silent while our own microphone is open, whoever speaks", () => {
  const { clock, gains, ducker } = set();
  ducker.hear({ ...QUIET, suite: true, ducks: false, isMicOpen: true, isSomebodySpeaking: true });
  clock.advance(80);
  expect(gains.at(-1)).toBe(0);
  ducker.hear({ ...QUIET, suite: true });
  clock.advance(700);
  expect(gains.at(-1)).toBe(1);
});

test("an ended one gives the programme back", () => {
  const { clock, gains, ducker } = set();
  ducker.hear({ ...QUIET, isSomebodySpeaking: true });
  clock.advance(80);
  ducker.close();
  clock.advance(1_000);
  expect(gains.at(-1)).toBe(1);
});
