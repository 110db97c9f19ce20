import { fromHex } from "../hex.js";
import type { PictureFormat } from "./picture.js";

/** What real encoders write (FFmpeg 5.1 with x264, x265, libaom, SVT-AV1 and libvpx) and what was asked of them. */
export type PictureCase = readonly [name: string, bytes: Uint8Array, format: PictureFormat];

/** At least one. */
export type PictureCases = readonly [PictureCase, ...PictureCase[]];

/** Sequence parameter sets of H.264. */
export const H264_CASES: PictureCases = [
  [
    "x264 1080p25 High BT.709, B-frames",
    fromHex("67640028acd940780227e5c05a808080a0000003002000000641e30632c0"),
    {
      profile: "High",
      width: 1920,
      height: 1080,
      frameRate: 25,
      bitDepth: 8,
      chroma: "4:2:0",
      reorderFrames: 2,
      colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false },
    },
  ],
  [
    "x264 1080p 23.976 High 4:2:2 10-bit intra",
    fromHex("677a1028b6cb80f0044fc4e02d4040405000003e90000bb80040"),
    {
      profile: "High 4:2:2 Intra",
      width: 1920,
      height: 1080,
      frameRate: 23.976023976023978,
      bitDepth: 10,
      chroma: "4:2:2",
      reorderFrames: 0,
      colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false },
    },
  ],
  [
    "x264 UHD High 4:4:4 10-bit PQ",
    fromHex("67f4003490d96803c0043ec05a848804a0000003002000000c81e30654"),
    {
      profile: "High 4:4:4 Predictive",
      width: 3840,
      height: 2160,
      frameRate: 50,
      bitDepth: 10,
      chroma: "4:4:4",
      reorderFrames: 0,
      colour: { primaries: 9, transfer: 16, matrix: 9, fullRange: false },
    },
  ],
  [
    "x264 1080i25 with MBAFF",
    fromHex("67640028acd94078044fde0220000003002000000643e2c5b2c0"),
    {
      profile: "High",
      width: 1920,
      height: 1080,
      frameRate: 25,
      bitDepth: 8,
      chroma: "4:2:0",
      reorderFrames: 2,
      colour: null,
    },
  ],
  [
    "x264 Baseline 640x360, untagged",
    fromHex("6742c01ed900a02ff970110000030001000003003c0f162e48"),
    {
      profile: "Constrained Baseline",
      width: 640,
      height: 360,
      frameRate: 30,
      bitDepth: 8,
      chroma: "4:2:0",
      reorderFrames: 0,
      colour: null,
    },
  ],
  [
    "x264 full range",
    fromHex("6764000dacd941419f9f016c80000003008000001e078a14cb"),
    {
      profile: "High",
      width: 320,
      height: 180,
      frameRate: 30,
      bitDepth: 8,
      chroma: "4:2:0",
      reorderFrames: 2,
      colour: { primaries: 2, transfer: 2, matrix: 2, fullRange: true },
    },
  ],
  [
    "x264 CBR with HRD",
    fromHex("67640020acb200a00b760220000003002000000f1c4c001e848003d09c9a700f183248"),
    {
      profile: "High",
      width: 1280,
      height: 720,
      frameRate: 60,
      bitDepth: 8,
      chroma: "4:2:0",
      reorderFrames: 0,
      colour: null,
    },
  ],
  [
    "x264 custom scaling lists",
    fromHex("6764000dacd94141fb011000000300100000030320f1429960"),
    {
      profile: "High",
      width: 320,
      height: 240,
      frameRate: 25,
      bitDepth: 8,
      chroma: "4:2:0",
      reorderFrames: 2,
      colour: null,
    },
  ],
  [
    "x264 gray",
    fromHex("6764000df365054678f8bc05b2000003000200000300641e28532c"),
    {
      profile: "High",
      width: 322,
      height: 182,
      frameRate: 25,
      bitDepth: 8,
      chroma: "4:0:0",
      reorderFrames: 2,
      colour: { primaries: 2, transfer: 2, matrix: 2, fullRange: true },
    },
  ],
];

