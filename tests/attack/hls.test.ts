import { execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PlaybackTicket, Seat } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { publishUrl } from "../tools/encoder.js";
import { type LiveScene, residentBytes, startLiveScene } from "../tools/live-scene.js";
import type { ApiClient, TestRoom } from "../tools/product.js";
import { openRaw } from "../tools/raw-socket.js";
import { pause, waitFor } from "../tools/wait.js";
import { addressOf, BEHIND_PROXY, IS_FULL } from "./ask.js";

// 8, 25, 28, 33 for LL-HLS: an address is all that a player has, so it must be worth nothing to anybody else.

const CUT_MS = 1_000;
const FRAME_GAP_MS = 2_000; // the machine is busy with asking
const WAITING = IS_FULL ? 5_000 : 1_000;

const folder = mkdtempSync(join(tmpdir(), "hls-attack-"));
let scene: LiveScene;
let owner: ApiClient;
beforeAll(async () => {
  scene = await startLiveScene(1, BEHIND_PROXY);
  owner = await scene.product.owner();
});
afterAll(async () => {
  await scene?.end();
  rmSync(folder, { recursive: true, force: true });
});

type Wish = { readonly method?: string; readonly ticket?: string; readonly from?: string };

/** As a player asks: no cookie, no Origin. */
function hls(path: string, { method = "GET", ticket, from }: Wish = {}): Promise<Response> {
  return fetch(scene.product.url + path, {
    method,
    signal: AbortSignal.timeout(20_000),
    headers: {
      ...(ticket !== undefined && { authorization: `Bearer ${ticket}` }),
      ...(from !== undefined && { "x-forwarded-for": from }),
    },
  });
}

async function ticketOf(client: ApiClient, room: TestRoom): Promise<string> {
  const body = { way: "hls" };
  const { ticket, url } = await client.ask<PlaybackTicket>("POST", `/rooms/${room.id}/ticket`, body);
  expect(url).toMatch(/\/hls$/);
  return ticket;
}

/** A session's folder on our origin, such as `/hls/…/`. */
async function open(client: ApiClient, room: TestRoom, from = addressOf(1)): Promise<string> {
  // 409 until the encoder's first picture is there: the player is told when to ask again.
  const answer = await waitFor("a picture to be served", 15_000, async () => {
    const opened = await hls("/hls", { method: "POST", ticket: await ticketOf(client, room), from });
    return opened.status === 409 ? null : opened;
  });
  expect(answer.status).toBe(201);
  const location = answer.headers.get("location") ?? "";
  expect(location).toMatch(/^\/hls\/[A-Za-z0-9_-]{22}\/index\.m3u8$/);
  return location.replace("index.m3u8", "");
}

async function removed(client: ApiClient, room: TestRoom): Promise<void> {
  const { participant } = await client.ask<Seat>("GET", `/rooms/${room.id}/seat`);
  await owner.ask("DELETE", `/rooms/${room.id}/participants/${participant.id}`);
}

test("25: a ticket opens one session once, in its own room, and not after its holder was sent out", async () => {
  const client = await scene.product.join(scene.room, "Twice");
  const ticket = await ticketOf(client, scene.room);
  const wish = { method: "POST", ticket, from: addressOf(2) };
  expect((await hls("/hls", wish)).status).toBe(201);
  expect((await hls("/hls", wish)).status).toBe(401);
  expect((await hls("/hls", { ...wish, ticket: randomBytes(32).toString("base64url") })).status).toBe(401);
  expect((await hls(`/hls?ticket=${ticket}`, { method: "POST", from: addressOf(2) })).status).toBe(403);
  expect((await hls("/hls", { method: "POST", from: addressOf(2) })).status).toBe(401);

  const other = await scene.product.createRoom("Another picture");
  await owner.ask("POST", `/rooms/${other.id}/test-signal`);
  await scene.product.waitForStream(other, "live");
  const guest = await scene.product.join(other, "Elsewhere");
  const theirs = await (await hls(`${await open(guest, other)}index.m3u8`)).text();
  const ours = await (await hls(`${await open(client, scene.room)}index.m3u8`)).text();
  expect(theirs).toContain("RESOLUTION=1280x720"); // the test signal
  expect(ours).not.toContain("RESOLUTION=1280x720");

  const late = await ticketOf(guest, other);
  await removed(guest, other);
  expect((await hls("/hls", { ...wish, ticket: late })).status).toBe(401);
  if (IS_FULL) {
    const old = await ticketOf(client, scene.room);
    await pause(61_000);
    expect((await hls("/hls", { ...wish, ticket: old })).status).toBe(401);
  }
});

