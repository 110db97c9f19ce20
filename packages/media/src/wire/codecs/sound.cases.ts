import { fromHex } from "../hex.js";
import type { AacConfig } from "./aac.js";
import type { OpusHead } from "./opus.js";

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
