import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "@playwright/test";
import { afterAll, expect, test } from "vitest";
import { makeSource, packetHashes, readSource } from "../mp4/fixtures/source.js";
import { publishRoom, sendSource, startHlsServer } from "./fixtures/hls-server.js";

const CHROMIUM = "/usr/bin/chromium";
const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "hls-"));
afterAll(() => rmSync(folder, { recursive: true }));
const run = promisify(execFile);

const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-bf", "2", "-pix_fmt", "yuv420p"];
const AAC = ["-c:a", "aac", "-ac", "2"];

test.skipIf(!hasFfmpeg)(
  "ffmpeg reads the playlist and gets the encoder's packets, B-frames and all, bit for bit",
  { timeout: 60_000 },
  async () => {
    const file = join(folder, "source.mp4");
    makeSource(file, [...X264, ...AAC], "320x180", 3);
    const server = await startHlsServer();
    const encoder = sendSource(publishRoom(server.streams), readSource(file));
    try {
      await expect
        .poll(() => server.streams.find("room")?.gop().length ?? 0, { timeout: 10_000 })
        .toBeGreaterThan(0);
      const url = await server.open();
      await encoder.sent;
      const seen = join(folder, "seen.mp4");
      const args = [
        "-v",
        "error",
        "-nostdin",
        "-y",
        "-live_start_index",
        "0",
        "-i",
        url,
        "-t",
        "2.5",
        "-c",
        "copy",
      ];
      await run("ffmpeg", [...args, seen], { timeout: 30_000 });
      for (const stream of ["v", "a"] as const) {
        const sent = packetHashes(file, stream);
        const got = packetHashes(seen, stream);
        // The last one may be of the next round, whose first frame is the first again.
        const from = sent.indexOf(got[0] ?? "");
        expect(from).toBeGreaterThanOrEqual(0);
        expect(got.length).toBeGreaterThan(30);
        expect(got).toEqual(sent.slice(from, from + got.length));
      }
    } finally {
      encoder.stop();
      await server.close();
    }
  },
);

test.skipIf(!hasFfmpeg || !existsSync(CHROMIUM))(
  "hls.js plays it in Chromium with B-frames, and goes on when the encoder returns",
  { timeout: 90_000 },
  async () => {
    const file = join(folder, "browser.mp4");
    makeSource(file, [...X264, ...AAC], "640x360", 2);
    const source = readSource(file);
    const server = await startHlsServer();
    const publication = publishRoom(server.streams);
    let encoder = sendSource(publication, source);
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
    });
    type Seen = {
      frames: number;
      time: number;
      width: number;
      lateMs: number[];
      errors: string[];
      stalls: number;
    };
    try {
      const page = await browser.newPage();
      await page.goto(server.url);
      await page.evaluate("play()");
      const look = () => page.evaluate<Seen>("look()");
      await expect.poll(async () => (await look()).time, { timeout: 30_000 }).toBeGreaterThan(0);
      const begun = await look();
      await expect
        .poll(async () => (await look()).frames, { timeout: 30_000 })
        .toBeGreaterThan(begun.frames + 40);

      encoder.stop();
      publication.close("lost");
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const before = await look();
      encoder = sendSource(publishRoom(server.streams), source);
      await expect
        .poll(async () => (await look()).frames, { timeout: 30_000 })
        .toBeGreaterThan(before.frames + 30);
      const seen = await look();
      expect(seen.width).toBe(640);
      expect(seen.errors.filter((error) => error.includes("fatal"))).toEqual([]);
      const late = [...seen.lateMs].sort((a, b) => a - b);
      const at = (part: number) => late[Math.floor((late.length - 1) * part)];
      console.log(
        `LL-HLS in hls.js: late ${at(0.5)} ms (p50), ${at(0.95)} ms (p95), ${seen.stalls} stalls`,
        seen,
      );
    } finally {
      encoder.stop();
      await browser.close();
      await server.close();
    }
  },
);
