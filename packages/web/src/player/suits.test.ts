import type { StreamStatus } from "@colourstream/contract";
import { expect, test } from "vitest";
import { codecString } from "./codec-string.js";
import { type Abilities, suitsOf } from "./suits.js";

type Video = NonNullable<StreamStatus["video"]>;

const VIDEO: Video = {
  codec: "h264",
  profile: "High",
  width: 1920,
  height: 1080,
  frameRate: 24,
  bitDepth: 8,
  chroma: "4:2:0",
  gopFrames: 24,
  reorderFrames: 0,
  colour: null,
  bitsPerSecond: 12_000_000,
};

/** What a Chromium without hardware decoders offers. */
const CHROMIUM: Abilities = {
  receives: [
    { mimeType: "video/VP8" },
    { mimeType: "video/VP9", sdpFmtpLine: "profile-id=0" },
    { mimeType: "video/VP9", sdpFmtpLine: "profile-id=2" },
    { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=0;profile-level-id=42001f" },
    { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=42e01f" },
    {
      mimeType: "video/H264",
      sdpFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=f4001f",
    },
    { mimeType: "video/AV1", sdpFmtpLine: "level-idx=5;profile=0;tier=0" },
  ],
  plays: (codec) => /^(avc1|av01|vp09)/.test(codec),
};
/** What a Firefox with OpenH264 offers. */
const FIREFOX: Abilities = {
  receives: [{ mimeType: "video/H264", sdpFmtpLine: "profile-level-id=42e01f;packetization-mode=1" }],
  plays: (codec) => codec.startsWith("avc1.6400"),
};
const SAFARI: Abilities = {
  receives: [
    { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=640c1f" },
    { mimeType: "video/H265", sdpFmtpLine: "level-id=93;profile-id=1;tier-flag=0" },
    { mimeType: "video/H265", sdpFmtpLine: "level-id=93;profile-id=2;tier-flag=0" },
  ],
  plays: (codec) => /^(avc1\.6400|hvc1)/.test(codec),
};

const suits = (abilities: Abilities, video: Partial<Video>, warnings: StreamStatus["warnings"] = []) => {
  const found = suitsOf({ video: { ...VIDEO, ...video }, warnings }, abilities, false);
  return [found?.webrtc, found?.hls];
};

test("8-bit 4:2:0 H.264 goes everywhere", () => {
  for (const abilities of [CHROMIUM, FIREFOX, SAFARI]) expect(suits(abilities, {})).toEqual(["well", true]);
});

test("B-frames are for HLS, whether they are announced or seen", () => {
  expect(suits(CHROMIUM, { reorderFrames: 2 })).toEqual(["poorly", true]);
  expect(suits(CHROMIUM, {}, ["b-frames"])).toEqual(["poorly", true]);
});

test("deeper H.264 goes by WebRTC where the software decoder is, and nowhere else", () => {
  const deep = { profile: "High 4:2:2", bitDepth: 10, chroma: "4:2:2" };
  expect(suits(CHROMIUM, deep)).toEqual(["well", true]);
  expect(suits(FIREFOX, deep)).toEqual(["no", false]);
});

test("H.265 goes where the browser has it, in the depth that it has", () => {
  const hevc = { codec: "h265", profile: "Main 10", bitDepth: 10 } as const;
  expect(suits(CHROMIUM, hevc)).toEqual(["no", false]);
  expect(suits(SAFARI, hevc)).toEqual(["well", true]);
  expect(suits(SAFARI, { ...hevc, profile: "Range Extensions", chroma: "4:2:2" })).toEqual(["no", true]);
});

test("10-bit AV1 is offered over WebRTC and not shown: it goes by HLS", () => {
  expect(suits(CHROMIUM, { codec: "av1", profile: "Main" })).toEqual(["well", true]);
  expect(suits(CHROMIUM, { codec: "av1", profile: "Main", bitDepth: 10 })).toEqual(["no", true]);
});

test("VP9 is looked for by its profile", () => {
  expect(suits(CHROMIUM, { codec: "vp9", profile: "Profile 2", bitDepth: 10 })).toEqual(["well", true]);
  expect(suits(CHROMIUM, { codec: "vp9", profile: "Profile 1", chroma: "4:4:4" })).toEqual(["no", true]);
});

test("a browser without WebRTC has none, and one that does not tell is tried", () => {
  expect(suits({ ...CHROMIUM, receives: [] }, {})).toEqual(["no", true]);
  expect(suits({ ...CHROMIUM, receives: null }, {})).toEqual(["well", true]);
});

test("a stream that is not described yet is not judged", () => {
  expect(suitsOf(null, CHROMIUM, false)).toBeNull();
  expect(suitsOf({ video: null, warnings: ["no-video"] }, CHROMIUM, false)).toBeNull();
});

test("another size or another depth is another format; another bit rate is not", () => {
  const format = (video: Partial<Video>) =>
    suitsOf({ video: { ...VIDEO, ...video }, warnings: [] }, CHROMIUM, false)?.format;
  expect(format({ width: 3840 })).not.toBe(format({}));
  expect(format({ bitDepth: 10 })).not.toBe(format({}));
  expect(format({ bitsPerSecond: 1 })).toBe(format({}));
});

test.each([
  [{}, "avc1.64002a"],
  [{ profile: "High 4:2:2", bitDepth: 10, chroma: "4:2:2" }, "avc1.7a002a"],
  [{ width: 3840, height: 2160 }, "avc1.640034"],
  [{ codec: "h265", profile: "Main 10", bitDepth: 10, width: 3840, height: 2160 }, "hvc1.2.4.L156.B0"],
  [{ codec: "av1", profile: "Main", bitDepth: 10 }, "av01.0.09M.10"],
  [{ codec: "vp9", profile: "Profile 2", bitDepth: 10 }, "vp09.02.41.10"],
] as const)("%o is asked for as %s", (video, asked) => {
  expect(codecString({ ...VIDEO, ...video })).toBe(asked);
});

test("the rendition for every browser suits who takes 8-bit H.264, where the room has it", () => {
  const stream = { video: { ...VIDEO, codec: "h265" as const, profile: "Main" }, warnings: [] };
  const receivesNone: Abilities = { ...CHROMIUM, receives: [{ mimeType: "video/VP8" }] };
  const universal = (abilities: Abilities, has: boolean) => suitsOf(stream, abilities, has)?.universal;
  expect([CHROMIUM, FIREFOX, SAFARI].map((abilities) => universal(abilities, true))).toEqual([
    true,
    true,
    true,
  ]);
  expect(universal(receivesNone, true)).toBe(false);
  expect(universal(CHROMIUM, false)).toBe(false);
});
