import { expect, test } from "vitest";
import { fingerprint } from "./fingerprint.js";
import { makeChunkReader, readAvcTag } from "./rtmp-tap.js";

function chunk(format: number, id: number, header: number[], body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(format << 6) | id, ...header]), body]);
}

const slice = Buffer.concat([Buffer.from([0x65]), Buffer.alloc(300, 7)]);
const tag = Buffer.concat([Buffer.from([0x17, 1, 0, 0, 0, 0, 0, 1, 45]), slice]);
const session = Buffer.concat([
  Buffer.alloc(3073, 3),
  chunk(0, 2, [0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0], Buffer.from([0, 0, 0, 200])), // Set Chunk Size 200
  chunk(0, 6, [0, 0, 0, 0, tag.length >> 8, tag.length & 0xff, 9, 1, 0, 0, 0], tag.subarray(0, 200)),
  chunk(0, 4, [0, 0, 0, 0, 0, 2, 8, 1, 0, 0, 0], Buffer.from([0xaf, 1])), // sound in between
  chunk(3, 6, [], tag.subarray(200)),
  chunk(1, 6, [0xff, 0xff, 0xff, 0, tag.length >> 8, tag.length & 0xff, 9, 0, 0, 0, 1], tag.subarray(0, 200)),
  chunk(3, 6, [0, 0, 0, 1], tag.subarray(200)),
]);

test.each([1, 7, 200, 4096])("pictures are found in pieces of %i bytes, each at its last byte", (size) => {
  const seen: number[] = [];
  let given = 0;
  const read = makeChunkReader((payload) => {
    expect(payload.equals(tag)).toBe(true);
    seen.push(given);
  });
  for (let at = 0; at < session.length; at += size) {
    given = Math.min(at + size, session.length);
    read(session.subarray(at, at + size));
  }
  expect(seen).toHaveLength(2);
  if (size === 1) expect(seen[1]).toBe(session.length);
});

test("a picture's name is made of its slices, without parameter sets and SEI", () => {
  const withSets = [Buffer.from([0x67, 1]), Buffer.from([0x06, 5]), slice];
  expect(readAvcTag(tag)).toEqual({ fingerprint: fingerprint(withSets), isKeyframe: true, bytes: 305 });
  expect(fingerprint([slice])).not.toBe(fingerprint([Buffer.from([0x65, 1])]));
});

test("sequence headers and other codecs are no pictures", () => {
  expect(readAvcTag(Buffer.from([0x17, 0, 0, 0, 0, 1]))).toBeNull();
  expect(readAvcTag(Buffer.from([0x12, 1, 0, 0, 0, 1]))).toBeNull();
});
