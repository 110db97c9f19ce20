import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeOpus, levelOf } from "../audio/fixtures/opus-sound.js";
import { ProtocolError } from "../wire/protocol-error.js";
import { parseClip, testSignalPath } from "./clip.js";

const bytes = readFileSync(testSignalPath);
const clip = parseClip(bytes);

test("the test signal is 720p24 in BT.709 limited range, without B-frames, a keyframe a second, under 900 kB", () => {
  expect(clip.video).toMatchObject({
    codec: "h264",
    profile: "High",
    width: 1280,
    height: 720,
    frameRate: 24,
    bitDepth: 8,
    chroma: "4:2:0",
    reorderFrames: 0,
    colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false },
  });
  expect(bytes.length).toBeLessThan(900_000);
  const pictures = clip.units.filter((unit) => unit.kind === "video");
  expect(pictures).toHaveLength(480);
  pictures.forEach((picture, at) => {
    expect(picture.pts).toBe(at * 3_750);
    expect(picture.isKeyframe).toBe(at % 24 === 0);
  });
});

test("its sound is stereo Opus in packets of 10 ms over the whole loop", () => {
  const packets = clip.units.filter((unit) => unit.kind === "audio");
  expect(clip.audio).toMatchObject({ codec: "opus", channels: 2 });
  expect(packets).toHaveLength(2_000);
  packets.forEach((packet, at) => {
    expect(packet.pts).toBe(at * 900);
  });
  expect(clip.loopTicks).toBe(20 * 90_000);
});

test("both channels carry 1 kHz at -18 dBFS, the left one falls silent for a quarter of each second", () => {
  const packets = clip.units.flatMap((unit) => (unit.kind === "audio" ? [unit.payload] : []));
  const samples = decodeOpus(packets);
  const part = (from: number, to: number): Float32Array => samples.subarray(from * 96_000, to * 96_000);
  for (const second of [1, 7, 19]) {
    expect(levelOf(1_000, 0, part(second + 0.3, second + 0.95))).toBeCloseTo(-18, 0);
    expect(levelOf(1_000, 1, part(second + 0.05, second + 0.95))).toBeCloseTo(-18, 0);
    expect(levelOf(1_000, 0, part(second + 0.05, second + 0.2))).toBeLessThan(-60);
  }
  // The silence begins with the second, within 10 ms: so does the white flash in the picture.
  expect(levelOf(1_000, 0, part(6.97, 6.99))).toBeGreaterThan(-20);
  expect(levelOf(1_000, 0, part(7.01, 7.03))).toBeLessThan(-50);
});

/** A clip cut short must be refused wherever it ends. */
test("a file cut anywhere is refused", () => {
  for (let length = 0; length < bytes.length; length += length < 200 ? 1 : 9_973) {
    expect(() => parseClip(bytes.subarray(0, length)), `${length} bytes`).toThrow(ProtocolError);
  }
});

const WRONG: readonly [string, (file: Buffer) => Buffer][] = [
  ["another file", (file) => Buffer.concat([Buffer.from("RIFF"), file.subarray(4)])],
  ["another version", (file) => Buffer.concat([file.subarray(0, 7), Buffer.from([9]), file.subarray(8)])],
  ["a loop of no length", (file) => Buffer.concat([file.subarray(0, 8), Buffer.alloc(4), file.subarray(12)])],
  ["no parameter sets", (file) => Buffer.concat([file.subarray(0, 12), Buffer.alloc(2), file.subarray(14)])],
  ["bytes behind the end", (file) => Buffer.concat([file, Buffer.alloc(1)])],
];

test.each(WRONG)("%s is refused", (_name, spoil) => {
  expect(() => parseClip(spoil(Buffer.from(bytes)))).toThrow(ProtocolError);
});
