import type { EngineStream } from "../control/protocol.js";
import type { AudioFormat, VideoFormat } from "./access-unit.js";
import type { VideoMeter } from "./meter.js";

/** The picture as the product is told of it: what the bitstream says, and what was measured. */
export function videoStatus(
  format: VideoFormat,
  meter: VideoMeter,
  bitsPerSecond: number,
): NonNullable<EngineStream["video"]> {
  const { codec, profile, width, height, bitDepth, chroma, colour } = format;
  return {
    codec,
    profile,
    width,
    height,
    frameRate: meter.frameRate(),
    bitDepth,
    chroma,
    gopFrames: meter.gopFrames(),
    reorderFrames: Math.max(format.reorderFrames, meter.hasReorder() ? 1 : 0),
    colour,
    bitsPerSecond,
  };
}

/** The sound as it is sent, and its rate. */
export function audioStatus(format: AudioFormat, bitsPerSecond: number): NonNullable<EngineStream["audio"]> {
  const { codec, sampleRate, channels } = format;
  return { codec, sampleRate, channels, bitsPerSecond };
}