/** Sequence parameter sets of H.265. */
export const H265_CASES: PictureCases = [
  [
    "x265 1080p25 Main 10 PQ",
    fromHex(
      "420101022000000300900000030000030078a003c0801107cad965654a4c2f016a12201208000003000800000300c840",
    ),
    {
      profile: "Main 10",
      width: 1920,
      height: 1080,
      bitDepth: 10,
      chroma: "4:2:0",
      reorderFrames: 2,
      frameRate: 25,
      colour: { primaries: 9, transfer: 16, matrix: 9, fullRange: false },
    },
  ],
  [
    "x265 4:2:2 10-bit without B-frames",
    fromHex("4201010408000003009d0800000300005db00280802d1365ba4a4c2f016a0202020800001f480002ee0040"),
    {
      profile: "Range Extensions",
      width: 1280,
      height: 720,
      bitDepth: 10,
      chroma: "4:2:2",
      reorderFrames: 0,
      frameRate: 23.976023976023978,
      colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false },
    },
  ],
  [
    "x265 8-bit untagged 1000x562",
    fromHex("42010101600000030090000003000003005da007e2009072c46595952930bc05a02000000300200000030321"),
    {
      profile: "Main",
      width: 1000,
      height: 562,
      bitDepth: 8,
      chroma: "4:2:0",
      reorderFrames: 2,
      frameRate: 25,
      colour: null,
    },
  ],
  [
    "x265 scaling lists and HRD",
    fromHex(
      "42010101600000030090000003000003003fa005020171f2e5959529385e02d01000000300100000030196014965e000f424001e8488",
    ),
    {
      profile: "Main",
      width: 640,
      height: 360,
      bitDepth: 8,
      chroma: "4:2:0",
      reorderFrames: 2,
      frameRate: 25,
      colour: null,
    },
  ],
];

/** Sequence header OBUs of AV1, without size field. */
export const AV1_CASES: PictureCases = [
  [
    "aom 1080p 10-bit BT.709",
    fromHex("0800000042abbfc3732be540404041"),
    {
      profile: "Main",
      width: 1920,
      height: 1080,
      frameRate: null,
      reorderFrames: 0,
      bitDepth: 10,
      chroma: "4:2:0",
      colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false },
    },
  ],
  [
    "aom 4:4:4 8-bit",
    fromHex("08200000043cfeccdaf902"),
    {
      profile: "High",
      width: 320,
      height: 180,
      frameRate: null,
      reorderFrames: 0,
      bitDepth: 8,
      chroma: "4:4:4",
      colour: null,
    },
  ],
  [
    "aom 4:2:2 12-bit",
    fromHex("08400000043cfeccdaf96220"),
    {
      profile: "Professional",
      width: 320,
      height: 180,
      frameRate: null,
      reorderFrames: 0,
      bitDepth: 12,
      chroma: "4:2:2",
      colour: null,
    },
  ],
  [
    "svt with timing",
    fromHex("080000000cc4ff673efe4010"),
    {
      profile: "Main",
      width: 640,
      height: 360,
      frameRate: null,
      reorderFrames: 0,
      bitDepth: 8,
      chroma: "4:2:0",
      colour: null,
    },
  ],
];

/** The first bytes of VP9 key frames. */
export const VP9_CASES: PictureCases = [
  [
    "libvpx 4:2:0 8-bit BT.709",
    fromHex("824983424077f043760638241c184a18007447d8"),
    {
      profile: "Profile 0",
      width: 1920,
      height: 1080,
      frameRate: null,
      reorderFrames: 0,
      bitDepth: 8,
      chroma: "4:2:0",
      colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false },
    },
  ],
  [
    "libvpx 4:4:4 10-bit",
    fromHex("b124c1a100009f8059b031c120e0c2c000078047"),
    {
      profile: "Profile 3",
      width: 320,
      height: 180,
      frameRate: null,
      reorderFrames: 0,
      bitDepth: 10,
      chroma: "4:4:4",
      colour: null,
    },
  ],
];
