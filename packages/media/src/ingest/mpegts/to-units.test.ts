import { expect, test } from "vitest";
import { writeAdtsHeader } from "../../wire/codecs/adts.js";
import { writeOpusTs } from "../../wire/codecs/opus-ts.js";
import { H264_CASES } from "../../wire/codecs/picture.cases.js";
import { LATM_CASES } from "../../wire/codecs/sound.cases.js";
import { mulberry32 } from "../../wire/fuzz.js";
import { fromHex } from "../../wire/hex.js";
import type { Descriptor, ElementaryStream } from "../../wire/mpegts/psi.js";
import { startReplay } from "./replay.js";
import { joined, startTsWriter } from "./ts-writer.js";

const VIDEO = 0x100;
const AUDIO = 0x101;
const SPS = H264_CASES[0]?.[1] ?? new Uint8Array(0);
const OTHER_SPS = H264_CASES[4]?.[1] ?? new Uint8Array(0);
const PPS = fromHex("68ebe3cb22c0");
const IDR = fromHex("658884");
const SLICE = fromHex("419a02");

const track = (
  streamType: number,
  pid: number,
  descriptors: readonly Descriptor[] = [],
): ElementaryStream => ({ streamType, pid, descriptors });
const H264 = track(0x1b, VIDEO);
const AAC = track(0x0f, AUDIO);

const registration = (letters: string): Descriptor => ({
  tag: 5,
  body: new TextEncoder().encode(letters),
});
const OPUS_51 = track(0x06, AUDIO, [registration("Opus"), { tag: 0x7f, body: fromHex("8006") }]);

const annexB = (...units: readonly Uint8Array[]) =>
  joined(units.flatMap((unit) => [fromHex("00000001"), unit]));

/** An AAC frame that is so many bytes of its number. */
function adts(number: number, payloadBytes: number): Uint8Array {
  const frameBytes = 7 + payloadBytes;
  const header = { profile: 1, sampleRate: 48000, channelConfiguration: 2, frameBytes, blocks: 1 } as const;
  return joined([writeAdtsHeader({ ...header, headerBytes: 7 }), new Uint8Array(payloadBytes).fill(number)]);
}

function start(streams: readonly ElementaryStream[] = [H264, AAC]) {
  const replay = startReplay();
  const writer = startTsWriter();
  let nowMs = 0;
  const take = (bytes: Uint8Array, isShort = false) => replay.source.take(bytes, ++nowMs, isShort);
  take(writer.tables(streams));
  const { publisher, skipped, source } = replay;
  return {
    ...{ publisher, skipped, source, writer, take },
    video: (pts: number, ...units: readonly Uint8Array[]) =>
      take(writer.pes(VIDEO, pts, annexB(...units), { isSized: true })),
    audio: (pts: number | null, payload: Uint8Array) =>
      take(writer.pes(AUDIO, pts, payload, { isSized: true })),
  };
}

test("a format comes before the first unit and again only when the parameter sets change", () => {
  const { publisher, video } = start();
  video(0, SLICE);
  expect(publisher.video).toEqual([]);
  expect(publisher.notices[0]).toContain("without parameter sets");
  video(3600, SPS, PPS, IDR);
  video(7200, SLICE);
  video(10800, SPS, PPS, IDR);
  expect(publisher.videoFormats).toHaveLength(1);
  video(14400, OTHER_SPS, PPS, IDR);
  expect(publisher.videoFormats.map(({ width }) => width)).toEqual([1920, 640]);
  expect(publisher.video.map(({ isKeyframe, pts }) => [isKeyframe, pts])).toEqual([
    [true, 3600],
    [false, 7200],
    [true, 10800],
    [true, 14400],
  ]);
});

test("delimiters and filler stay what the encoder sent: units without their start codes", () => {
  const { publisher, video } = start();
  video(0, fromHex("0910"), SPS, PPS, IDR, fromHex("0cffff80"));
  expect(publisher.video[0]?.units).toEqual([fromHex("0910"), SPS, PPS, IDR, fromHex("0cffff80")]);
});

