import { expect, test } from "vitest";
import { type ReadRange, readFrameRate } from "./frame-rate.js";

const u32 = (...values: number[]) =>
  values.flatMap((value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
const box = (type: string, ...content: number[][]) => {
  const inside = content.flat();
  return [...u32(inside.length + 8), ...[...type].map((letter) => letter.charCodeAt(0)), ...inside];
};
const track = (kind: string, frames: number, timescale: number, duration: number) =>
  box(
    "trak",
    box("tkhd", u32(0)),
    box(
      "mdia",
      box("mdhd", u32(0, 0, 0, timescale, duration, 0)),
      box(
        "hdlr",
        u32(0, 0),
        [...kind].map((letter) => letter.charCodeAt(0)),
        u32(0, 0, 0),
      ),
      box("minf", box("stbl", box("stsz", u32(0, 0, frames)))),
    ),
  );
const file =
  (bytes: number[]): ReadRange =>
  async (start, length) =>
    new DataView(Uint8Array.from(bytes.slice(start, start + length)).buffer);

const SOUND = track("soun", 4_688, 48_000, 4_800_000);

test.each([
  ["25 fps", track("vide", 250, 90_000, 900_000), 25],
  ["23.976 fps on a clock of milliseconds", track("vide", 2_400, 1_000, 100_100), 24_000 / 1001],
  ["59.94 fps", track("vide", 6_000, 60_000, 6_006_000), 60_000 / 1001],
  ["12.5 fps, which is nobody's setting", track("vide", 125, 1_000, 10_000), 12.5],
])(
  "%s is read from the video track, behind the sound's and behind the pictures",
  async (_name, video, rate) => {
    const bytes = [...box("ftyp", u32(1)), ...box("mdat", u32(1, 2, 3)), ...box("moov", SOUND, video)];
    expect(await readFrameRate(file(bytes))).toBeCloseTo(rate, 6);
  },
);

test("a box may say its size in 64 bits", async () => {
  const mdat = [...u32(1), ...[..."mdat"].map((letter) => letter.charCodeAt(0)), ...u32(0, 20), ...u32(7)];
  const bytes = [...mdat, ...box("moov", track("vide", 50, 1_000, 2_000))];
  expect(await readFrameRate(file(bytes))).toBe(25);
});

test.each([
  ["an empty file", []],
  ["no track with pictures", box("moov", SOUND)],
  ["samples in fragments", box("moov", track("vide", 0, 90_000, 0))],
  ["a box that ends before its head", [...u32(4), ...box("moov", track("vide", 50, 1_000, 2_000))]],
  [
    "a box that reaches to the end of the file",
    [...u32(0), ...[..."mdat"].map((letter) => letter.charCodeAt(0)), 1, 2, 3],
  ],
  [
    "a track that is longer than its file",
    box("moov", [...u32(4_000), ...[..."trak"].map((letter) => letter.charCodeAt(0))]),
  ],
])("%s has no frame rate", async (_name, bytes) => {
  expect(await readFrameRate(file(bytes))).toBeNull();
});
