import { expect, test } from "vitest";
import { ProtocolError } from "../protocol-error.js";
import { parseAacConfig, writeAacConfig } from "./aac.js";
import { isAv1Keyframe, obuType, parseAv1Config, parseAv1Sequence, splitObus } from "./av1.js";
import { isH264Keyframe, parseAvcConfig, parseH264Sps, writeAvcConfig } from "./h264.js";
import { isH265Keyframe, parseH265Sps, parseHevcConfig } from "./h265.js";
import { splitAnnexB, splitLengthPrefixed, startsWithStartCode, toRbsp } from "./nal-units.js";
import { parseOpusHead, writeOpusHead } from "./opus.js";
import { AV1_CASES, H264_CASES, H265_CASES, VP9_CASES } from "./picture.cases.js";
import { AV1_RECORD, AVC_RECORDS, HEVC_RECORD, VP9_RECORDS } from "./records.cases.js";
import { AAC_CASES, OPUS_CASES } from "./sound.cases.js";
import { parseVp9Config, parseVp9Header } from "./vp9.js";

test.each(H264_CASES)("H.264 SPS: %s", (_name, bytes, format) => {
  expect(parseH264Sps(bytes)).toEqual(format);
});

test.each(H265_CASES)("H.265 SPS: %s", (_name, bytes, format) => {
  expect(parseH265Sps(bytes)).toEqual(format);
});

test.each(AV1_CASES)("AV1 sequence header: %s", (_name, bytes, format) => {
  expect(parseAv1Sequence(bytes).format).toEqual(format);
});

test.each(VP9_CASES)("VP9 key frame: %s", (_name, bytes, format) => {
  expect(parseVp9Header(bytes)).toEqual({ isKeyframe: true, format });
});

test.each(AAC_CASES)("AudioSpecificConfig: %s", (_name, bytes, config) => {
  expect(parseAacConfig(bytes)).toEqual(config);
});

test.each(OPUS_CASES)("OpusHead: %s, read and written", (_name, bytes, head) => {
  expect(parseOpusHead(bytes)).toEqual(head);
  expect(writeOpusHead(head)).toEqual(bytes);
});

test("every prefix of a parameter set is refused or read, never run past", () => {
  for (const [, bytes] of H264_CASES) {
    for (let end = 0; end < bytes.length - 3; end++) {
      expect(() => parseH264Sps(bytes.subarray(0, end))).toThrow(ProtocolError);
    }
  }
});

test("an AudioSpecificConfig is written as encoders write it", () => {
  expect(writeAacConfig({ objectType: 2, sampleRate: 44100, channels: 2 })).toEqual(
    Uint8Array.of(0x12, 0x10),
  );
  expect(() => writeAacConfig({ objectType: 2, sampleRate: 44101, channels: 2 })).toThrow(RangeError);
});

test("an avcC gives its parameter sets and writes back to the same bytes", () => {
  const record = AVC_RECORDS["one SPS and one PPS"];
  const config = parseAvcConfig(record);
  expect(config.lengthSize).toBe(4);
  expect(config.sps).toEqual([H264_CASES[0]?.[1]]);
  expect(writeAvcConfig(config)).toEqual(record);
  expect(parseAvcConfig(AVC_RECORDS["two SPS, High profile extension"]).sps).toHaveLength(2);
  expect(parseAvcConfig(AVC_RECORDS["no parameter sets"]).sps).toEqual([]);
  expect(parseAvcConfig(AVC_RECORDS["lengths of one byte"]).lengthSize).toBe(1);
});

test("an hvcC is no avcC, and the other way round", () => {
  expect(() => parseAvcConfig(HEVC_RECORD)).toThrow(ProtocolError);
  expect(() => parseHevcConfig(AVC_RECORDS["one SPS and one PPS"])).toThrow(ProtocolError);
  const config = parseHevcConfig(HEVC_RECORD);
  expect([config.vps.length, config.sps.length, config.pps.length]).toEqual([1, 1, 1]);
});