test("a recovery point is a keyframe where the muxer says random access", () => {
  const { publisher, take, writer, video } = start();
  video(0, SPS, PPS, IDR);
  const recovery = annexB(fromHex("0606018480"), SLICE);
  take(writer.pes(VIDEO, 3600, recovery, { isSized: true }));
  take(writer.pes(VIDEO, 7200, recovery, { isSized: true, isRandomAccess: true }));
  expect(publisher.video.map(({ isKeyframe }) => isKeyframe)).toEqual([true, false, true]);
});

test("time stamps go on over 33 bits, in both tracks by the same", () => {
  const { publisher, video, audio } = start();
  const wrap = 2 ** 33;
  video(wrap - 3600, SPS, PPS, IDR);
  audio(wrap - 1800, adts(1, 50));
  video(0, SLICE);
  audio(120, adts(2, 50));
  video(3600, SLICE);
  expect(publisher.video.map(({ dts }) => dts - wrap)).toEqual([-3600, 0, 3600]);
  expect(publisher.audio.map(({ pts }) => pts - wrap)).toEqual([-1800, 120]);
});

test("a DTS before the wrap and a PTS behind it stay together", () => {
  const { publisher, take, writer } = start();
  const dts = 2 ** 33 - 1800;
  take(writer.pes(VIDEO, 1800, annexB(SPS, PPS, IDR), { dts, isSized: true }));
  expect(publisher.video).toMatchObject([{ dts, pts: dts + 3600 }]);
});

test("a picture without a time stamp follows the one before by the same step", () => {
  const { publisher, take, writer, video } = start();
  video(0, SPS, PPS, IDR);
  video(3600, SLICE);
  take(writer.pes(VIDEO, null, annexB(SLICE), { isSized: true }));
  expect(publisher.video.map(({ pts }) => pts)).toEqual([0, 3600, 7200]);
});

test("AAC frames of one PES each have their own time, also those that go over its end", () => {
  const { publisher, audio } = start();
  const frames = [adts(1, 100), adts(2, 101), adts(3, 102), adts(4, 103), adts(5, 104)];
  const stream = joined(frames);
  // The second PES begins in the middle of the third frame: its time is that of the fourth.
  const cut = 107 + 108 + 50;
  audio(0, stream.subarray(0, cut));
  audio(6000, stream.subarray(cut, 107 + 108 + 109 + 3)); // and ends within the fourth's header
  audio(9000, stream.subarray(107 + 108 + 109 + 3));
  expect(publisher.audio.map(({ pts, payload }) => [payload[0], payload.length, pts])).toEqual([
    [1, 100, 0],
    [2, 101, 1920],
    [3, 102, 3840],
    [4, 103, 6000],
    [5, 104, 9000],
  ]);
  expect(publisher.audioFormats).toEqual([
    { codec: "aac", sampleRate: 48000, channels: 2, config: fromHex("1190") },
  ]);
});

test("AAC is found again after bytes that are none", () => {
  const { publisher, audio, skipped } = start();
  audio(0, joined([fromHex("0102ff03"), adts(1, 20), fromHex("fff1"), adts(2, 20)]));
  audio(9000, joined([new Uint8Array(5000).fill(0xff), adts(3, 20)])); // too much to be searched
  audio(18000, adts(4, 20));
  expect(publisher.audio.map(({ pts, payload }) => [payload[0], pts])).toEqual([
    [1, 0],
    [2, 1920],
    [4, 18000],
  ]);
  expect(skipped).toEqual(["6 bytes of sound are no frame", "5027 bytes of sound are no frame"]);
});

