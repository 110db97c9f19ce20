import { H264_CASES } from "../codecs/picture.cases.js";
import type { Run } from "./fragment.js";
import { writeInitSegment } from "./init-segment.js";
import { readBoxes } from "./read-box.js";
import { parseMovie } from "./read-movie.js";
import type { Track } from "./track.js";
import { type FullTrack, writeMovie } from "./write-movie.js";

const [, sps, { width, height, bitDepth, chroma, colour }] = H264_CASES[0];
const TRACKS: readonly Track[] = [
  {
    ...{ kind: "video", id: 1, width, height, bitDepth, chroma, colour },
    setup: { entry: "avc1", sets: [sps, Uint8Array.of(0x68, 0xce, 0x3c, 0x80)] },
    sampleAspectRatio: [4, 3],
  },
  { kind: "audio", id: 2, setup: { entry: "Opus" }, sampleRate: 48_000, channels: 2 },
];

const sample = (bytes: number, isKeyframe: boolean, compositionOffset = 0) => ({
  ...{ duration: 3600, isKeyframe, compositionOffset },
  pieces: [new Uint8Array(bytes)],
});

/** Fragments as the recorder writes them. */
export const FRAGMENTS: readonly (readonly [
  name: string,
  fragment: { readonly sequence: number; readonly runs: readonly Run[] },
])[] = [
  [
    "pictures and sound",
    {
      sequence: 1,
      runs: [
        { trackId: 1, baseDecodeTime: 0, samples: [sample(900, true), sample(20, false)] },
        { trackId: 2, baseDecodeTime: 12, samples: [sample(7, true), sample(8, true), sample(9, true)] },
      ],
    },
  ],
  [
    "reordered pictures, hours into it",
    {
      sequence: 70_000,
      runs: [
        {
          trackId: 1,
          baseDecodeTime: 2 ** 33 + 5,
          samples: [sample(500, true, 7200), sample(40, false, 10_800), sample(3, false, -3600)],
        },
      ],
    },
  ],
];

const [, moov] = readBoxes(writeInitSegment(TRACKS));
const parsed = moov === undefined ? [] : parseMovie(moov.content);

const tables = (at: number, count: number, offset: number): FullTrack["tables"] => ({
  sizes: Uint32Array.from({ length: count }, (_none, index) => 10 * at + index),
  decodeTimes: Float64Array.from({ length: count }, (_none, index) => index * 3600),
  compositionOffsets: Int32Array.from({ length: count }, (_none, index) =>
    at === 0 ? (index % 3) * 3600 : 0,
  ),
  keyframes: Uint8Array.from({ length: count }, (_none, index) => (at === 0 && index % 5 > 0 ? 0 : 1)),
  lastDuration: 3600,
  chunkSamples: Uint32Array.of(4, 4, count - 8),
  chunkOffsets: Float64Array.of(offset, offset + 1000, offset + 2000),
});

const full = (offset: number): FullTrack[] =>
  parsed.map((track, at) => ({ track, tables: tables(at, 12 + at, offset) }));
const contentOfMovie = (tracks: readonly FullTrack[]): Uint8Array => writeMovie(tracks, 100).subarray(8);

/** Contents of plain files' `moov`s, with what they were written from. */
export const PLAIN_MOVIES: readonly (readonly [
  name: string,
  bytes: Uint8Array,
  tracks: readonly FullTrack[],
])[] = [
  ["small", contentOfMovie(full(0)), full(0)],
  ["beyond 4 GiB", contentOfMovie(full(2 ** 33)), full(2 ** 33)],
];
