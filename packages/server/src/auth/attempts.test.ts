import { expect, test } from "vitest";
import { createAttempts, createGuessLimits } from "./attempts.js";

test("the sixth try within two minutes waits, and waits no longer than those two minutes", () => {
  let now = 0;
  const limits = createGuessLimits(() => now);
  const guess = { kind: "room-password" as const, target: "room", address: "192.0.2.1" };
  for (let n = 0; n < 5; n++) {
    expect(limits.take(guess)).toBeNull();
    now += 1_000;
  }
  expect(limits.take(guess)).toBe(115_000);
  expect(limits.take({ kind: "room-password" as const, target: "room", address: "192.0.2.2" })).toBeNull();
  now += 115_001;
  expect(limits.take(guess)).toBeNull();
});

test("ten thousand tries from two hundred addresses get thirty an hour", () => {
  let now = 0;
  const limits = createGuessLimits(() => now);
  let allowed = 0;
  for (let n = 0; n < 10_000; n++) {
    if (
      limits.take({ kind: "room-password" as const, target: "room", address: `192.0.2.${n % 200}` }) === null
    )
      allowed += 1;
    now += 359; // all within the hour
  }
  expect(allowed).toBe(30);
});

test("right passwords do not count", () => {
  const limits = createGuessLimits(() => 0);
  const guess = { kind: "room-password" as const, target: "room", address: "192.0.2.1" };
  for (let n = 0; n < 50; n++) {
    expect(limits.take(guess)).toBeNull();
    limits.giveBack(guess);
  }
});

test("strangers cannot use up anybody's tries at the set-up link, at invitations and at passkeys", () => {
  const limits = createGuessLimits(() => 0);
  for (const kind of ["set-up-code", "invitation", "passkey"] as const) {
    for (let n = 0; n < 10_000; n++) limits.take({ kind, target: null, address: `198.51.100.${n % 250}` });
    expect(limits.take({ kind, target: null, address: "192.0.2.1" }), kind).toBeNull();
  }
});

test.each([
  ["invitation", 10, 2],
  ["set-up-code", 5, 2],
  ["passkey", 20, 5],
] as const)("%s: one address has %i tries in %i minutes", (kind, count, minutes) => {
  let now = 0;
  const limits = createGuessLimits(() => now);
  const guess = { kind, target: null, address: "192.0.2.1" };
  for (let n = 0; n < count; n++) expect(limits.take(guess)).toBeNull();
  expect(limits.take(guess)).toBe(minutes * 60_000);
  now = minutes * 60_000 + 1;
  expect(limits.take(guess)).toBeNull();
});

test("the administrator's password: three tries, then one in five minutes, from wherever they come", () => {
  for (const addresses of [1, 200]) {
    let now = 0;
    const limits = createGuessLimits(() => now);
    let allowed = 0;
    for (let n = 0; n < 10_000; n++) {
      const address = `192.0.2.${n % addresses}`;
      if (limits.take({ kind: "admin-password", target: null, address }) === null) allowed += 1;
      now += 360; // an hour in all
    }
    expect(allowed).toBe(3 + 11);
  }
});

test("a right administrator's password does not count", () => {
  const limits = createGuessLimits(() => 0);
  const guess = { kind: "admin-password", target: null, address: "192.0.2.1" } as const;
  for (let n = 0; n < 20; n++) {
    expect(limits.take(guess)).toBeNull();
    limits.giveBack(guess);
  }
});

test("all addresses of one IPv6 household share its tries", () => {
  const limits = createGuessLimits(() => 0);
  const guess = (host: number) =>
    ({ kind: "room-password", target: "room", address: `2001:db8:1:2::${host}` }) as const;
  for (let n = 1; n <= 5; n++) expect(limits.take(guess(n))).toBeNull();
  expect(limits.take(guess(6))).toBeGreaterThan(0);
  expect(limits.take({ ...guess(0), address: "2001:db8:1:3::1" })).toBeNull();
});

test("whoever guesses once too often is told of, by address", () => {
  const told: string[] = [];
  const limits = createGuessLimits(
    () => 0,
    (address) => told.push(address),
  );
  for (let n = 0; n < 7; n++) limits.take({ kind: "set-up-code", target: null, address: "192.0.2.1" });
  expect(told).toEqual(["192.0.2.1", "192.0.2.1"]);
});

test("the memory of a limiter is bounded, whoever asks", () => {
  const attempts = createAttempts({ count: 5, inMs: 60_000 }, () => 0, 100);
  for (let n = 0; n < 10_000; n++) attempts.take(`address ${n}`);
  expect(attempts.size).toBe(100);
});
