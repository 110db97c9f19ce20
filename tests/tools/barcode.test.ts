import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { ageMs, type Barcode, drawBarcode, readBarcode } from "./barcode.js";
import { makeFrameSource } from "./frame-source.js";
import { seededRandom } from "./random.js";

const plane = (samples: Uint8Array, width: number) => ({ samples, width, stride: width, step: 1 });

test.each([320, 640, 1280, 1920])("a barcode is read as it was drawn, %i pixels wide", (width) => {
  const luma = new Uint8Array(width * 128);
  for (const barcode of [
    { frame: 0, timeMs: 0 },
    { frame: 2 ** 24 - 1, timeMs: 2 ** 32 - 1 },
    { frame: 123_456, timeMs: 0xdeadbeef },
  ]) {
    drawBarcode(luma, width, barcode);
    expect(readBarcode(plane(luma, width))).toEqual(barcode);
  }
});

test("noise of 40 code values does not disturb it; a wrong square is noticed", () => {
  const random = seededRandom(5);
  const luma = new Uint8Array(640 * 32);
  drawBarcode(luma, 640, { frame: 77, timeMs: 1234 });
  for (let at = 0; at < luma.length; at += 1) luma[at] = (luma[at] as number) + (random() - 0.5) * 40;
  expect(readBarcode(plane(luma, 640))).toEqual({ frame: 77, timeMs: 1234 });
  for (let row = 0; row < 16; row += 1) luma.fill(235, row * 640, row * 640 + 16);
  expect(readBarcode(plane(luma, 640))).toBeNull();
});

test("a picture without a barcode reads as none", () => {
  const random = seededRandom(9);
  for (let round = 0; round < 200; round += 1) {
    expect(
      readBarcode(
        plane(
          new Uint8Array(640 * 32).map(() => random() * 256),
          640,
        ),
      ),
    ).toBeNull();
  }
});

test("age counts over the turn of the 32-bit clock", () => {
  const barcode: Barcode = { frame: 0, timeMs: 2 ** 32 - 10 };
  expect(ageMs(barcode, 5 * 2 ** 32 + 15)).toBe(25);
});

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
test.runIf(hasFfmpeg || process.env["SKIP_ENCODER_TESTS"] !== "1")(
  "every barcode survives x264 at 1 Mb/s",
  () => {
    const [width, height, frames] = [640, 360, 25];
    const source = makeFrameSource(width, height, 20);
    const raw = Buffer.concat(
      Array.from({ length: frames }, (_, frame) => Buffer.from(source.draw(frame, 4e9 + frame * 40))),
    );
    const size = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", `${width}x${height}`, "-r", "25"];
    const coded = spawnSync(
      "ffmpeg",
      [
        ...["-loglevel", "error", ...size, "-i", "-"],
        ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
        ...["-b:v", "1M", "-maxrate", "1M", "-bufsize", "200k", "-f", "h264", "-"],
      ],
      { input: raw, maxBuffer: 1 << 26 },
    );
    expect(coded.stderr.toString()).toBe("");
    const back = spawnSync(
      "ffmpeg",
      ["-loglevel", "error", "-f", "h264", "-i", "-", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
      { input: coded.stdout, maxBuffer: 1 << 26 },
    );
    const read = Array.from({ length: frames }, (_, frame) =>
      readBarcode(plane(back.stdout.subarray(frame * source.frameBytes), width)),
    );
    expect(read).toEqual(Array.from({ length: frames }, (_, frame) => ({ frame, timeMs: 4e9 + frame * 40 })));
  },
);