test("26: whoever is removed is answered 404 within a second, also to what they wait for", async () => {
  const client = await scene.product.join(scene.room, "Removed");
  const stays = await scene.product.join(scene.room, "Stays");
  const folderOf = await open(client, scene.room);
  const other = await open(stays, scene.room);
  const playlist = await (await hls(`${folderOf}stream.m3u8`)).text();
  const next = Number(/PRELOAD-HINT:TYPE=PART,URI="(\d+)\./.exec(playlist)?.[1]);
  const waiting = hls(`${folderOf}stream.m3u8?_HLS_msn=${next + 2}`);
  await removed(client, scene.room);
  const startedMs = performance.now();
  expect((await hls(`${folderOf}stream.m3u8`)).status).toBe(404);
  expect((await waiting).status).toBe(404);
  expect(performance.now() - startedMs).toBeLessThan(CUT_MS);
  expect((await hls(`${other}stream.m3u8`)).status).toBe(200);
});

test("28: nobody finds a session by guessing, nor a file outside one", async () => {
  const client = await scene.product.join(scene.room, "Sought");
  const mine = await open(client, scene.room);
  const id = mine.split("/")[2] ?? "";
  const from = addressOf(3);
  const guesses = [
    ...Array.from({ length: 50 }, () => `/hls/${randomBytes(16).toString("base64url")}/stream.m3u8`),
    `/hls/${id.startsWith("A") ? "B" : "A"}${id.slice(1)}/stream.m3u8`,
    `/hls/${id.toLowerCase()}/stream.m3u8`,
    `/hls/${id}%00/stream.m3u8`,
  ];
  for (const path of guesses) expect([path, (await hls(path, { from })).status]).toEqual([path, 404]);
  for (const file of [
    "..%2f..%2fwhep",
    "%2e%2e%2fengine-http.sock",
    "index.m3u8%00",
    "stream.m3u8.bak",
    "0.0.mp4",
  ]) {
    expect([file, (await hls(mine + file)).status]).toEqual([file, 404]);
  }
  const more = [];
  for (let number = 0; number < 20; number += 1) {
    more.push((await hls(`/hls/${randomBytes(16).toString("base64url")}/stream.m3u8`, { from })).status);
  }
  expect(more).toContain(429);
  expect((await hls(`${mine}stream.m3u8`, { from })).status).toBe(200); // a right address is no guess
  expect(scene.product.log()).not.toContain(id);
});

test("33: every answer has the headers of the house, and nothing is to be kept by others", async () => {
  const client = await scene.product.join(scene.room, "Headers");
  const mine = await open(client, scene.room);
  const playlist = await (await hls(`${mine}stream.m3u8`)).text();
  const map = /EXT-X-MAP:URI="([^"]+)"/.exec(playlist)?.[1] ?? "";
  const segment = /^\d+\.m4s$/m.exec(playlist)?.[0] ?? "";
  for (const name of ["index.m3u8", "stream.m3u8", map, segment, "nothing.m4s"]) {
    const answer = await hls(mine + name);
    await answer.arrayBuffer();
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(answer.headers.get("cache-control")).toMatch(/no-store|private/);
  }
});

