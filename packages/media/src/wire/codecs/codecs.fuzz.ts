import { isDeepStrictEqual } from "node:util";
import type { FuzzTarget } from "../fuzz.js";
import { parseAacConfig } from "./aac.js";
import { aacConfigOfAdts, parseAdtsHeader, writeAdtsHeader } from "./adts.js";
import { isAv1Keyframe, parseAv1Config, parseAv1Sequence, splitObus } from "./av1.js";
import { isH264Keyframe, parseAvcConfig, parseH264Sps } from "./h264.js";
import { isH265Keyframe, parseH265Sps, parseHevcConfig } from "./h265.js";
import { parseLatmElement } from "./latm.js";
import { splitAnnexB, splitLengthPrefixed, toRbsp } from "./nal-units.js";
import { parseOpusHead, writeOpusHead } from "./opus.js";
import { parseOpusTs, writeOpusTs } from "./opus-ts.js";
import { AV1_CASES, H264_CASES, H265_CASES, VP9_CASES } from "./picture.cases.js";
import type { PictureFormat } from "./picture.js";
import { AV1_RECORD, AVC_RECORDS, HEVC_RECORD, VP9_RECORDS } from "./records.cases.js";
import { AAC_CASES, ADTS_CASES, LATM_CASES, OPUS_CASES, OPUS_TS_CASES } from "./sound.cases.js";
import { parseVp9Config, parseVp9Header } from "./vp9.js";

/** No accepted parameter set may promise a picture that cannot be. */
function check(format: PictureFormat): void {
  const { width, height, bitDepth, reorderFrames } = format;
  if (!(width > 0 && width <= 65536 && height > 0 && height <= 65536)) throw new Error(`${width}x${height}`);
  if (!(bitDepth >= 8 && bitDepth <= 16)) throw new Error(`bit depth ${bitDepth}`);
  if (reorderFrames !== null && (reorderFrames < 0 || reorderFrames > 16))
    throw new Error(`reorder ${reorderFrames}`);
}

function noEmptyUnits(units: readonly Uint8Array[]): void {
  if (units.some((unit) => unit.length === 0)) throw new Error("an empty unit");
}

const bytesOf = (cases: readonly (readonly [string, Uint8Array, ...unknown[]])[]) =>
  cases.map(([, bytes]) => bytes);
const annexB = Uint8Array.of(
  ...[0, 0, 0, 1, 9, 16, 0, 0, 0, 1],
  ...H264_CASES[0][1],
  0,
  0,
  1,
  0x65,
  0x88,
  0x84,
);
const prefixed = Uint8Array.of(0, 0, 0, 2, 9, 16, 0, 0, 0, 3, 0x65, 0x88, 0x84);
const temporalUnit = Uint8Array.of(0x12, 0, ...AV1_RECORD.subarray(4), 0x32, 3, 0x10, 0, 0x80);

/** Parameter sets, configuration records and framing of every codec. */
export const targets: readonly FuzzTarget[] = [
  { name: "h264 sps", seeds: bytesOf(H264_CASES), run: (input) => check(parseH264Sps(input)) },
  { name: "h265 sps", seeds: bytesOf(H265_CASES), run: (input) => check(parseH265Sps(input)) },
  {
    name: "av1 sequence header",
    seeds: bytesOf(AV1_CASES),
    run: (input) => check(parseAv1Sequence(input).format),
  },
  {
    name: "vp9 header",
    seeds: bytesOf(VP9_CASES),
    run(input) {
      const { format } = parseVp9Header(input);
      if (format !== null) check(format);
    },
  },
  {
    name: "avcC",
    seeds: Object.values(AVC_RECORDS),
    run: (input) => noEmptyUnits(parseAvcConfig(input).sps),
  },
  { name: "hvcC", seeds: [HEVC_RECORD], run: (input) => noEmptyUnits(parseHevcConfig(input).sps) },
  { name: "av1C", seeds: [AV1_RECORD], run: (input) => void parseAv1Config(input) },
  { name: "vpcC", seeds: Object.values(VP9_RECORDS), run: (input) => void parseVp9Config(input) },
  {
    name: "nal units",
    seeds: [annexB, prefixed],
    run(input) {
      const units =
        input[0] === 0 && input[1] === 0 && input[2] === 0 && input[3] === 1
          ? splitAnnexB(input)
          : splitLengthPrefixed(input, 4);
      noEmptyUnits(units);
      for (const unit of units) toRbsp(unit);
      isH264Keyframe(units, true);
      isH265Keyframe(units);
    },
  },
  {
    name: "av1 temporal unit",
    seeds: [temporalUnit],
    run(input) {
      const obus = splitObus(input);
      noEmptyUnits(obus);
      isAv1Keyframe(obus, null);
    },
  },
  {
    name: "aac config",
    seeds: bytesOf(AAC_CASES),
    run(input) {
      const { channels, sampleRate } = parseAacConfig(input);
      if (channels < 1 || channels > 48 + 48 + 3) throw new Error(`${channels} channels`);
      if (sampleRate < 1000 || sampleRate > 192_000) throw new Error(`${sampleRate} Hz`);
    },
  },
  {
    name: "opus head",
    seeds: bytesOf(OPUS_CASES),
    run(input) {
      const head = parseOpusHead(input);
      const again = parseOpusHead(writeOpusHead(head));
      if (JSON.stringify(again) !== JSON.stringify(head)) throw new Error("written differently");
    },
  },
  {
    name: "adts header",
    seeds: bytesOf(ADTS_CASES),
    run(input) {
      const header = parseAdtsHeader(input);
      if (!isDeepStrictEqual(parseAdtsHeader(writeAdtsHeader(header)), header))
        throw new Error("written differently");
      aacConfigOfAdts(header);
    },
  },
  {
    name: "latm element",
    seeds: bytesOf(LATM_CASES),
    run(input) {
      const element = parseLatmElement(input, null);
      noEmptyUnits(element?.frames ?? []);
      if (element !== null) parseLatmElement(input, element.config);
    },
  },
  {
    name: "opus in ts",
    seeds: bytesOf(OPUS_TS_CASES),
    run(input) {
      const units = parseOpusTs(input);
      noEmptyUnits(units.map(({ packet }) => packet));
      if (!isDeepStrictEqual(parseOpusTs(writeOpusTs(units)), units)) throw new Error("written differently");
    },
  },
];
