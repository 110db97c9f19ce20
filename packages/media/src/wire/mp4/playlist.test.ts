import { expect, test } from "vitest";
import {
  type MediaPlaylist,
  type PlaylistSegment,
  type Variant,
  writeMediaPlaylist,
  writeMultivariantPlaylist,
} from "./playlist.js";

const HEAD = [
  "#EXTM3U",
  "#EXT-X-VERSION:9",
  "#EXT-X-TARGETDURATION:2",
  "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.000",
  "#EXT-X-PART-INF:PART-TARGET=0.206",
];

const segment = (number: number, extra: Partial<PlaylistSegment> = {}): PlaylistSegment => ({
  uri: `${number}.m4s`,
  seconds: 1,
  beganAt: Date.UTC(2026, 0, 1) + number * 1000,
  isDiscontinuous: false,
  map: "init-1.mp4",
  parts: [],
  ...extra,
});

const playlist = (extra: Partial<MediaPlaylist>): MediaPlaylist => ({
  targetSeconds: 2,
  partTargetSeconds: 0.206,
  partHoldBackSeconds: 1,
  mediaSequence: 3,
  discontinuitySequence: 0,
  segments: [],
  nextPart: null,
  isEnded: false,
  ...extra,
});

const MEDIA_CASES: readonly [name: string, playlist: MediaPlaylist, lines: readonly string[]][] = [
  [
    "a segment, parts of the one under way, a hint",
    playlist({
      segments: [
        segment(3),
        segment(4, {
          uri: null,
          parts: [
            { uri: "4.0.m4s", seconds: 0.2, isIndependent: true },
            { uri: "4.1.m4s", seconds: 0.16, isIndependent: false },
          ],
        }),
      ],
      nextPart: "4.2.m4s",
    }),
    [
      "#EXT-X-MEDIA-SEQUENCE:3",
      "#EXT-X-DISCONTINUITY-SEQUENCE:0",
      '#EXT-X-MAP:URI="init-1.mp4"',
      "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:03.000Z",
      "#EXTINF:1.00000,",
      "3.m4s",
      "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z",
      '#EXT-X-PART:DURATION=0.20000,URI="4.0.m4s",INDEPENDENT=YES',
      '#EXT-X-PART:DURATION=0.16000,URI="4.1.m4s"',
      '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="4.2.m4s"',
    ],
  ],
  [
    "another format: a discontinuity and its header",
    playlist({
      discontinuitySequence: 2,
      segments: [segment(3), segment(4, { map: "init-2.mp4", isDiscontinuous: true })],
    }),
    [
      "#EXT-X-MEDIA-SEQUENCE:3",
      "#EXT-X-DISCONTINUITY-SEQUENCE:2",
      '#EXT-X-MAP:URI="init-1.mp4"',
      "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:03.000Z",
      "#EXTINF:1.00000,",
      "3.m4s",
      "#EXT-X-DISCONTINUITY",
      '#EXT-X-MAP:URI="init-2.mp4"',
      "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z",
      "#EXTINF:1.00000,",
      "4.m4s",
    ],
  ],
  [
    "the end: no hint any more",
    playlist({ segments: [segment(3)], nextPart: "4.0.m4s", isEnded: true }),
    [
      "#EXT-X-MEDIA-SEQUENCE:3",
      "#EXT-X-DISCONTINUITY-SEQUENCE:0",
      '#EXT-X-MAP:URI="init-1.mp4"',
      "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:03.000Z",
      "#EXTINF:1.00000,",
      "3.m4s",
      "#EXT-X-ENDLIST",
    ],
  ],
];

test.each(MEDIA_CASES)("media playlist: %s", (_name, given, lines) => {
  expect(writeMediaPlaylist(given)).toBe(`${[...HEAD, ...lines].join("\n")}\n`);
});

const VARIANT: Variant = {
  uri: "stream.m3u8",
  peakBitsPerSecond: 18_000_000,
  averageBitsPerSecond: 12_000_000.4,
  codecs: ["avc1.640028", "mp4a.40.2"],
  width: 1920,
  height: 1080,
  frameRate: 24_000 / 1001,
  transfer: 1,
};

const VARIANT_CASES: readonly [name: string, variant: Variant, attributes: string][] = [
  [
    "SDR",
    VARIANT,
    'BANDWIDTH=18000000,AVERAGE-BANDWIDTH=12000000,CODECS="avc1.640028,mp4a.40.2",' +
      "RESOLUTION=1920x1080,FRAME-RATE=23.976,VIDEO-RANGE=SDR",
  ],
  [
    "PQ, no rate stated",
    { ...VARIANT, transfer: 16, frameRate: null, codecs: ["hvc1.2.4.L120.B0"] },
    'BANDWIDTH=18000000,AVERAGE-BANDWIDTH=12000000,CODECS="hvc1.2.4.L120.B0",RESOLUTION=1920x1080,VIDEO-RANGE=PQ',
  ],
  [
    "HLG",
    { ...VARIANT, transfer: 18, frameRate: 50 },
    'BANDWIDTH=18000000,AVERAGE-BANDWIDTH=12000000,CODECS="avc1.640028,mp4a.40.2",' +
      "RESOLUTION=1920x1080,FRAME-RATE=50.000,VIDEO-RANGE=HLG",
  ],
];

test.each(VARIANT_CASES)("multivariant playlist: %s", (_name, variant, attributes) => {
  expect(writeMultivariantPlaylist(variant)).toBe(
    `#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-STREAM-INF:${attributes}\nstream.m3u8\n`,
  );
});
