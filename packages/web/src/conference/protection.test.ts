import { expect, test } from "vitest";
import { createProtection, type Second } from "./protection.js";

const WELL: Second = { lossPercent: 0, freezes: 0, dropped: 0, framesPerSecond: 25 };

function set() {
  let now = 1_000_000;
  const watch = createProtection({ now: () => now });
  let last: Second = WELL;
  /** So many seconds of the same; counters go on from where they were. */
  function pass(seconds: number, change: Partial<Second> = {}, canHelp = true) {
    let level = 0;
    for (let second = 0; second < seconds; second++) {
      now += 1_000;
      const { freezes = 0, dropped = 0, ...rest } = change;
      last = { ...WELL, ...rest, freezes: last.freezes + freezes, dropped: last.dropped + dropped };
      level = watch.onSecond(last, canHelp);
    }
    return level;
  }
  pass(1);
  return {
    pass,
    newSession() {
      last = WELL;
    },
  };
}

test.each<[string, Partial<Second>, number]>([
  ["nothing", {}, 0],
  ["1.9 % lost", { lossPercent: 1.9 }, 0],
  ["2 % lost", { lossPercent: 2 }, 1],
  ["a freeze", { freezes: 1 }, 1],
  ["two freezes", { freezes: 2 }, 2],
  ["5 % lost", { lossPercent: 5 }, 2],
  ["a tenth of the frames dropped", { dropped: 3, framesPerSecond: 22 }, 1],
  ["one frame dropped", { dropped: 1, framesPerSecond: 24 }, 0],
  ["a browser that tells nothing", { lossPercent: null, framesPerSecond: null }, 0],
])("after a second with %s", (_name, change, level) => {
  expect(set().pass(1, change)).toBe(level);
});

test("a freeze 9 s after another leaves voices alone; 11 s after it does not", () => {
  const soon = set();
  soon.pass(1, { freezes: 1 });
  soon.pass(8);
  expect(soon.pass(1, { freezes: 1 })).toBe(2);
});

test("what has not helped for 5 s goes on to voices alone", () => {
  const { pass } = set();
  expect(pass(5, { lossPercent: 3 })).toBe(1);
  expect(pass(1, { lossPercent: 3 })).toBe(2);
});

test("after 20 s clean it comes back step by step", () => {
  const { pass } = set();
  pass(1, { lossPercent: 8 });
  expect(pass(19)).toBe(2);
  expect(pass(1)).toBe(1);
  expect(pass(19)).toBe(1);
  expect(pass(1)).toBe(0);
});

test("a little loss keeps it, and raises nothing", () => {
  const { pass } = set();
  pass(1, { lossPercent: 2 });
  expect(pass(60, { lossPercent: 1.5 })).toBe(1);
});

test("what brought the trouble back is tried again later each time", () => {
  const { pass } = set();
  pass(1, { lossPercent: 2 });
  expect(pass(20)).toBe(0);
  expect(pass(5, { lossPercent: 2 })).toBe(1);
  expect(pass(39)).toBe(1);
  expect(pass(1)).toBe(0);
});

test("where nobody sends a picture there is nothing to switch off", () => {
  const { pass } = set();
  expect(pass(60, { lossPercent: 30, freezes: 1 }, false)).toBe(0);
});

test("what is switched off comes back though nobody sends any more", () => {
  const { pass } = set();
  expect(pass(1, { lossPercent: 30 })).toBe(2);
  expect(pass(10, { lossPercent: 30 }, false)).toBe(2);
  expect(pass(40, {}, false)).toBe(0);
});

test("the counters of another session are not freezes", () => {
  const { pass, newSession } = set();
  pass(1, { freezes: 2 });
  pass(60);
  newSession();
  expect(pass(1)).toBe(0);
});
