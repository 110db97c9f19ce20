/** Ticks of the 90 kHz clock that every `pts` and `dts` counts in (RFC 6184 §8.2.1; ISO/IEC 13818-1 §2.4.3.7). */
export const TICKS_PER_MS = 90;

/** What the video track carries. H.265, AV1 and VP9 pass through as H.264 does: never re-encoded. */
export type VideoCodec = "h264" | "h265" | "av1" | "vp9";

/** What the audio track carries. WebRTC viewers get Opus; AAC reaches them by way of `audio/`. */
export type AudioCodec = "aac" | "opus";

/**
 * One coded picture, whole, as the encoder sent it.
 *
 * `units` are the codec's own pieces without framing: NAL units without start code or length (H.264, H.265),
 * OBUs with their size field removed (AV1), or the one frame (VP9). Parameter sets are not repeated in `units`
 * unless the encoder sent them in band: the current ones are in the stream's `VideoFormat`.
 */
export type VideoUnit = {
  readonly kind: "video";
  /** Presentation time, 90 kHz ticks on the stream's own timeline (never wraps, never goes back within a take). */
  readonly pts: number;
  /** Decoding time, 90 kHz ticks. */
  readonly dts: number;
  /** True when a decoder can start here (IDR, IRAP, key frame). */
  readonly isKeyframe: boolean;
  readonly units: readonly Uint8Array[];
  /** When the last byte arrived: `performance.now()` milliseconds of the engine. */
  readonly arrivedAtMs: number;
};

/** One coded audio frame: a raw AAC frame (no ADTS) or an Opus packet. */
export type AudioUnit = {
  readonly kind: "audio";
  /** Presentation time, 90 kHz ticks on the same timeline as the video. */
  readonly pts: number;
  readonly payload: Uint8Array;
  readonly arrivedAtMs: number;
};

/** What flows through the hub. */
export type AccessUnit = VideoUnit | AudioUnit;

/** Colour description in CICP code points (ITU-T H.273), as the bitstream states it. */
export type ColourDescription = {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly fullRange: boolean;
};

/** What the parameter sets say of the video. A new one begins when they change (resolution, profile, colour). */
export type VideoFormat = {
  readonly codec: VideoCodec;
  /** Profile in the codec's own words, such as "High 4:2:2". */
  readonly profile: string;
  readonly width: number;
  readonly height: number;
  /** Frames per second as the bitstream states it; null where it does not. */
  readonly frameRate: number | null;
  readonly bitDepth: number;
  readonly chroma: "4:0:0" | "4:2:0" | "4:2:2" | "4:4:4";
  /** How many frames a decoder may have to hold back: above 0 means B-frames, which browsers cannot show over WebRTC. */
  readonly reorderFrames: number;
  /** Null when the bitstream is untagged. */
  readonly colour: ColourDescription | null;
  /** SPS and PPS (H.264), VPS, SPS and PPS (H.265), sequence header OBU (AV1); empty for VP9. */
  readonly parameterSets: readonly Uint8Array[];
};

/** What the audio track is. */
export type AudioFormat = {
  readonly codec: AudioCodec;
  /** Samples per second. */
  readonly sampleRate: number;
  readonly channels: number;
  /** AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) for AAC, empty for Opus. */
  readonly config: Uint8Array;
};
