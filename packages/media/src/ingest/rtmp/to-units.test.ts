import { expect, test } from "vitest";
import { writeAvcConfig } from "../../wire/codecs/h264.js";
import { H264_CASES, H265_CASES } from "../../wire/codecs/picture.cases.js";
import { AVC_RECORDS, HEVC_RECORD } from "../../wire/codecs/records.cases.js";
import { fromHex } from "../../wire/hex.js";
import { amfObject, writeAmf0 } from "../../wire/rtmp/amf0.js";
import { joined } from "../../wire/rtmp/enhanced.js";
import { startRecordingHub } from "./recording-hub.js";
import { toUnits } from "./to-units.js";

const AVC = AVC_RECORDS["one SPS and one PPS"];
const PPS = fromHex("68ebe3cb22c0");
const IDR = Uint8Array.of(0x65, 0x88, 0x84);
const SLICE = Uint8Array.of(0x41, 0x9a, 0x02);

function start() {
  const { hub, publishers } = startRecordingHub();
  const source = { protocol: "rtmp", address: null, encoder: null } as const;
  const publication = hub.publish("room", {
    source,
    end: () => {},
    isDead: () => false,
    requestKeyframe: null,
    link: () => null,
  });
  const [publisher] = publishers;
  if (publication === "already-live" || publisher === undefined) throw new Error("not let in");
  const warnings: string[] = [];
  const units = toUnits(publication, (reason) => warnings.push(reason));
  let arrivedAtMs = 0;
  const video = (timestamp: number, tag: Uint8Array) => {
    arrivedAtMs += 40;
    units.take({ kind: "video", timestamp, tag }, arrivedAtMs);
  };
  const audio = (timestamp: number, tag: Uint8Array) =>
    units.take({ kind: "audio", timestamp, tag }, arrivedAtMs);
  return { publisher, warnings, video, audio, units };
}

const config = (record: Uint8Array) => joined([fromHex("17 00 000000"), record]);
const prefixed = (...nalus: Uint8Array[]) =>
  joined(nalus.flatMap((unit) => [Uint8Array.of(0, 0, 0, unit.length), unit]));
const i24 = (value: number) => Uint8Array.of((value >> 16) & 255, (value >> 8) & 255, value & 255);
const key = (...nalus: Uint8Array[]) => joined([fromHex("17 01 000000"), prefixed(...nalus)]);
const inter = (compositionMs = 0) => joined([fromHex("27 01"), i24(compositionMs), prefixed(SLICE)]);

test("a format comes before the first unit and again only when the parameter sets change", () => {
  const { publisher, video } = start();
  video(0, config(AVC));
  expect(publisher.videoFormats).toEqual([]);
  video(0, key(IDR));
  video(40, config(AVC));
  video(40, inter());
  expect(publisher.videoFormats).toHaveLength(1);
  const other = writeAvcConfig({ lengthSize: 4, sps: [H264_CASES[4]?.[1] ?? IDR], pps: [PPS] });
  video(80, config(other));
  video(80, key(IDR));
  expect(publisher.videoFormats.map((format) => format.width)).toEqual([1920, 640]);
});

test("parameter sets only in band are taken from the keyframe, and repeated ones are no change", () => {
  const { publisher, video } = start();
  const sps = H264_CASES[0]?.[1] ?? IDR;
  video(0, inter());
  expect(publisher.video).toEqual([]);
  expect(publisher.notices[0]).toContain("without parameter sets");
  video(40, config(AVC_RECORDS["no parameter sets"]));
  video(40, key(sps, PPS, IDR));
  video(80, key(sps, PPS, IDR));
  expect(publisher.videoFormats).toHaveLength(1);
  expect(publisher.videoFormats[0]?.parameterSets).toEqual([sps, PPS]);
  expect(publisher.video.map((unit) => unit.units.length)).toEqual([3, 3]);
});

test("HEVC under H.264's codec id is told by its record", () => {
  const { publisher, video } = start();
  video(0, config(HEVC_RECORD));
  video(0, key(Uint8Array.of(0x26, 1, 0xaf)));
  expect(publisher.videoFormats[0]).toMatchObject({ codec: "h265", profile: "Main 10" });
  expect(publisher.video[0]?.isKeyframe).toBe(true);
});

test("several SPS are all handed on, the first one describes the picture", () => {
  const { publisher, video } = start();
  const sets = [H264_CASES[0]?.[1] ?? IDR, H264_CASES[4]?.[1] ?? IDR];
  video(0, config(writeAvcConfig({ lengthSize: 4, sps: sets, pps: [PPS] })));
  video(0, key(IDR));
  expect(publisher.videoFormats[0]?.parameterSets.length).toBeGreaterThanOrEqual(2);
});

test("negative composition times are kept", () => {
  const { publisher, video } = start();
  video(0, config(AVC));
  video(0, key(IDR));
  video(40, inter(-40));
  expect(publisher.video.map((unit) => unit.pts / 90)).toEqual([0, 0]);
});

