import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createAlone } from "../bus/alone.js";
import type { Store } from "../store/store.js";
import { openTestStore } from "../testing/database.js";
import { BlockRefusedError, type Blocks, openBlocks } from "./blocks.js";

let store: Store;
let now = Date.UTC(2026, 10, 22);
let blocks: Blocks;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
const open = () =>
  openBlocks({
    store: store.blocks,
    wallClock: () => now,
    ownAddresses: () => ["192.168.1.5", "fd00::5"],
    bus: createAlone("test"),
    warn: () => undefined,
  });
beforeEach(async () => {
  for (const { id } of await store.blocks.all()) await store.blocks.remove(id);
  blocks = await open();
});

const add = (address: string, expiresAt: number | null = null, askedFrom: string | null = "198.51.100.1") =>
  blocks.add({ address, reason: "noise", expiresAt }, "owner", askedFrom);

test.each([
  ["203.0.113.7", ["203.0.113.7", "::ffff:203.0.113.7"], ["203.0.113.8"]],
  ["203.0.113.77/24", ["203.0.113.0", "203.0.113.255", "::ffff:203.0.113.9"], ["203.0.114.0"]],
  ["2001:DB8:0:0::/48", ["2001:db8::1", "2001:db8:0:ffff::"], ["2001:db8:1::", "203.0.113.7"]],
  ["::ffff:203.0.113.7", ["203.0.113.7"], ["203.0.113.8"]],
])("%s keeps out its own and nobody else", async (address, inside, outside) => {
  await add(address);
  expect(inside.filter((one) => !blocks.isBlocked(one))).toEqual([]);
  expect(outside.filter((one) => blocks.isBlocked(one))).toEqual([]);
});

test.each([
  ["127.0.0.1", "this machine"],
  ["127.0.0.0/8", "this machine"],
  ["::1", "this machine"],
  ["::/16", "this machine"],
  ["0.0.0.0/0", "this machine"],
  ["::ffff:127.0.0.1", "this machine"],
  ["128.0.0.0/1", "too wide"],
  ["2000::/8", "too wide"],
  ["198.51.100.1", "Your own address"],
  ["198.51.100.0/24", "Your own address"],
  ["192.168.0.0/16", "192.168.1.5 is an address of this machine"],
  ["fd00::/64", "fd00::5 is an address of this machine"],
  ["example.com", "is not an IP address"],
  ["203.0.113.300", "is not an IP address"],
])("%s cannot be blocked, and the reason is said", async (address, reason) => {
  const refused = add(address);
  await expect(refused).rejects.toThrow(BlockRefusedError);
  await expect(refused).rejects.toThrow(reason);
  expect(await blocks.list()).toEqual([]);
});

test("a block ends by the clock, without anybody's doing", async () => {
  await add("203.0.113.7", now + 60_000);
  await add("203.0.113.8");
  expect(blocks.isBlocked("203.0.113.7")).toBe(true);
  now += 60_001;
  expect(blocks.isBlocked("203.0.113.7")).toBe(false);
  expect(blocks.isBlocked("203.0.113.8")).toBe(true);
  expect((await blocks.list()).map(({ address }) => address)).toEqual(["203.0.113.8"]);
  await blocks.removeOver();
  expect(await store.blocks.all()).toHaveLength(1);
  await expect(add("203.0.113.9", now)).rejects.toThrow("in the future");
});

test("the same net again takes the place of the first, and a restart finds it", async () => {
  await add("203.0.113.0/24", now + 60_000);
  const block = await add("203.0.113.99/24");
  expect(block).toMatchObject({ address: "203.0.113.0/24", expiresAt: null, by: "owner", reason: "noise" });
  const reopened = await open();
  expect(await reopened.list()).toEqual([block]);
  expect(reopened.isBlocked("203.0.113.1")).toBe(true);
});

test("an address that was let in again is answered at once; a block that is not there is null", async () => {
  const { id } = await add("203.0.113.7");
  expect(await blocks.remove(id)).toMatchObject({ address: "203.0.113.7" });
  expect(blocks.isBlocked("203.0.113.7")).toBe(false);
  expect(await blocks.remove(id)).toBeNull();
});

test("whoever listens is told which addresses are meant", async () => {
  const told: boolean[][] = [];
  blocks.onBlocked((isTheirs) => told.push(["203.0.113.9", "203.0.114.9"].map(isTheirs)));
  await add("203.0.113.0/24");
  expect(told).toEqual([[true, false]]);
});
