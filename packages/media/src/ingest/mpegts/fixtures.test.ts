import { expect, test } from "vitest";
import { mulberry32 } from "../../wire/fuzz.js";
import { hashOf } from "../rtmp/replay.js";
import { FIXTURE_NAMES, readFixture, startReplay } from "./replay.js";

type Expected = {
  readonly codec: string;
  readonly video: number;
  readonly keyframes: number;
  readonly audio: number;
  readonly videoHash: string;
  readonly audioHash: string;
};

/** Compared with what ffmpeg's own demultiplexer gives by `real-muxers.test.ts`. */
const EXPECTED: Readonly<Record<(typeof FIXTURE_NAMES)[number], Expected>> = {
  "ffmpeg-zerolatency": expected("h264", 2, 76, "e6c8db9dbee5615f", "70b0db35ce636442"),
  "ffmpeg-b-frames": expected("h264", 2, 76, "9bf54afa2453802d", "70b0db35ce636442"),
  "ffmpeg-pes-length": expected("h264", 2, 76, "e6c8db9dbee5615f", "70b0db35ce636442"),
  "ffmpeg-latm": expected("h264", 2, 76, "e6c8db9dbee5615f", "70b0db35ce636442"),
  "ffmpeg-opus": expected("h264", 2, 81, "e6c8db9dbee5615f", "a9f70ad902b3d495"),
  "ffmpeg-hevc-mp2": expected("h265", 2, 0, "6adc15e71d0e1f0b", "e3b0c44298fc1c14"),
  gstreamer: expected("h264", 1, 60, "187ef53893ab7211", "ca06757a563aad00"),
};

function expected(
  codec: string,
  keyframes: number,
  audio: number,
  videoHash: string,
  audioHash: string,
): Expected {
  return { codec, video: 40, keyframes, audio, videoHash, audioHash };
}

const random = mulberry32(1);
const SPLITS: readonly [name: string, pieces: () => number][] = [
  ["one piece", () => 1 << 20],
  ["single bytes", () => 1],
  ["SRT's messages", () => 1316],
  ["pieces of random length", () => 1 + Math.floor(random() * 900)],
];

for (const name of FIXTURE_NAMES) {
  test.each(SPLITS)(`${name} gives the encoder's units, fed in %s`, (_split, pieces) => {
    const { source, publisher, skipped } = startReplay();
    const bytes = readFixture(name);
    for (let at = 0, length = 0; at < bytes.length; at += length) {
      length = pieces();
      source.take(bytes.subarray(at, at + length), at, false);
    }
    source.end(bytes.length);
    const { video, audio, videoFormats } = publisher;
    expect({
      codec: videoFormats[0]?.codec,
      video: video.length,
      keyframes: video.filter((unit) => unit.isKeyframe).length,
      audio: audio.length,
      videoHash: hashOf(video.flatMap((unit) => unit.units)),
      audioHash: hashOf(audio.map((unit) => unit.payload)),
    }).toEqual(EXPECTED[name]);
    expect(videoFormats).toHaveLength(1);
    expect(skipped).toEqual([]);
    for (const [i, unit] of video.entries()) {
      if (i > 0) expect(unit.dts - (video[i - 1]?.dts ?? 0)).toBe(3600);
    }
  });
}

/** Every picture and sound frame of a publisher, each as one hash. */
function hashes({ video, audio }: ReturnType<typeof startReplay>["publisher"]): string[] {
  return [...video.map(({ units }) => hashOf(units)), ...audio.map(({ payload }) => hashOf([payload]))];
}

test.each(FIXTURE_NAMES)(
  "%s with packets missing: nothing is handed on that the encoder did not send",
  (name) => {
    const whole = hashes(told(name));
    const sent = new Set(whole);
    const bytes = readFixture(name);
    const losing = mulberry32(20261123);
    let fewest = whole.length;
    for (let round = 0; round < 20; round++) {
      const { source, publisher } = startReplay();
      let lose = 0;
      for (let at = 0; at < bytes.length; at += 188) {
        if (lose === 0 && losing() < 0.01) lose = 1 + Math.floor(losing() * 15); // less than a counter's round
        if (lose > 0) lose--;
        else source.take(bytes.subarray(at, at + 188), at, false);
      }
      source.end(0);
      const came = hashes(publisher);
      expect(came.filter((hash) => !sent.has(hash))).toEqual([]);
      fewest = Math.min(fewest, came.length);
    }
    expect(fewest).toBeLessThan(whole.length);
  },
);

function told(name: (typeof FIXTURE_NAMES)[number]) {
  const { source, publisher } = startReplay();
  source.take(readFixture(name), 0, false);
  source.end(0);
  return publisher;
}

test("the formats say what the encoders were asked for", () => {
  expect(told("ffmpeg-hevc-mp2").videoFormats).toMatchObject([
    { codec: "h265", profile: "Main 10", width: 128, height: 72, bitDepth: 10, reorderFrames: 2 },
  ]);
  expect(told("ffmpeg-b-frames")).toMatchObject({
    videoFormats: [{ profile: "Main", frameRate: 25, reorderFrames: 2, colour: { matrix: 1 } }],
    audioFormats: [{ codec: "aac", sampleRate: 48000, channels: 2 }],
  });
  expect(told("ffmpeg-opus").audioFormats).toMatchObject([{ codec: "opus", channels: 1 }]);
});

test("sound that cannot be passed on and sound that comes in bundles is told", () => {
  expect(told("ffmpeg-hevc-mp2").notices).toEqual([
    "The sound in MPEG audio cannot be passed on; send AAC or Opus.",
  ]);
  expect(told("ffmpeg-opus").notices).toEqual([expect.stringContaining("in bundles of 100 ms")]);
  expect(told("ffmpeg-b-frames").notices).toEqual([]);
});
