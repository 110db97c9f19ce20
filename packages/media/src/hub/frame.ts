import type { AudioFormat, AudioUnit, VideoFormat, VideoUnit } from "./access-unit.js";

/**
 * An access unit as readers get it: on the stream's timeline, with the format that holds for it. One object is shared
 * by all readers, so that what is made of it (RTP packets, a fragment) can be made once.
 */
export type VideoFrame = {
  readonly unit: VideoUnit;
  readonly format: VideoFormat;
  /** Bytes of all its pieces. */
  readonly bytes: number;
};

/** One audio frame as readers get it. */
export type AudioFrame = {
  readonly unit: AudioUnit;
  readonly format: AudioFormat;
  readonly bytes: number;
};

/** What a reader's queue holds: pictures and sound in the order in which they arrived. */
export type Frame = VideoFrame | AudioFrame;

/** True for a picture: only those can be a keyframe, where a reader that fell behind starts again. */
export function isVideo(frame: Frame): frame is VideoFrame {
  return frame.unit.kind === "video";
}

/** Bytes of a video unit's pieces together. */
export function bytesOf(unit: VideoUnit): number {
  let bytes = 0;
  for (const piece of unit.units) bytes += piece.length;
  return bytes;
}
