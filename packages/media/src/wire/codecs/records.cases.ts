import { fromHex } from "../hex.js";
import { AV1_CASES, H264_CASES, H265_CASES, VP9_CASES } from "./picture.cases.js";

const sps = H264_CASES[0][1];
const pps = fromHex("68ebe3cb22c0");
const spsBytes = [sps.length >> 8, sps.length & 255, ...sps];
const ppsBytes = [0, pps.length, ...pps];

/** avcC records: what is said, the bytes. */
export const AVC_RECORDS = {
  "one SPS and one PPS": Uint8Array.of(1, 0x64, 0, 0x28, 0xff, 0xe1, ...spsBytes, 1, ...ppsBytes),
  "two SPS, High profile extension": Uint8Array.of(
    ...[1, 0x64, 0, 0x28, 0xff, 0xe2, ...spsBytes, ...spsBytes, 1, ...ppsBytes, 0xfd, 0xf8, 0xf8, 0],
  ),
  "no parameter sets": Uint8Array.of(1, 0x64, 0, 0x28, 0xff, 0xe0, 0),
  "lengths of one byte": Uint8Array.of(1, 0x64, 0, 0x28, 0xfc, 0xe1, ...spsBytes, 1, ...ppsBytes),
} as const;

const vps = fromHex("40010c01ffff022000000300900000030000030078959809");
const spsHevc = H265_CASES[0][1];
const ppsHevc = fromHex("4401c172b46240");
const array = (type: number, unit: Uint8Array) => [
  0x80 | type,
  0,
  1,
  unit.length >> 8,
  unit.length & 255,
  ...unit,
];

/** An hvcC record as FFmpeg writes it. */
export const HEVC_RECORD = Uint8Array.of(
  ...[1, 2, 0x20, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 120, 0xf0, 0, 0xfc, 0xfd, 0xfa, 0xfa, 0, 0, 0x0f, 3],
  ...[...array(32, vps), ...array(33, spsHevc), ...array(34, ppsHevc)],
);

const obu = AV1_CASES[0][1];

/** An av1C record: the sequence header in it has a size field. */
export const AV1_RECORD = Uint8Array.of(0x81, 0x08, 0x4c, 0, 0x0a, obu.length - 1, ...obu.subarray(1));

/** vpcC: 4:2:2 8 bit BT.709, with the box's version as FFmpeg sends it, and bare. */
export const VP9_RECORDS = {
  "with version and flags": fromHex("01000000 01 0a 84 01 01 01 0000"),
  bare: fromHex("01 0a 84 01 01 01 0000"),
} as const;

/** All records and sets together, to begin mutations with. */
export const VP9_FRAMES: readonly Uint8Array[] = VP9_CASES.map(([, bytes]) => bytes);
