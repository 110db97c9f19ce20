import { expect, test } from "vitest";
import { attachmentNamed, type ByteRange, parseByteRange } from "./byte-range.js";

const CASES: readonly [name: string, header: string | undefined, expected: ByteRange][] = [
  ["no header", undefined, "all"],
  ["from the first to the last", "bytes=0-99", { first: 0, last: 99 }],
  ["an open end", "bytes=40-", { first: 40, last: 99 }],
  ["an end beyond the file", "bytes=40-4000", { first: 40, last: 99 }],
  ["one byte", "bytes=0-0", { first: 0, last: 0 }],
  ["the last ones", "bytes=-10", { first: 90, last: 99 }],
  ["more last ones than there are", "bytes=-1000", { first: 0, last: 99 }],
  ["with spaces", "bytes= 1 - 2", { first: 1, last: 2 }],
  ["beyond the end", "bytes=100-", "unsatisfiable"],
  ["none of the last ones", "bytes=-0", "unsatisfiable"],
  ["backwards is no range", "bytes=9-3", "all"],
  ["several ranges are sent whole", "bytes=0-1,4-5", "all"],
  ["another unit", "frames=0-1", "all"],
  ["nothing on either side", "bytes=-", "all"],
  ["more digits than there are bytes anywhere", `bytes=${"9".repeat(40)}-`, "all"],
];

test.each(CASES)("a range of a file of 100 bytes: %s", (_name, header, expected) => {
  expect(parseByteRange(header, 100)).toEqual(expected);
});

test("of an empty file nothing can be asked", () => {
  expect([parseByteRange("bytes=0-", 0), parseByteRange("bytes=-5", 0)]).toEqual([
    "unsatisfiable",
    "unsatisfiable",
  ]);
});

test("a download is named after the recording, for old clients and for new ones, and never leaves its header", () => {
  expect(attachmentNamed("Reel 3")).toBe(`attachment; filename="Reel 3.mp4"; filename*=UTF-8''Reel%203.mp4`);
  expect(attachmentNamed("Größe (2)")).toBe(
    `attachment; filename="Groe (2).mp4"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%282%29.mp4`,
  );
  expect(attachmentNamed(`../"a"\r\nset-cookie: x=1`)).toBe(
    `attachment; filename="--a---set-cookie- x=1.mp4"; filename*=UTF-8''--a---set-cookie-%20x%3D1.mp4`,
  );
  expect(attachmentNamed("映像")).toBe(
    `attachment; filename="recording.mp4"; filename*=UTF-8''%E6%98%A0%E5%83%8F.mp4`,
  );
});
