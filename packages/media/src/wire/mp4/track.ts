import type { PictureChroma, PictureColour, PictureFormat } from "../codecs/picture.js";

/** Units a second of every video track: the clock that RTP and MPEG-TS count in too. */
export const VIDEO_TIMESCALE = 90_000;

/** What a decoder is set up with, by the name of the sample entry. */
export type VideoSetup =
  /** SPS and PPS. */
  | { readonly entry: "avc1"; readonly sets: readonly Uint8Array[] }
  /** VPS, SPS and PPS. */
  | { readonly entry: "hvc1"; readonly sets: readonly Uint8Array[] }
  /** The sequence header OBU, without its size field. */
  | { readonly entry: "av01"; readonly sequenceHeader: Uint8Array }
  | { readonly entry: "vp09"; readonly profile: number; readonly frameRate: number | null };

/** A video track: 90,000 units a second. */
export type VideoTrack = {
  readonly kind: "video";
  readonly id: number;
  readonly setup: VideoSetup;
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  readonly chroma: PictureChroma;
  readonly colour: PictureColour | null;
  readonly sampleAspectRatio: PictureFormat["sampleAspectRatio"];
};

/** An audio track: as many units a second as its sample rate. */
export type AudioTrack = {
  readonly kind: "audio";
  readonly id: number;
  readonly setup:
    | { readonly entry: "mp4a"; readonly audioSpecificConfig: Uint8Array }
    | { readonly entry: "Opus" };
  readonly sampleRate: number;
  readonly channels: number;
};

/** A track of a file. */
export type Track = VideoTrack | AudioTrack;
