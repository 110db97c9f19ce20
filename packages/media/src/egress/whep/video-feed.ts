import { isVideo, type VideoFrame } from "../../hub/frame.js";
import type { Reader } from "../../hub/reader.js";

/** A cached GOP beyond this is not burst: the viewer waits for the next keyframe instead of chewing for seconds. */
const MAX_BURST_FRAMES = 300;
const MAX_BURST_BYTES = 12 * 1024 * 1024;

/** Cached pictures are stamped 1 ms apart: the decoder runs through them and is at the live one at once. */
const SQUEEZED_TICKS = 90;

/** What goes out next, and when a decoder is told that it was. */
export type Fed = { readonly frame: VideoFrame; readonly time: number; readonly isCached: boolean };

/** The order and the times of a viewer's pictures: a cached GOP squeezed together, then what the reader has. */
export type VideoFeed = {
  next(): Fed | null;
  /** Puts a cached GOP before what waits. False when it is too large, empty, or one is on its way already. */
  replay(gop: readonly VideoFrame[]): boolean;
};

export function createVideoFeed(reader: () => Reader): VideoFeed {
  let cached: readonly Fed[] = [];
  let at = 0;
  let needsKeyframe = false;
  /** Time of the youngest picture that went out. */
  let lastTime: number | null = null;
  /** Decoding time up to which pictures have gone out or been squeezed. */
  let lastDts = Number.NEGATIVE_INFINITY;
  let interval = 3000;

  /** At the join the last one gets its own time and the others lie before it; later all must lie after the last. */
  const squeeze = (gop: readonly VideoFrame[]): Fed[] => {
    const newest = gop.at(-1)?.unit.pts ?? 0;
    const from = lastTime;
    const step =
      from === null
        ? SQUEEZED_TICKS
        : Math.max(1, Math.min(SQUEEZED_TICKS, Math.floor(interval / (gop.length + 1))));
    return gop.map((frame, index) => ({
      frame,
      isCached: true,
      time: from === null ? newest - (gop.length - 1 - index) * step : from + (index + 1) * step,
    }));
  };

  const fromReader = (): Fed | null => {
    for (let frame = reader().read(); frame !== null; frame = reader().read()) {
      if (!isVideo(frame)) continue;
      const { unit } = frame;
      if (unit.dts <= lastDts || (needsKeyframe && !unit.isKeyframe)) continue;
      needsKeyframe = false;
      const step = unit.dts - lastDts;
      if (step < 90_000) interval = step;
      lastDts = unit.dts;
      lastTime = Math.max(lastTime ?? unit.pts, unit.pts);
      return { frame, time: unit.pts, isCached: false };
    }
    return null;
  };

  return {
    next() {
      const fed = cached[at];
      if (fed === undefined) return fromReader();
      at += 1;
      lastTime = Math.max(lastTime ?? fed.time, fed.time);
      if (at === cached.length) {
        cached = [];
        at = 0;
      }
      return fed;
    },
    replay(gop) {
      if (gop.length === 0 || cached.length > 0) return false;
      const bytes = gop.reduce((sum, frame) => sum + frame.bytes, 0);
      if (gop.length > MAX_BURST_FRAMES || bytes > MAX_BURST_BYTES) {
        if (lastTime === null) needsKeyframe = true;
        return false;
      }
      cached = squeeze(gop);
      at = 0;
      lastDts = Math.max(lastDts, gop.at(-1)?.unit.dts ?? lastDts);
      return true;
    },
  };
}
