import type { Block } from "@colourstream/contract";
import { expect, test } from "vitest";
import type { StoredSession } from "../store/sessions.js";
import { createSuspects } from "./suspects.js";

const OWNER = { id: "u", name: "Olga", role: "owner" } as const;

function scene(seen: readonly { address: string; at: number }[] = []) {
  const scene = { now: 1_000_000_000_000, blocked: [] as string[], noted: [] as string[] };
  const logins = seen.map(
    ({ address, at }): StoredSession => ({
      id: "s",
      holder: { kind: "user", user: OWNER, stage: "full", provedAt: null },
      device: { userAgent: null, address },
      createdAt: new Date(at),
      lastSeenAt: new Date(at),
      expiresAt: new Date(at + 1e9),
    }),
  );
  const suspects = createSuspects({
    clock: () => scene.now,
    wallClock: () => scene.now,
    blocks: {
      isBlocked: (address) => scene.blocked.includes(address),
      add: async ({ address, reason, expiresAt }, by) => {
        scene.blocked.push(address);
        return { id: "b", address, reason, by, createdAt: scene.now, expiresAt } satisfies Block;
      },
    },
    sessions: { logins: async () => logins },
    blocked: async (address) => void scene.noted.push(address),
    warn: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  const guess = async (count: number, address: string): Promise<void> => {
    for (let n = 0; n < count; n++) suspects.note(address);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { scene, guess };
}

test("the hundredth refused guess in an hour blocks its address, once, and is noted", async () => {
  const { scene: now, guess } = scene();
  await guess(99, "203.0.113.7");
  expect(now.blocked).toEqual([]);
  await guess(50, "203.0.113.7");
  expect(now.blocked).toEqual(["203.0.113.7"]);
  expect(now.noted).toEqual(["203.0.113.7"]);
});

test("ninety-nine in one hour and ninety-nine in the next do not", async () => {
  const { scene: now, guess } = scene();
  await guess(99, "203.0.113.7");
  now.now += 3_600_001;
  await guess(99, "203.0.113.7");
  expect(now.blocked).toEqual([]);
});

test("an IPv6 household counts as one and is blocked as one", async () => {
  const { scene: now, guess } = scene();
  for (let n = 0; n < 100; n++) await guess(1, `2001:db8:1:2::${n.toString(16)}`);
  expect(now.blocked).toEqual(["2001:db8:1:2::/64"]);
});

test("an address where somebody signed in was seen in the last ten minutes is never blocked", async () => {
  const at = 1_000_000_000_000;
  const { scene: now, guess } = scene([{ address: "203.0.113.7", at: at - 9 * 60_000 }]);
  await guess(200, "203.0.113.7");
  expect(now.blocked).toEqual([]);
  now.now += 2 * 60_000;
  await guess(1, "203.0.113.7");
  expect(now.blocked).toEqual(["203.0.113.7"]);
});
