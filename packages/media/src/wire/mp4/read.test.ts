import { expect, test } from "vitest";
import { ProtocolError } from "../protocol-error.js";
import { joined, u8, u32 } from "./box.js";
import { writeFragment } from "./fragment.js";
import { FRAGMENTS, PLAIN_MOVIES } from "./read.cases.js";
import { contentOf, parseBoxHead, readBoxes } from "./read-box.js";
import { parseFragment } from "./read-fragment.js";
import { parsePlainMovie } from "./read-movie.js";

test.each(FRAGMENTS)("a fragment of %s is read as it was written", (_name, fragment) => {
  const bytes = joined(writeFragment(fragment));
  const [moof, mdat] = readBoxes(bytes);
  const runs = parseFragment(moof?.content ?? new Uint8Array());
  expect(runs.map(({ dataOffset: _at, ...run }) => run)).toEqual(
    fragment.runs.map((run) => ({
      ...run,
      samples: run.samples.map(({ pieces, ...said }) => ({ ...said, bytes: pieces[0]?.length })),
    })),
  );
  expect(runs[0]?.dataOffset).toBe((moof?.whole.length ?? 0) + 8);
  const sizes = runs.flatMap(({ samples }) => samples.map((sample) => sample.bytes));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(mdat?.content.length);
});

test.each(PLAIN_MOVIES)("a plain movie, %s, is read as it was written", (_name, bytes, tracks) => {
  const read = parsePlainMovie(bytes);
  expect(read.map(({ id, kind, timescale, entry }) => [id, kind, timescale, entry])).toEqual([
    [1, "video", 90_000, "avc1"],
    [2, "audio", 48_000, "Opus"],
  ]);
  expect([read[0]?.width, read[0]?.height]).toEqual([1920, 1080]);
  for (const [at, { tables }] of tracks.entries()) {
    expect(read[at]?.sizes).toEqual(tables.sizes);
    expect(read[at]?.chunks).toEqual(
      [...tables.chunkOffsets].map((offset, chunk) => ({
        offset: offset + 100,
        samples: tables.chunkSamples[chunk],
      })),
    );
  }
});

test("the sample entry is taken over to the last byte, colour and shape of the pixels with it", () => {
  for (const [, bytes, tracks] of PLAIN_MOVIES) {
    const [trak] = readBoxes(bytes).filter(({ type }) => type === "trak");
    const entries = contentOf(trak?.content ?? new Uint8Array(), "mdia/minf/stbl/stsd");
    expect(entries).toEqual(contentOf(tracks[0]?.track.trak ?? new Uint8Array(), "mdia/minf/stbl/stsd"));
    const text = Buffer.from(entries).toString("latin1");
    expect([text.includes("colrnclx"), text.includes("pasp")]).toEqual([true, true]);
  }
});

test.each([
  ["shorter than its own head", u32(7, 0x66726565)],
  ["without a whole head", u8(0, 0, 0, 8, 1)],
  ["beyond its parent", u32(9, 0x66726565)],
  ["to the end of the file", u32(0, 0x66726565)],
  ["of more than is anywhere", u32(1, 0x6d646174, 0xffff_ffff, 0)],
])("a box %s is refused", (_name, bytes) => {
  expect(() => readBoxes(bytes)).toThrow(ProtocolError);
});

test("a long head says its length in eight bytes", () => {
  expect(parseBoxHead(u32(1, 0x6d646174, 2, 16))).toEqual({
    type: "mdat",
    headBytes: 16,
    bytes: 2 * 2 ** 32 + 16,
  });
});

test("a movie whose tables promise more than is there is refused before anything is made of it", () => {
  const [, bytes] = PLAIN_MOVIES[0] ?? ["", new Uint8Array(), []];
  const at = Buffer.from(bytes).indexOf("stsz") + 4;
  const lying = Uint8Array.from(bytes);
  lying.set(u32(0xffff_ffff), at + 8);
  expect(() => parsePlainMovie(lying)).toThrow(/4294967295 entries/);
});
