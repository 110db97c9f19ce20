import { expect, test } from "vitest";
import { createAttempts, createGuessLimits } from "./attempts.js";

test("the sixth try within two minutes waits, and waits no longer than those two minutes", () => {
  let now = 0;
  const limits = createGuessLimits(() => now);
  const guess = { target: "room", address: "192.0.2.1" };
  for (let n = 0; n < 5; n++) {
    expect(limits.take(guess)).toBeNull();
    now += 1_000;
  }
  expect(limits.take(guess)).toBe(115_000);
  expect(limits.take({ target: "room", address: "192.0.2.2" })).toBeNull();
  now += 115_001;
  expect(limits.take(guess)).toBeNull();
});

test("ten thousand tries from two hundred addresses get thirty an hour", () => {
  let now = 0;
  const limits = createGuessLimits(() => now);
  let allowed = 0;
  for (let n = 0; n < 10_000; n++) {
    if (limits.take({ target: "room", address: `192.0.2.${n % 200}` }) === null) allowed += 1;
    now += 359; // all within the hour
  }
  expect(allowed).toBe(30);
});

test("right passwords do not count", () => {
  const limits = createGuessLimits(() => 0);
  const guess = { target: "room", address: "192.0.2.1" };
  for (let n = 0; n < 50; n++) {
    expect(limits.take(guess)).toBeNull();
    limits.giveBack(guess);
  }
});

test("strangers cannot use up the owner's tries at the set-up link", () => {
  const limits = createGuessLimits(() => 0);
  for (let n = 0; n < 1_000; n++) limits.take({ target: null, address: `198.51.100.${n % 250}` });
  expect(limits.take({ target: null, address: "192.0.2.1" })).toBeNull();
});

test("the memory of a limiter is bounded, whoever asks", () => {
  const attempts = createAttempts({ count: 5, inMs: 60_000 }, () => 0, 100);
  for (let n = 0; n < 10_000; n++) attempts.take(`address ${n}`);
  expect(attempts.size).toBe(100);
});
