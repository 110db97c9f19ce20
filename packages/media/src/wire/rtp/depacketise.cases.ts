import { packetiseAv1 } from "./av1.js";
import { depacketiseAv1 } from "./av1-depacketise.js";
import { packetiseH264 } from "./h264.js";
import { depacketiseH264 } from "./h264-depacketise.js";
import { packetiseH265 } from "./h265.js";
import { depacketiseH265 } from "./h265-depacketise.js";
import type { PayloadWriter } from "./payload-writer.js";
import { packetiseVp9 } from "./vp9.js";
import { depacketiseVp9 } from "./vp9-depacketise.js";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

/** Numbered bytes behind a header, so that a byte in the wrong place shows. */
const unit = (header: readonly number[], length: number) =>
  Uint8Array.from({ length }, (_, at) => header[at] ?? (at * 7 + length) & 0xff);

/** Around the size of a packet, and far above it. */
const SIZES = [3, 1196, 1197, 1198, 1199, 1200, 1201, 1202, 2398, 2399, 5000, 60_000];

/** A codec's two directions, and access units that go through both unchanged. */
export type DepacketiseCase = {
  readonly codec: "h264" | "h265" | "vp9" | "av1";
  readonly packetise: (units: readonly Uint8Array[], out: PayloadWriter) => void;
  readonly depacketise: (payloads: readonly Uint8Array[]) => Uint8Array[];
  readonly pictures: readonly (readonly Uint8Array[])[];
};

/** Every codec with pictures of many sizes. */
export const DEPACKETISE_CASES: readonly DepacketiseCase[] = [
  {
    codec: "h264",
    packetise: packetiseH264,
    depacketise: depacketiseH264,
    pictures: [
      [unit([0x09, 0xf0], 2), unit([0x67], 30), unit([0x68], 5), ...SIZES.map((size) => unit([0x65], size))],
      ...SIZES.map((size) => [unit([0x41], size)]),
    ],
  },
  {
    codec: "h265",
    packetise: packetiseH265,
    depacketise: depacketiseH265,
    pictures: [
      [
        unit([0x40, 1], 24),
        unit([0x42, 1], 60),
        unit([0x44, 1], 9),
        ...SIZES.map((size) => unit([0x26, 1], size)),
      ],
      ...SIZES.map((size) => [unit([0x02, 1], size)]),
    ],
  },
  {
    codec: "vp9",
    packetise: (units, out) => packetiseVp9(units, true, out),
    depacketise: depacketiseVp9,
    pictures: SIZES.map((size) => [unit([0x82], size)]),
  },
  {
    codec: "av1",
    packetise: (units, out) => packetiseAv1(units, true, out),
    depacketise: depacketiseAv1,
    pictures: [
      [unit([0x08], 12), ...SIZES.map((size) => unit([0x30], size))],
      ...SIZES.map((size) => [unit([0x30], size)]),
    ],
  },
];

/** Payloads as other senders write them, and what is in them. */
export const FOREIGN_CASES: readonly (readonly [
  string,
  DepacketiseCase["depacketise"],
  readonly Uint8Array[],
  readonly Uint8Array[],
])[] = [
  [
    "VP9 with a picture id of 15 bits, layer indices and a structure",
    depacketiseVp9,
    [bytes("aa 8123 00 05 18 0280 0168 01 04 01 82aabb"), bytes("a4 8123 00 05 ccdd")],
    [bytes("82aabbccdd")],
  ],
  ["VP9 in flexible mode with two references", depacketiseVp9, [bytes("dc 11 03 02 82ee")], [bytes("82ee")]],
  [
    "AV1 with a count of elements, the last without a length, and a size field within",
    depacketiseAv1,
    [bytes("28 03 0a 01 77 30 5566")],
    [bytes("0877"), bytes("305566")],
  ],
  [
    "AV1 continued over three packets",
    depacketiseAv1,
    [bytes("58 3001"), bytes("d0 02"), bytes("90 03")],
    [bytes("30010203")],
  ],
  ["H.264 with an empty unit among others", depacketiseH264, [bytes("78 0000 0002 6711")], [bytes("6711")]],
];

/** Payloads that make no picture, and what is said of them. */
export const BROKEN_CASES: readonly (readonly [
  string,
  DepacketiseCase["depacketise"],
  readonly Uint8Array[],
  RegExp,
])[] = [
  ["H.264 of interleaved mode", depacketiseH264, [bytes("79 0001 0001 67")], /type 25/],
  ["an H.264 fragment without its beginning", depacketiseH264, [bytes("7c 05 aa")], /without its beginning/],
  ["an H.264 fragment without its end", depacketiseH264, [bytes("7c 85 aa")], /ends within/],
  [
    "an H.264 unit within a fragmented one",
    depacketiseH264,
    [bytes("7c 85 aa"), bytes("41 aa")],
    /before the fragmented/,
  ],
  ["a length beyond the packet", depacketiseH264, [bytes("78 0009 67")], /wanted 9 bytes/],
  ["nothing", depacketiseH264, [new Uint8Array(0)], /wanted 1 bytes/],
  ["H.265's PACI", depacketiseH265, [bytes("64 01 00 00")], /type 50/],
  ["VP9's second spatial layer", depacketiseVp9, [bytes("2c 02 00 82")], /spatial layer 1/],
  ["VP9 without a beginning", depacketiseVp9, [bytes("04 82")], /without its beginning/],
  ["VP9 without an end", depacketiseVp9, [bytes("08 82")], /without its end/],
  ["AV1 that continues nothing", depacketiseAv1, [bytes("90 30")], /without its beginning/],
  ["AV1 that ends within an OBU", depacketiseAv1, [bytes("50 30")], /ends within/],
  ["AV1 with fewer elements than counted", depacketiseAv1, [bytes("20 01 30")], /1 OBU elements, expected 2/],
];