test("LATM becomes the same frames as ADTS, with the configuration from in band", () => {
  const { publisher, audio } = start([track(0x11, AUDIO)]);
  const element = LATM_CASES[0]?.[1] ?? new Uint8Array(0);
  audio(900, joined([fromHex("56e00a"), element, fromHex("56e003 808080")]));
  expect(publisher.audioFormats).toMatchObject([{ codec: "aac", sampleRate: 48000, channels: 2 }]);
  expect(publisher.audio.map(({ pts, payload }) => [pts, payload])).toEqual([
    [900, fromHex("a1b2c3")],
    [2820, fromHex("01")],
  ]);
});

test("Opus packets of one PES each have their own time; the descriptor says the channels", () => {
  const { publisher, audio } = start([OPUS_51]);
  const packet = (n: number) => ({ packet: Uint8Array.of(0xfc, n), startTrim: null, endTrim: null });
  audio(900, writeOpusTs([packet(1), packet(2)])); // 20 ms each
  expect(publisher.audioFormats).toMatchObject([{ codec: "opus", sampleRate: 48000, channels: 6 }]);
  expect(publisher.audio.map(({ pts }) => pts)).toEqual([900, 2700]);
});

test("tracks may come late, change, and come back", () => {
  const { publisher, take, writer, video, audio } = start([H264]);
  video(0, SPS, PPS, IDR);
  audio(0, adts(1, 10));
  expect(publisher.audio).toEqual([]);
  take(writer.tables([H264, AAC], { version: 1 }));
  audio(3600, adts(2, 10));
  video(3600, SLICE);
  take(writer.tables([H264, OPUS_51], { version: 2 }));
  audio(7200, writeOpusTs([{ packet: fromHex("fc03"), startTrim: null, endTrim: null }]));
  take(writer.tables([H264, AAC], { version: 3 }));
  audio(10800, adts(4, 10));
  video(10800, SLICE);
  expect(publisher.audioFormats.map(({ codec }) => codec)).toEqual(["aac", "opus", "aac"]);
  expect(publisher.audio.map(({ pts }) => pts)).toEqual([3600, 7200, 10800]);
  expect(publisher.video).toHaveLength(3);
  expect(publisher.videoFormats).toHaveLength(1);
});

test("other tracks and codecs that cannot be passed on are named once, in words", () => {
  const streams = [
    track(0x02, 0x110),
    H264,
    track(0x24, 0x111),
    track(0x04, 0x112),
    AAC,
    track(0x06, 0x113, [{ tag: 0x6a, body: fromHex("00") }]),
    track(0x06, 0x114, [registration("Opus")]),
    track(0x06, 0x115, [{ tag: 0x59, body: fromHex("00") }]), // subtitles
    track(0x86, 0x116), // splice information
  ];
  const { publisher, take, writer, video, audio } = start(streams);
  take(writer.tables(streams, { version: 1 }));
  video(0, SPS, PPS, IDR);
  audio(0, adts(1, 10));
  expect(publisher.video).toHaveLength(1);
  expect(publisher.audio).toHaveLength(1);
  expect(publisher.notices).toEqual([
    "The picture in MPEG-2 cannot be passed on; send H.264 or HEVC.",
    "Only the first video track is passed on; PID 273 (HEVC) is left out.",
    "The sound in MPEG audio cannot be passed on; send AAC or Opus.",
    "The sound in AC-3 cannot be passed on; send AAC or Opus.",
    "Only the first audio track is passed on; PID 276 (Opus) is left out.",
  ]);
});

test("of several programmes the first is shown, and its table followed where it moves", () => {
  const { publisher, take, writer, video } = start();
  const programs = [
    { number: 0, pid: 0x10 },
    { number: 7, pid: 0x1200 },
    { number: 8, pid: 0x1300 },
  ];
  take(writer.tables([H264], { version: 1, programs: programs.slice(1) }));
  take(writer.tables([H264], { version: 2, programs }));
  video(0, SPS, PPS, IDR);
  expect(publisher.video).toHaveLength(1);
  expect(publisher.notices).toEqual([
    "The encoder sends 2 programmes in one stream; only the first is shown.",
  ]);
});