test(`${WAITING} requests that wait, and receivers that take nothing, cost nobody a picture`, async () => {
  const client = await scene.product.join(scene.room, "Many");
  const pid = scene.product.enginePid() ?? 0;
  const folders: string[] = [];
  for (let number = 0; number < 8; number += 1)
    folders.push(await open(client, scene.room, addressOf(10 + number)));
  const before = await residentBytes(pid);
  const statuses = new Map<number, number>();
  const gap = await scene.longestGapDuring(async () => {
    const playlist = await (await hls(`${folders[0]}stream.m3u8`)).text();
    const segment = /^\d+\.m4s$/m.exec(playlist)?.[0] ?? "";
    const stuck = folders.map((one) => {
      const raw = openRaw(Number(new URL(scene.product.url).port));
      raw.socket.pause();
      raw.socket.write(`GET ${one}${segment} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(50)); // 10 MB
      return raw;
    });
    const edge = Number(/PRELOAD-HINT:TYPE=PART,URI="(\d+)\./.exec(playlist)?.[1]);
    const asked = Array.from({ length: WAITING }, async (_one, number) => {
      const path = `${folders[number % folders.length]}stream.m3u8?_HLS_msn=${edge + 2}`;
      const answer = await hls(path, { from: addressOf(100 + (number % 16)) });
      await answer.arrayBuffer();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    });
    await Promise.all(asked);
    for (const { socket } of stuck) socket.destroy();
  });
  // So many wait of a session and of an address; the others are told at once to come back.
  const { 200: served = 0, 429: refused = 0, 503: away = 0 } = Object.fromEntries(statuses);
  expect(served).toBeGreaterThan(0);
  expect(served + refused + away).toBe(WAITING);
  expect(gap).toBeLessThan(FRAME_GAP_MS);
  expect(scene.product.enginePid()).toBe(pid);
  expect((await residentBytes(pid)) - before).toBeLessThan(96 * 1024 * 1024); // a stream's window, and what V8 holds
  expect((await hls(`${folders[0]}stream.m3u8`)).status).toBe(200);
});

test("what came in by RTMP comes out by HLS, packet for packet", async () => {
  const file = join(folder, "source.mp4");
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=8"];
  const tone = ["-f", "lavfi", "-i", "sine=r=48000:duration=8"];
  const x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "25", "-pix_fmt", "yuv420p"];
  const quiet = ["-v", "error", "-nostdin", "-y"];
  execFileSync("ffmpeg", [...quiet, ...picture, ...tone, ...x264, "-c:a", "aac", file]);
  const room = await scene.product.createRoom("Bit for bit");
  const client = await scene.product.join(room, "Exact");
  const url = publishUrl(room.ingest);
  const encoder = spawn("ffmpeg", [...quiet, "-re", "-i", file, "-c", "copy", "-f", "flv", url], {
    stdio: "ignore",
  });
  try {
    await scene.product.waitForStream(room, "live");
    const index = `${scene.product.url}${await open(client, room)}index.m3u8`;
    const seen = join(folder, "seen.mp4");
    const read = ["-live_start_index", "0", "-i", index, "-t", "2.5", "-c", "copy", seen];
    await promisify(execFile)("ffmpeg", [...quiet, ...read], { timeout: 30_000 });
    for (const stream of ["v", "a"]) {
      const [sent, got] = [packets(file, stream), packets(seen, stream)];
      const from = sent.indexOf(got[0] ?? "");
      expect(from).toBeGreaterThanOrEqual(0);
      expect(got.length).toBeGreaterThan(50);
      expect(got).toEqual(sent.slice(from, from + got.length));
    }
  } finally {
    encoder.kill("SIGKILL");
    await waitFor(
      "the encoder to end",
      5_000,
      () => encoder.exitCode !== null || encoder.signalCode !== null,
    );
  }
});

/** Size and hash of each packet. */
function packets(file: string, stream: string): string[] {
  const args = ["-v", "error", "-i", file, "-map", `0:${stream}`, "-c", "copy", "-f", "framehash", "-"];
  const rows = execFileSync("ffmpeg", args, { maxBuffer: 1 << 26 })
    .toString()
    .split("\n");
  return rows
    .filter((row) => row !== "" && !row.startsWith("#"))
    .map((row) => row.split(",").slice(4, 6).join());
}
