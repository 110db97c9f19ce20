import { expect, test } from "vitest";
import { AV1_CASES, H264_CASES, H265_CASES } from "../codecs/picture.cases.js";
import { codecStringOf } from "./codec-string.js";
import type { AudioTrack, VideoSetup, VideoTrack } from "./track.js";

const video = (setup: VideoSetup, extra: Partial<VideoTrack> = {}): VideoTrack => ({
  kind: "video",
  id: 1,
  setup,
  width: 1920,
  height: 1080,
  bitDepth: 8,
  chroma: "4:2:0",
  colour: null,
  sampleAspectRatio: null,
  ...extra,
});
const audio = (setup: AudioTrack["setup"]): AudioTrack => ({
  kind: "audio",
  id: 2,
  setup,
  sampleRate: 48_000,
  channels: 2,
});
const aac = (...bytes: number[]) => audio({ entry: "mp4a", audioSpecificConfig: Uint8Array.from(bytes) });

const CASES: readonly [string, VideoTrack | AudioTrack, string][] = [
  ["H.264 High", video({ entry: "avc1", sets: [H264_CASES[0][1]] }), "avc1.640028"],
  [
    "H.264 High 4:2:2 intra",
    video({ entry: "avc1", sets: [H264_CASES[1]?.[1] ?? new Uint8Array()] }),
    "avc1.7A1028",
  ],
  ["HEVC Main 10", video({ entry: "hvc1", sets: [H265_CASES[0][1]] }), "hvc1.2.4.L120.90"],
  [
    "HEVC 4:2:2 10",
    video({ entry: "hvc1", sets: [H265_CASES[1]?.[1] ?? new Uint8Array()] }),
    "hvc1.4.10.L93.9D.8",
  ],
  [
    "AV1 10-bit",
    video({ entry: "av01", sequenceHeader: AV1_CASES[0][1] }, { bitDepth: 10 }),
    "av01.0.08M.10",
  ],
  ["VP9 at 60 a second", video({ entry: "vp09", profile: 0, frameRate: 60 }), "vp09.00.41.08"],
  [
    "VP9 12-bit UHD",
    video({ entry: "vp09", profile: 2, frameRate: 24 }, { width: 3840, height: 2160, bitDepth: 12 }),
    "vp09.02.50.12",
  ],
  ["AAC-LC", aac(0x11, 0x90), "mp4a.40.2"],
  ["HE-AAC", aac(0x2b, 0x09, 0x88, 0x00), "mp4a.40.5"],
  ["Opus", audio({ entry: "Opus" }), "opus"],
];

test.each(CASES)("%s is named as browsers know it", (_name, track, name) => {
  expect(codecStringOf(track)).toBe(name);
});
