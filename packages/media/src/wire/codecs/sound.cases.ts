import { fromHex } from "../hex.js";
import type { AacConfig } from "./aac.js";
import type { AdtsHeader } from "./adts.js";
import type { LatmElement } from "./latm.js";
import type { OpusHead } from "./opus.js";
import type { OpusTsUnit } from "./opus-ts.js";

/** AudioSpecificConfigs of encoders and of ISO/IEC 14496-3. */
export const AAC_CASES: readonly (readonly [name: string, bytes: Uint8Array, value: AacConfig])[] = [
  ["AAC-LC 44.1 kHz stereo", fromHex("1210"), { objectType: 2, sampleRate: 44100, channels: 2, sbr: false }],
  ["AAC-LC 48 kHz mono", fromHex("1188"), { objectType: 2, sampleRate: 48000, channels: 1, sbr: false }],
  ["AAC-LC 48 kHz 5.1", fromHex("11b0"), { objectType: 2, sampleRate: 48000, channels: 6, sbr: false }],
  ["AAC-LC 48 kHz 7.1", fromHex("11b8"), { objectType: 2, sampleRate: 48000, channels: 8, sbr: false }],
  [
    "FFmpeg's, with the sync extension saying no SBR",
    fromHex("119056e500"),
    { objectType: 2, sampleRate: 48000, channels: 2, sbr: false },
  ],
  [
    "HE-AAC by sync extension, 24 to 48 kHz",
    fromHex("131056e598"),
    { objectType: 2, sampleRate: 48000, channels: 2, sbr: true },
  ],
  [
    "HE-AAC explicit, 22.05 to 44.1 kHz",
    fromHex("2b920800"),
    { objectType: 2, sampleRate: 44100, channels: 2, sbr: true },
  ],
  [
    "HE-AAC v2 explicit: mono becomes stereo",
    fromHex("eb8a0800"),
    { objectType: 2, sampleRate: 44100, channels: 2, sbr: true },
  ],
  [
    "a frequency written out: 50 kHz",
    fromHex("178061a810"),
    { objectType: 2, sampleRate: 50000, channels: 2, sbr: false },
  ],
  [
    "channels in a program config element: 5.1",
    fromHex("118004c8050001190000"),
    { objectType: 2, sampleRate: 48000, channels: 6, sbr: false },
  ],
];

/** Identification headers. */
export const OPUS_CASES: readonly (readonly [name: string, bytes: Uint8Array, value: OpusHead])[] = [
  [
    "stereo, mapping family 0",
    fromHex("4f707573486561640102380180bb0000000000"),
    { channels: 2, preSkip: 312, mappingFamily: 0, mapping: null },
  ],
  [
    "5.1, mapping family 1",
    fromHex("4f707573486561640106380180bb00000000010402000401020305"),
    {
      channels: 6,
      preSkip: 312,
      mappingFamily: 1,
      mapping: { streams: 4, coupled: 2, channels: Uint8Array.of(0, 4, 1, 2, 3, 5) },
    },
  ],
];

/** Headers of ADTS frames, as they are written here: buffer fullness 0x7ff, a CRC of 0. */
export const ADTS_CASES: readonly (readonly [name: string, bytes: Uint8Array, value: AdtsHeader])[] = [
  [
    "ffmpeg's, AAC-LC 48 kHz stereo",
    fromHex("fff14c80 0bbffc"),
    { profile: 1, sampleRate: 48000, channelConfiguration: 2, frameBytes: 93, headerBytes: 7, blocks: 1 },
  ],
  [
    "with a CRC, 44.1 kHz 5.1, the longest frame",
    fromHex("fff05183 fffffc 0000"),
    { profile: 1, sampleRate: 44100, channelConfiguration: 6, frameBytes: 8191, headerBytes: 9, blocks: 1 },
  ],
  [
    "channels in the frame, four blocks",
    fromHex("fff14c00 7fffff"),
    { profile: 1, sampleRate: 48000, channelConfiguration: 0, frameBytes: 1023, headerBytes: 7, blocks: 4 },
  ],
];

/** Elements of a LOAS stream without their header, each with its own configuration. */
export const LATM_CASES: readonly (readonly [name: string, bytes: Uint8Array, value: LatmElement])[] = [
  [
    "as FFmpeg's: audioMuxVersion 0, AAC-LC 48 kHz stereo",
    fromHex("200011901fe01d0d9618"),
    {
      config: {
        aac: { objectType: 2, sampleRate: 48000, channels: 2, sbr: false },
        config: fromHex("1190"),
        frames: 1,
        otherBits: 0,
      },
      frames: [fromHex("a1b2c3")],
    },
  ],
  [
    "audioMuxVersion 1, two frames, other content and a checksum",
    fromHex("47fc1000809080ff8135a02dead01beff8"),
    {
      config: {
        aac: { objectType: 2, sampleRate: 44100, channels: 2, sbr: false },
        config: fromHex("1210"),
        frames: 2,
        otherBits: 9,
      },
      frames: [fromHex("dead"), fromHex("be")],
    },
  ],
  [
    "audioMuxVersion 0 with other content and a checksum",
    fromHex("200011901ff02c1c05dc"),
    {
      config: {
        aac: { objectType: 2, sampleRate: 48000, channels: 2, sbr: false },
        config: fromHex("1190"),
        frames: 1,
        otherBits: 5,
      },
      frames: [fromHex("77")],
    },
  ],
];

/** The payload of a PES of Opus. */
export const OPUS_TS_CASES: readonly (readonly [name: string, bytes: Uint8Array, value: OpusTsUnit[]])[] = [
  [
    "ffmpeg's, with its start trim",
    fromHex("7ff0 03 0138 788170"),
    [{ packet: fromHex("788170"), startTrim: 312, endTrim: null }],
  ],
  [
    "two packets, the second with an end trim",
    fromHex("7fe0 02 fc01 7fe8 01 00f0 fc"),
    [
      { packet: fromHex("fc01"), startTrim: null, endTrim: null },
      { packet: fromHex("fc"), startTrim: null, endTrim: 240 },
    ],
  ],
  [
    "a packet whose length takes two bytes",
    new Uint8Array([0x7f, 0xe0, 255, 5, ...new Array<number>(260).fill(0xfc)]),
    [{ packet: new Uint8Array(260).fill(0xfc), startTrim: null, endTrim: null }],
  ],
];
