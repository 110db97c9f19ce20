import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
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
