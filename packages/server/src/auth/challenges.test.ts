import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Store } from "../store/store.js";
import { openTestStore } from "../testing/database.js";
import { createChallenges } from "./challenges.js";

let store: Store;
let now = Date.UTC(2026, 10, 22);
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const challenges = () => createChallenges(store.challenges, () => now, randomBytes);
const binding = { purpose: "sign_in", browser: "a browser", userId: null } as const;

test("a challenge is good to the last moment of its five minutes, and not after", async () => {
  const [inTime, late] = [await challenges().make(binding), await challenges().make(binding)];
  now += 5 * 60_000 - 1;
  expect(await challenges().spend(inTime, binding)).toBeNull();
  now += 1;
  expect(await challenges().spend(late, binding)).toBe("the challenge is older than 5 minutes");
  expect(await challenges().spend(late, binding)).toBe("the challenge is unknown, used or over");
});

test.each([
  [
    "another purpose",
    { ...binding, purpose: "register" },
    "the challenge is one for sign_in, expected register",
  ],
  ["another browser", { ...binding, browser: "another" }, "the challenge is another browser's"],
  ["another person", { ...binding, userId: "somebody" }, "the challenge is another person's"],
] as const)("a challenge tried for %s is refused, and gone", async (_name, other, reason) => {
  const challenge = await challenges().make(binding);
  expect(await challenges().spend(challenge, other)).toBe(reason);
  expect(await challenges().spend(challenge, binding)).toBe("the challenge is unknown, used or over");
});

test("of fifty who try one challenge at once one gets it", async () => {
  const challenge = await challenges().make(binding);
  const all = await Promise.all(Array.from({ length: 50 }, () => challenges().spend(challenge, binding)));
  expect(all.filter((reason) => reason === null)).toHaveLength(1);
});

test("challenges that are over are tidied away", async () => {
  const challenge = await challenges().make(binding);
  now += 5 * 60_000;
  expect(await store.challenges.removeOver(new Date(now))).toBeGreaterThan(0);
  expect(await store.challenges.take(challenge)).toBeNull();
});
