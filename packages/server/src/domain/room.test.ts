import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import {
  foldName,
  foldReadablePassword,
  makeId,
  makeReadablePassword,
  makeSetUpCode,
  makeStreamKey,
  makeStreamName,
} from "./room.js";

test("ids, stream names, keys and codes have their length and never repeat", () => {
  const made = Array.from({ length: 500 }, () => [
    makeId(randomBytes),
    makeStreamName(randomBytes),
    makeStreamKey(randomBytes),
    makeSetUpCode(randomBytes),
  ]).flat();
  expect(new Set(made).size).toBe(2000);
  expect(makeId(randomBytes)).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(makeStreamKey(randomBytes)).toMatch(/^cs-[a-z2-9]{32}$/);
  expect(makeSetUpCode(randomBytes)).toMatch(/^[a-z2-9]{32}$/);
});

test("a password of ours is four groups without look-alikes", () => {
  for (let n = 0; n < 200; n++)
    expect(makeReadablePassword(randomBytes)).toMatch(/^([a-hkmp-rtxy]{4}-){3}[a-hkmp-rtxy]{4}$/);
});

test("a password of ours opens however it is typed, one's own only as it is", () => {
  const password = makeReadablePassword(randomBytes);
  expect(foldReadablePassword(password.toUpperCase().replaceAll("-", " "))).toBe(password);
  expect(foldReadablePassword(password.replaceAll("-", ""))).toBe(password);
  expect(foldReadablePassword("My Own Pass-word")).toBe("My Own Pass-word");
});

test("names differ by more than case, spaces and composition", () => {
  expect(foldName("  Caf\u0065\u0301   Noir ")).toBe(foldName("CAFÉ NOIR"));
  expect(foldName("Reel 1")).not.toBe(foldName("Reel 2"));
});

test("no id begins with a hyphen, which a command line would take for an option", () => {
  const draws = [Uint8Array.of(0xf8, ...new Uint8Array(15)), new Uint8Array(16)];
  expect(makeId(() => draws.shift() ?? new Uint8Array(0))).toBe("A".repeat(22));
  expect(draws).toEqual([]);
});
