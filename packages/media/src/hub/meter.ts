import type { LinkState, StreamWarning } from "../control/protocol.js";
import { TICKS_PER_MS, type VideoFormat, type VideoUnit } from "./access-unit.js";

/** Rates are over the last 2 s (control/protocol.ts). */
const WINDOW_MS = 2000;
const BUCKET_MS = 100;
const BUCKETS = WINDOW_MS / BUCKET_MS;

/** Frame times kept for the rate: 4 s, so that RTMP's whole milliseconds do not show in it. */
const RATE_WINDOW_TICKS = 4000 * TICKS_PER_MS;
const MAX_TIMES = 4 * 240;
const MIN_RATE_SPAN_TICKS = 1000 * TICKS_PER_MS;

/** A viewer who joins or loses packets waits for the next keyframe: above this it hurts. */
const LONG_GOP_TICKS = 4000 * TICKS_PER_MS;

/** Bits per second over the last 2 s. */
export type RateMeter = { add(bytes: number, nowMs: number): void; bitsPerSecond(nowMs: number): number };

export function createRateMeter(): RateMeter {
  const buckets = new Float64Array(BUCKETS);
  let last = -1;
  let first = -1;
  const advance = (nowMs: number) => {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    if (first < 0) first = bucket;
    if (last < 0 || bucket - last >= BUCKETS) buckets.fill(0);
    else for (let empty = last + 1; empty <= bucket; empty += 1) buckets[empty % BUCKETS] = 0;
    last = Math.max(last, bucket);
  };
  return {
    add(bytes, nowMs) {
      advance(nowMs);
      const index = last % BUCKETS;
      buckets[index] = (buckets[index] ?? 0) + bytes;
    },
    bitsPerSecond(nowMs) {
      if (first < 0) return 0;
      advance(nowMs);
      const whole = Math.min(BUCKETS - 1, last - first) * BUCKET_MS;
      const span = Math.max(BUCKET_MS, whole + nowMs - last * BUCKET_MS);
      let bytes = 0;
      for (const bucket of buckets) bytes += bucket;
      return Math.round((bytes * 8 * 1000) / span);
    },
  };
}

/** What is measured of one publisher's video. */
export type VideoMeter = {
  add(unit: VideoUnit): void;
  frameRate(): number | null;
  gopFrames(): number | null;
  hasReorder(): boolean;
  isLongGop(): boolean;
};

export function createVideoMeter(): VideoMeter {
  let times: number[] = [];
  let frames = 0;
  let gopFrames: number | null = null;
  let keyframeAt: number | null = null;
  let highestPts = Number.NEGATIVE_INFINITY;
  let hasReorder = false;
  let isLongGop = false;

  return {
    add(unit) {
      const previous = times.at(-1);
      if (previous !== undefined && unit.dts - previous > MIN_RATE_SPAN_TICKS) times = [];
      times.push(unit.dts);
      while (times.length > MAX_TIMES || (times[0] ?? unit.dts) < unit.dts - RATE_WINDOW_TICKS) times.shift();

      if (unit.pts < highestPts) hasReorder = true;
      highestPts = Math.max(highestPts, unit.pts);

      const gopTicks = keyframeAt === null ? 0 : unit.dts - keyframeAt;
      if (unit.isKeyframe) {
        if (keyframeAt !== null) gopFrames = frames;
        keyframeAt = unit.dts;
        frames = 0;
        isLongGop = gopTicks > LONG_GOP_TICKS;
      } else if (gopTicks > LONG_GOP_TICKS) {
        isLongGop = true;
      }
      frames += 1;
    },
    frameRate() {
      const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
      if (span < MIN_RATE_SPAN_TICKS) return null;
      return Math.round(((times.length - 1) * 90_000_00) / span) / 100;
    },
    gopFrames: () => gopFrames,
    hasReorder: () => hasReorder,
    isLongGop: () => isLongGop,
  };
}

/** What the colourist should be told about the video as it is. */
export function videoWarnings(format: VideoFormat, meter: VideoMeter): StreamWarning[] {
  const warnings: StreamWarning[] = [];
  if (format.reorderFrames > 0 || meter.hasReorder()) warnings.push("b-frames");
  if (meter.isLongGop()) warnings.push("long-gop");
  if (format.colour === null) warnings.push("untagged-colour");
  if (!isSeenInWebRtc(format)) warnings.push("codec-not-in-webrtc");
  return warnings;
}

/** Packets that came too late for the latency that was agreed on: a longer one would have saved the picture. */
export function linkWarnings(link: LinkState | null): StreamWarning[] {
  if (link === null || link.latencyMs === null || link.advisedLatencyMs === null) return [];
  return link.latencyMs < link.advisedLatencyMs ? ["latency-too-low"] : [];
}

/** Browsers take H.265 only with a hardware decoder, and 10-bit AV1 not at all (Chromium 156). */
function isSeenInWebRtc(format: VideoFormat): boolean {
  if (format.codec === "h265") return false;
  return format.codec !== "av1" || format.bitDepth === 8;
}
