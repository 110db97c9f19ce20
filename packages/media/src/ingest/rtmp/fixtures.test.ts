import { expect, test } from "vitest";
import { mulberry32 } from "../../wire/fuzz.js";
import { FIXTURE_NAMES, feedInPieces, hashOf, readFixture, startReplay } from "./replay.js";

type Expected = {
  codec: string;
  video: number;
  audio: number;
  keyframes: number;
  /** Ticks, of the first frame. */
  dts: number;
  videoHash: string;
  audioHash: string;
};

const EXPECTED: Readonly<Record<(typeof FIXTURE_NAMES)[number], Expected>> = {
  "ffmpeg-b-frames.rtmp": expected("h264", 40, 76, 2, 0, "a32e3b0427d4356d", "70b0db35ce636442"),
  "ffmpeg-zerolatency.rtmp": expected("h264", 40, 76, 2, 21, "f4968ac4fb831c15", "70b0db35ce636442"),
  "ffmpeg-extended-timestamp.rtmp": expected(
    "h264",
    40,
    76,
    2,
    16776500,
    "f4968ac4fb831c15",
    "70b0db35ce636442",
  ),
  "ffmpeg-31-bit-wrap.rtmp": expected("h264", 40, 76, 2, 2147483000, "f4968ac4fb831c15", "70b0db35ce636442"),
  "gstreamer-rtmp2sink.rtmp": expected("h264", 40, 60, 2, 11, "5a50a41808df0daa", "6eb34953ed440158"),
  "ffmpeg8-hevc-opus.rtmp": expected("h265", 40, 81, 2, 0, "b0ad2df4b2a48dec", "c3c7857ede01de8e"),
  "ffmpeg8-av1.rtmp": expected("av1", 40, 76, 2, 21, "d846bad9ffa27868", "3f12b6da067b4e7b"),
  "ffmpeg8-vp9.rtmp": expected("vp9", 40, 0, 2, 0, "f665fbf7893b3b2d", "e3b0c44298fc1c14"),
  "ffmpeg8-multitrack.rtmp": expected("h264", 30, 58, 1, 80, "895cf6dd6bcdb859", "36b3882226be53bd"),
};

function expected(
  ...[codec, video, audio, keyframes, ms, videoHash, audioHash]: [
    string,
    number,
    number,
    number,
    number,
    string,
    string,
  ]
): Expected {
  return { codec, video, audio, keyframes, dts: ms * 90, videoHash, audioHash };
}

const random = mulberry32(1);
const SPLITS: readonly [name: string, pieces: () => number][] = [
  ["one piece", () => 1 << 20],
  ["single bytes", () => 1],
  ["pieces of the network's size", () => 1448],
  ["pieces of random length", () => 1 + Math.floor(random() * 900)],
];

for (const name of FIXTURE_NAMES) {
  test.each(SPLITS)(`${name} gives the source's units, fed in %s`, (_split, pieces) => {
    const replay = startReplay();
    feedInPieces(replay, readFixture(name), pieces);
    const [publisher] = replay.publishers;
    if (publisher === undefined) throw new Error("nothing was published");
    const { video, audio, videoFormats } = publisher;
    expect({
      codec: videoFormats[0]?.codec,
      video: video.length,
      audio: audio.length,
      keyframes: video.filter((unit) => unit.isKeyframe).length,
      dts: video[0]?.dts,
      videoHash: hashOf(video.flatMap((unit) => unit.units)),
      audioHash: hashOf(audio.map((unit) => unit.payload)),
    }).toEqual(EXPECTED[name]);
    expect(videoFormats).toHaveLength(1);
    expect(replay.warnings).toEqual([]);
    for (const [i, unit] of video.entries()) {
      const step = i === 0 ? 3600 : unit.dts - (video[i - 1]?.dts ?? 0);
      expect(Math.abs(step - 3600)).toBeLessThanOrEqual(90); // 40 ms, to RTMP's millisecond
    }
  });
}

test("FFmpeg 8.1's second video and audio tracks are named and left out", () => {
  const replay = startReplay();
  feedInPieces(replay, readFixture("ffmpeg8-multitrack.rtmp"), () => 4096);
  expect(replay.publishers[0]?.notices).toEqual([
    "Only the first video track is shown; track 1 (hvc1) is left out.",
    "Only the first audio track is shown; track 1 (mp4a) is left out.",
  ]);
});

test("the formats say what the encoders were asked for", () => {
  const formatOf = (name: (typeof FIXTURE_NAMES)[number]) => {
    const replay = startReplay();
    feedInPieces(replay, readFixture(name), () => 4096);
    return [replay.publishers[0]?.videoFormats[0], replay.publishers[0]?.audioFormats[0]];
  };
  expect(formatOf("ffmpeg8-hevc-opus.rtmp")).toMatchObject([
    {
      profile: "Main 10",
      width: 128,
      height: 72,
      frameRate: 25,
      bitDepth: 10,
      chroma: "4:2:0",
      reorderFrames: 2,
      colour: { primaries: 9, transfer: 16, matrix: 9, fullRange: false },
    },
    { codec: "opus", sampleRate: 48000, channels: 2 },
  ]);
  expect(formatOf("ffmpeg8-vp9.rtmp")).toMatchObject([{ profile: "Profile 1", chroma: "4:2:2" }, undefined]);
  expect(formatOf("ffmpeg8-av1.rtmp")).toMatchObject([
    { bitDepth: 10, colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false } },
    { codec: "aac", sampleRate: 48000, channels: 1 },
  ]);
  expect(formatOf("ffmpeg-b-frames.rtmp")).toMatchObject([
    { profile: "High", reorderFrames: 2 },
    { channels: 2 },
  ]);
  expect(formatOf("ffmpeg-zerolatency.rtmp")).toMatchObject([
    { profile: "High", reorderFrames: 0 },
    { channels: 2 },
  ]);
});
