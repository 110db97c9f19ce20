import {
  API_PREFIX,
  CHECK_BYTES_PATH,
  type LineCheck,
  MAX_CHECK_BYTES,
  type Room,
  type StreamStatus,
} from "@colourstream/contract";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Browser, openBrowser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

test("anybody may check: a ticket for the check picture and a figure that is no room's", async () => {
  const answer = await openBrowser(server, "192.0.2.10").ask("POST", "/check", {});
  expect(answer.statusCode).toBe(201);
  const check = answer.json<LineCheck>();
  expect(check.ticket?.protocol).toBe("whep");
  expect(check).toMatchObject({ isOfRoom: false, bitsPerSecond: 10_000_000 });
});

test("a stranger who names a room learns nothing of it, whether or not it is there", async () => {
  const ask = (roomId: string) => openBrowser(server, "192.0.2.11").ask("POST", "/check", { roomId });
  const answers = [await ask("A".repeat(22)), await ask("no room at all")];
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201]);
  const said = answers.map((answer) => ({ ...answer.json<LineCheck>(), ticket: null }));
  expect(said[0]).toEqual(said[1]);
});

test("who runs the room, or sits in it, is told what its picture takes now; nobody else is", async () => {
  const owner = await openOwner(server);
  const { id } = (await owner.ask("POST", "/rooms", { name: "Live now" })).json<Room>();
  const video = { bitsPerSecond: 18_000_000 };
  const audio = { bitsPerSecond: 200_000 };
  const live = vi.spyOn(server.product.engine, "stream");
  live.mockImplementation((roomId) => (roomId === id ? ({ video, audio } as StreamStatus) : null));
  const ask = (who: Browser) => who.ask("POST", "/check", { roomId: id });
  const told = (await ask(owner)).json<LineCheck>();
  const stranger = (await ask(openBrowser(server, "192.0.2.16"))).json<LineCheck>();
  live.mockRestore();
  expect(told).toMatchObject({ isOfRoom: true, bitsPerSecond: 18_200_000 });
  expect(stranger).toMatchObject({ isOfRoom: false, bitsPerSecond: 10_000_000 });
});

test("while the engine is away there is no picture to check, but the rest is", async () => {
  server.engine.isAway = true;
  const answer = await openBrowser(server, "192.0.2.12").ask("POST", "/check", {});
  server.engine.isAway = false;
  expect(answer.json<LineCheck>()).toMatchObject({ ticket: null, isOfRoom: false });
});

test("a household checks ten times a minute, then it is told when to come back", async () => {
  const browser = openBrowser(server, "2001:db8:1:2::1");
  for (let round = 0; round < 10; round += 1) {
    expect((await browser.ask("POST", "/check", {})).statusCode).toBe(201);
  }
  const refused = await openBrowser(server, "2001:db8:1:2::2").ask("POST", "/check", {});
  expect(refused.statusCode).toBe(429);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
});

test("the bytes are as many as were asked for, cannot be made smaller and are kept by nobody", async () => {
  const path = `${CHECK_BYTES_PATH}?bytes=200000`;
  const [one, other] = [
    await openBrowser(server, "192.0.2.13").ask("GET", path),
    await openBrowser(server, "192.0.2.13").ask("GET", path),
  ];
  expect(one.rawPayload.length).toBe(200_000);
  expect(one.headers["cache-control"]).toBe("no-store, no-transform");
  expect(one.rawPayload.equals(other.rawPayload)).toBe(false);
  const { gzipSync } = await import("node:zlib");
  expect(gzipSync(one.rawPayload).length).toBeGreaterThan(199_000);
});

test.each(["0", "-1", "1.5", "x", String(MAX_CHECK_BYTES + 1), "99999999999999"])(
  "%s is no number of bytes",
  async (bytes) => {
    const answer = await openBrowser(server, "192.0.2.14").ask("GET", `${CHECK_BYTES_PATH}?bytes=${bytes}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toContain("bytes");
  },
);

test("a household loads twice at once, and again once these are over or were left", async () => {
  const url = `${server.url}${API_PREFIX}${CHECK_BYTES_PATH}`;
  const leave = new AbortController();
  const open = () => fetch(url, { signal: leave.signal });
  const held = [await open(), await open()];
  expect(held.map(({ status }) => status)).toEqual([200, 200]);
  expect((await fetch(`${url}?bytes=1`)).status).toBe(429);
  leave.abort();
  await expect
    .poll(async () => (await fetch(`${url}?bytes=1`)).status, { timeout: 5_000, interval: 100 })
    .toBe(200);
});

test("bytes are limited by the minute too", async () => {
  const browser = openBrowser(server, "192.0.2.15");
  const statuses: number[] = [];
  for (let round = 0; round < 22; round += 1) {
    statuses.push((await browser.ask("GET", `${CHECK_BYTES_PATH}?bytes=1`)).statusCode);
  }
  expect(statuses.filter((status) => status === 200)).toHaveLength(20);
  expect(statuses.at(-1)).toBe(429);
});