test("reordering that the bitstream leaves open is found from composition times", () => {
  const { publisher, video } = start();
  const open = fromHex("6764000dacd9414199"); // High, POC type 0, 320x192, no VUI: what hardware encoders send
  video(0, config(writeAvcConfig({ lengthSize: 4, sps: [open], pps: [PPS] })));
  video(0, key(IDR));
  video(40, inter(80));
  expect(publisher.videoFormats.map((format) => format.reorderFrames)).toEqual([0]);
  video(80, inter(0));
  video(120, inter(0));
  expect(publisher.videoFormats.map((format) => format.reorderFrames)).toEqual([0, 1]);
});

test("Annex B inside FLV is split too", () => {
  const { publisher, video } = start();
  video(0, config(AVC));
  video(0, joined([fromHex("17 01 000000 00000001 0910 00000001"), IDR]));
  expect(publisher.video[0]?.units).toEqual([Uint8Array.of(9, 16), IDR]);
});

test("empty NAL units and empty messages are left out", () => {
  const { publisher, video, audio, warnings } = start();
  video(0, config(AVC));
  video(0, joined([fromHex("17 01 000000 00000000"), prefixed(IDR)]));
  video(40, fromHex("27 01 000000 00000000"));
  video(80, new Uint8Array(0));
  audio(80, new Uint8Array(0));
  expect(publisher.video.map((unit) => unit.units)).toEqual([[IDR]]);
  expect(warnings).toEqual([]);
});

test("tags that cannot be read are skipped; the hundredth without a hundred good ones between ends the session", () => {
  const { publisher, video, warnings } = start();
  const bad = fromHex("27 01 000000 000000ff 01");
  video(0, config(AVC));
  for (let n = 0; n < 99; n++) video(0, bad);
  for (let n = 0; n < 101; n++) video(40 * n, inter());
  expect(publisher.video).toHaveLength(101);
  expect(warnings).toHaveLength(3);
  for (let n = 0; n < 99; n++) video(0, bad);
  expect(() => video(0, bad)).toThrow("100 tags could not be read");
});

test("codecs that are not ours are named once", () => {
  const { publisher, video, audio } = start();
  for (let n = 0; n < 5; n++) {
    video(0, fromHex("12 00"));
    video(0, fromHex("90 76766331 00"));
    audio(0, fromHex("2f 00"));
    audio(0, fromHex("91 61632d33 00"));
  }
  expect(publisher.notices).toEqual([
    "The encoder sends video codec id 2, which is not supported.",
    "The encoder sends video as vvc1, which is not supported.",
    "The encoder sends audio format 2, which is not supported.",
    "The encoder sends audio as ac-3, which is not supported.",
  ]);
});

test("notices are bounded, and what an encoder writes into them is printable", () => {
  const { publisher, video } = start();
  for (let n = 0; n < 100; n++) video(0, Uint8Array.of(0x90, 0x1b, n, 0x80, 0x41, 0));
  expect(publisher.notices).toHaveLength(16);
  expect(publisher.notices.every((text) => /^[\x20-\x7e]*$/.test(text))).toBe(true);
});

test("an end of sequence ends nothing, a repeated AAC configuration changes nothing", () => {
  const { publisher, video, audio } = start();
  video(0, config(AVC));
  video(0, key(IDR));
  video(40, fromHex("17 02 000000"));
  video(40, inter());
  for (let n = 0; n < 3; n++) {
    audio(23 * n, fromHex("af 00 1190"));
    audio(23 * n, fromHex("af 01 2110"));
  }
  expect(publisher.video).toHaveLength(2);
  expect(publisher.audioFormats).toEqual([
    { codec: "aac", sampleRate: 48000, channels: 2, config: fromHex("1190") },
  ]);
  expect(publisher.closed).toBeNull();
});

test("AAC without its configuration is named; Opus without OpusHead takes the channels it is told", () => {
  const { publisher, audio } = start();
  audio(0, fromHex("af 01 2110"));
  expect(publisher.notices[0]).toContain("AAC without its configuration");
  audio(0, fromHex("94 4f707573 00 06"));
  audio(0, fromHex("91 4f707573 fc"));
  expect(publisher.audioFormats).toMatchObject([{ codec: "opus", channels: 6 }]);
});

test("metadata that calls the colour otherwise than the bitstream is told to the studio", () => {
  const { publisher, video } = start();
  const colour = (primaries: number, transfer: number, matrix: number) => {
    const colorConfig = amfObject({
      colorPrimaries: primaries,
      transferCharacteristics: transfer,
      matrixCoefficients: matrix,
    });
    return joined([fromHex("94 68766331"), writeAmf0(["colorInfo", amfObject({ colorConfig })])]);
  };
  video(0, joined([fromHex("90 68766331"), HEVC_RECORD]));
  video(0, colour(9, 16, 9));
  expect(publisher.notices).toEqual([]);
  video(0, colour(1, 1, 1));
  expect(publisher.notices).toEqual([
    "The encoder's metadata calls the colour 1-1-1, its bitstream says 9-16-9.",
  ]);
  expect(H265_CASES[0]?.[2].colour?.primaries).toBe(9);
});