test("a table whose CRC is wrong changes nothing", () => {
  const { publisher, take, writer, video, skipped } = start();
  const spoilt = writer.tables([AAC], { version: 1 });
  spoilt[188 + 20] = 0x55;
  take(spoilt);
  video(0, SPS, PPS, IDR);
  expect(publisher.video).toHaveLength(1);
  expect(skipped).toEqual(["pmt: the CRC is wrong"]);
});

test("sound that comes in bundles is told, with ffmpeg's cure", () => {
  const { publisher, audio } = start();
  for (let n = 0; n < 16; n++) {
    audio(n * 13440, joined(Array.from({ length: 7 }, (_, i) => adts(i, 20))));
  }
  expect(publisher.notices).toEqual([
    "The encoder sends the sound in bundles of 149 ms, so it comes that much after the picture. From ffmpeg the option -pes_payload_size 0 cures it.",
  ]);
});

test("a loss leaves out the picture that was begun; the next ones come", () => {
  const { publisher, source, take, writer, video, skipped } = start();
  video(0, SPS, PPS, IDR);
  const second = writer.pes(VIDEO, 3600, annexB(SLICE, new Uint8Array(2000).fill(0x41)), { isSized: true });
  take(second.subarray(0, 5 * 188));
  source.lost();
  take(second.subarray(7 * 188));
  video(7200, SLICE);
  expect(publisher.video.map(({ pts }) => pts)).toEqual([0, 7200]);
  expect(skipped).toEqual(["a picture was left out: bytes were lost on the way"]);
});

test("a frame of sound that went on in a packet that is missing is left out, and none is made of its halves", () => {
  const { publisher, audio, writer } = start();
  const stream = joined([adts(1, 100), adts(2, 400), adts(3, 100)]);
  audio(0, stream.subarray(0, 150)); // the second frame begins in it
  writer.pes(AUDIO, 3000, stream.subarray(150, 300), { isSized: true }); // never sent
  audio(6000, stream.subarray(300)); // the second frame's end, and the third
  expect(publisher.audio.map(({ pts, payload }) => [payload[0], payload.length, pts])).toEqual([
    [1, 100, 0],
    [3, 100, 6000],
  ]);
});

test("pictures that cannot be read are left out and told, the first eight times", () => {
  const { publisher, take, writer, skipped } = start();
  for (let n = 0; n < 20; n++) take(writer.pes(VIDEO, 0, fromHex("010203"), { isSized: true }));
  expect(publisher.video).toEqual([]);
  expect(skipped).toHaveLength(8);
  expect(skipped[0]).toBe("a picture was left out: nal: no start code (at byte 0)");
});

test("a scrambled stream is told in words", () => {
  const { publisher, take, writer } = start();
  const bytes = writer.pes(VIDEO, 0, annexB(SPS, PPS, IDR), { isSized: true });
  bytes[3] = (bytes[3] ?? 0) | 0x80;
  take(bytes);
  expect(publisher.video).toEqual([]);
  expect(publisher.notices[0]).toContain("scrambled");
});

test("what is not MPEG-TS is refused", () => {
  const { source } = startReplay();
  const random = mulberry32(3);
  const noise = () => Uint8Array.from({ length: 1316 }, () => Math.floor(random() * 256));
  expect(() => {
    for (let n = 0; n < 100; n++) source.take(noise(), n, false);
  }).toThrow("this is no MPEG-TS");
});

test("the last frame of a stream is handed on at its end", () => {
  const { publisher, source, take, writer } = start();
  take(writer.pes(VIDEO, 0, annexB(SPS, PPS, IDR)));
  take(writer.pes(VIDEO, 3600, annexB(SLICE)));
  expect(publisher.video).toHaveLength(1);
  source.end(99);
  expect(publisher.video.map(({ arrivedAtMs }) => arrivedAtMs)).toEqual([3, 99]);
});