test("an av1C gives its sequence header without size field", () => {
  expect(parseAv1Config(AV1_RECORD)).toEqual(AV1_CASES[0]?.[1]);
  expect(() => parseAv1Config(Uint8Array.of(0x80, 0, 0, 0))).toThrow("expected 0x81");
});

test.each(Object.entries(VP9_RECORDS))("a vpcC %s says bit depth, chroma and colour", (_name, bytes) => {
  const colour = { primaries: 1, transfer: 1, matrix: 1, fullRange: false };
  expect(parseVp9Config(bytes)).toEqual({ profile: "Profile 1", bitDepth: 8, chroma: "4:2:2", colour });
});

test("NAL units are split by start codes of three and four bytes, trailing zeros are no part of them", () => {
  const stream = Uint8Array.of(0, 0, 0, 1, 9, 16, 0, 0, 1, 0x65, 1, 0, 0, 0, 0, 1, 0x41, 2, 0, 0);
  expect(splitAnnexB(stream)).toEqual([Uint8Array.of(9, 16), Uint8Array.of(0x65, 1), Uint8Array.of(0x41, 2)]);
  expect(startsWithStartCode(stream)).toBe(true);
  expect(() => splitAnnexB(Uint8Array.of(1, 2, 3, 4))).toThrow("no start code");
});

test("NAL units are split by length, empty ones left out, cut-off ones refused", () => {
  expect(splitLengthPrefixed(Uint8Array.of(0, 1, 9, 0, 0, 0, 2, 0x65, 1), 2)).toEqual([
    Uint8Array.of(9),
    Uint8Array.of(0x65, 1),
  ]);
  expect(() => splitLengthPrefixed(Uint8Array.of(0, 0, 0, 9, 1), 4)).toThrow("a unit of 9 bytes, 1 left");
  expect(() => splitLengthPrefixed(Uint8Array.of(0, 0), 4)).toThrow("cut off");
  expect(() => splitLengthPrefixed(new Uint8Array(4096).fill(1), 1)).toThrow("more than 1024");
});

test("emulation prevention bytes are taken out, and only those", () => {
  expect(toRbsp(Uint8Array.of(0, 0, 3, 1, 0, 0, 3, 0, 0, 3, 0, 3))).toEqual(
    Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0, 3),
  );
});

test("a decoder can start at an IDR, at a recovery point that is called a keyframe, at an IRAP, at an AV1 key frame", () => {
  const recovery = Uint8Array.of(6, 6, 1, 0x84, 0x80);
  expect(isH264Keyframe([Uint8Array.of(9, 16), Uint8Array.of(0x65, 1)])).toBe(true);
  expect(isH264Keyframe([recovery, Uint8Array.of(0x41, 1)], true)).toBe(true);
  expect(isH264Keyframe([recovery, Uint8Array.of(0x41, 1)], false)).toBe(false);
  expect(isH264Keyframe([Uint8Array.of(0x41, 1)], true)).toBe(false);
  expect(isH265Keyframe([Uint8Array.of(0x26, 1)])).toBe(true); // IDR_W_RADL
  expect(isH265Keyframe([Uint8Array.of(0x2a, 1)])).toBe(true); // CRA
  expect(isH265Keyframe([Uint8Array.of(0x02, 1)])).toBe(false);
  expect(isAv1Keyframe([Uint8Array.of(0x30, 0x10)], null)).toBe(true);
  expect(isAv1Keyframe([Uint8Array.of(0x30, 0x30)], null)).toBe(false);
  expect(isAv1Keyframe([Uint8Array.of(0x30, 0x90)], null)).toBe(false); // show_existing_frame
});

test("OBUs lose their size field; temporal delimiters and padding are left out", () => {
  const unit = Uint8Array.of(0x12, 0, 0x36, 0x08, 2, 7, 8, 0x7a, 1, 0xff, 0x30, 1, 2, 3);
  const obus = splitObus(unit);
  expect(obus).toEqual([Uint8Array.of(0x34, 0x08, 7, 8), Uint8Array.of(0x30, 1, 2, 3)]);
  expect(obus.map(obuType)).toEqual([6, 6]);
  expect(() => splitObus(Uint8Array.of(0x32, 9, 1))).toThrow("wanted 9 bytes");
});
