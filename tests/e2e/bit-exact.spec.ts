import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { publishUrl } from "../tools/encoder.js";
import { readFlvVideo } from "../tools/flv-file.js";
import type { ReceivedPicture } from "../tools/h264-depacketiser.js";
import { makeTicket, type Product, startProduct } from "../tools/product.js";
import { waitFor, withDeadline } from "../tools/wait.js";
import { connectWhepViewer, nalHash } from "../tools/whep-viewer.js";

const RATE = 60; // so that 1,000 frames take 17 s
const MISSED = 300; // sent before the viewer is there
const SPS = 7;
const PPS = 8;

let product: Product;
let folder: string;
test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "colourstream-exact-"));
  product = await startProduct();
});
test.afterAll(async () => {
  await product?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const PROFILES: [string, number, string[]][] = [
  [
    "8-bit 4:2:0 with slices, SEI and filler",
    1_000,
    ["-pix_fmt", "yuv420p", "-x264-params", "slices=4:nal-hrd=cbr:aud=1"],
  ],
  ["10-bit 4:2:2", 500, ["-pix_fmt", "yuv422p10le", "-profile:v", "high422"]],
];

for (const [name, frames, options] of PROFILES) {
  test(`every NAL unit of ${frames} frames reaches a viewer hash for hash: ${name}`, async () => {
    test.setTimeout(120_000);
    const file = join(folder, "clip.flv");
    encodeClip(file, frames + MISSED, options);
    const source = readFlvVideo(file);
    expect(source.pictures).toHaveLength(frames + MISSED);

    const room = await product.createRoom(`Exact ${name}`);
    const encoder = spawn(
      "ffmpeg",
      ["-loglevel", "error", "-re", "-i", file, "-c", "copy", "-f", "flv", publishUrl(room.ingest)],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    const sent = new Promise<number | null>((resolve) => encoder.once("exit", resolve));
    await product.waitForStream(room, "live");
    const reviewer = await product.join(room, "Exact Eye");
    const ticket = await makeTicket(reviewer, room);
    const pictures: ReceivedPicture[] = [];
    const viewer = await connectWhepViewer({
      url: new URL(ticket.url, product.url).href,
      ticket: ticket.ticket,
      onPicture: (picture) => pictures.push(picture),
    });
    expect(await withDeadline("the clip to be sent", 60_000, sent)).toBe(0);
    const lastSlices = slicesOf(source.pictures.at(-1)?.nalUnits ?? []).join();
    await waitFor(
      "the last frame",
      5000,
      () => slicesOf(pictures.at(-1)?.nalUnits ?? []).join() === lastSlices,
    );
    await viewer.close();

    expect(pictures.filter((picture) => !picture.isWhole)).toEqual([]);
    const got = pictures.map((picture) => essence(picture.nalUnits));
    const sentHashes = source.pictures.map((picture) => essence(picture.nalUnits));
    const first = sentHashes.findIndex((hashes) => hashes.join() === got[0]?.join());
    expect(source.pictures[first]?.isKeyframe).toBe(true);
    expect(got.length).toBeGreaterThanOrEqual(frames);
    expect(got).toEqual(sentHashes.slice(first));

    // Every packet asks the browser not to wait, and no packet was lost on the way.
    expect(viewer.unhurried.packets).toBe(0);
    expect(viewer.video.lost).toBe(0);
    expect(viewer.audio.packets).toBe(0);

    // The parameter sets that come with the first picture are the encoder's own.
    const sets = (pictures[0]?.nalUnits ?? []).filter((unit) => isParameterSet(unit)).map(nalHash);
    expect(new Set(sets)).toEqual(new Set(source.parameterSets.map(nalHash)));
  });
}

/** All NAL units of a picture but the parameter sets, which the engine may repeat before a keyframe. */
function essence(nalUnits: readonly Buffer[]): string[] {
  return nalUnits.filter((unit) => !isParameterSet(unit)).map(nalHash);
}

function slicesOf(nalUnits: readonly Buffer[]): string[] {
  return nalUnits.filter((unit) => [1, 5].includes((unit[0] ?? 0) & 0x1f)).map(nalHash);
}

function isParameterSet(unit: Buffer): boolean {
  return [SPS, PPS].includes((unit[0] ?? 0) & 0x1f);
}

function encodeClip(file: string, frames: number, options: readonly string[]): void {
  const run = spawnSync(
    "ffmpeg",
    [
      ...["-loglevel", "error", "-y", "-f", "lavfi", "-i", `testsrc2=size=640x360:rate=${RATE}`],
      ...["-frames:v", String(frames), "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
      ...["-b:v", "4M", "-minrate", "4M", "-maxrate", "4M", "-bufsize", "1M", "-g", String(RATE / 2)],
      ...[...options, "-f", "flv", file],
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  expect(run.status).toBe(0);
}
