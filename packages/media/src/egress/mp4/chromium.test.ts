import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isVideo } from "../../hub/frame.js";
import { makeSource, readSource } from "./fixtures/source.js";
import { createMuxer } from "./muxer.js";

const CHROMIUM = "/usr/bin/chromium";
const PAGE = readFileSync(new URL("./fixtures/mse.html", import.meta.url), "utf8");
const canRun = existsSync(CHROMIUM) && spawnSync("ffmpeg", ["-version"]).status === 0;

const folder = mkdtempSync(join(tmpdir(), "mse-"));
let browser: Browser | undefined;
beforeAll(async () => {
  if (!canRun) return;
  const args = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"];
  browser = await chromium.launch({ executablePath: CHROMIUM, args });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p"];
const CASES: readonly [name: string, options: readonly string[], width: number][] = [
  ["H.264 with B-frames and AAC", [...X264, "-bf", "2", "-c:a", "aac", "-ac", "2"], 320],
  ["anamorphic H.264 and Opus", [...X264, "-bf", "0", "-vf", "setsar=4/3", "-c:a", "libopus"], 427],
  ["VP9 and Opus", ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"], 320],
  ["AV1 and AAC", ["-c:v", "libsvtav1", "-preset", "10", "-g", "25", "-c:a", "aac", "-ac", "2"], 320],
];

test.skipIf(!canRun).each(CASES)(
  "Chromium plays %s from fragments, without a hole",
  { timeout: 60_000 },
  async (name, options, width) => {
    const file = join(folder, `${name.replace(/\W/g, "")}.mp4`);
    makeSource(file, options);
    const { video, audio, frames } = readSource(file);
    const muxer = createMuxer({ video, audio, originTicks: 900_000 });
    const pieces: Uint8Array[] = [muxer.init];
    for (const frame of [...frames].sort((a, b) => a.unit.arrivedAtMs - b.unit.arrivedAtMs)) {
      if (isVideo(frame) && muxer.pictures() === 5) pieces.push(Buffer.concat(muxer.cut(null)?.bytes ?? []));
      muxer.add(frame);
    }
    pieces.push(Buffer.concat(muxer.cut(null)?.bytes ?? []));
    const page = await browser?.newPage();
    await page?.setContent(PAGE);
    const type = `video/mp4; codecs="${muxer.codecs.join(",")}"`;
    const given = [type, pieces.map((piece) => Buffer.from(piece).toString("base64"))];
    const seen = await page?.evaluate(`playAll(...${JSON.stringify(given)})`);
    expect(seen).toEqual({ ranges: 1, width, height: 180, error: null });
    await page?.close();
  },
);
