import type { AudioFormat, VideoFormat } from "../../hub/access-unit.js";
import { type AudioFrame, type Frame, isVideo, type VideoFrame } from "../../hub/frame.js";
import { VIDEO_TIMESCALE } from "../../wire/mp4/track.js";
import { createMuxer, type Fragment, type Muxer } from "../mp4/muxer.js";

/** Aimed at for a part: 5 pictures at 24 or 25 a second, 12 at 60. Shorter ones stall in hls.js on a busy machine. */
const PART_SECONDS = 0.2;

/** A segment ends with the first keyframe after so long. */
const SEGMENT_TICKS = VIDEO_TIMESCALE;

/** Room in a part for times that are rounded to milliseconds: pictures' lengths, as a part of one. */
const SLACK = 0.15;

/** A longer step between pictures is a new beginning, where it comes with a keyframe. */
const MAX_STEP_TICKS = VIDEO_TIMESCALE;

/** No sound for so long and it is left out from the next segment on: a player waits for what the header promises. */
const SILENT_MS = 2000;

/** A stream that begins waits so long for its sound, so that the first header has it. */
const SOUND_WAIT_MS = 700;

/** Segments that stay in the playlist, and target durations that they last at least (RFC 8216bis §6.2.2). */
const WINDOW = 6;
const WINDOW_TARGETS = 3;

/** Of one stream, parts and segments together; a segment under way is cut at half of it. */
const MAX_BYTES = 64 * 1024 * 1024;

/** An initialisation segment with what the playlists say of it. */
export type Init = {
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly codecs: readonly string[];
  readonly video: VideoFormat;
};

/** A part, ready to be sent. */
export type Part = { readonly bytes: Uint8Array; readonly seconds: number; readonly isIndependent: boolean };

/** A run of parts from one keyframe to another. The last one of all may still be growing. */
export type Segment = {
  readonly number: number;
  readonly init: Init;
  readonly isDiscontinuous: boolean;
  /** Arrival of its first picture, in the engine's milliseconds and as wall clock. */
  readonly beganMs: number;
  readonly beganAt: number;
  readonly parts: Part[];
  seconds: number;
  bytes: number;
  isComplete: boolean;
};

/** Cuts one stream into parts and segments and keeps the youngest of them. */
export type Segmenter = {
  /** Takes a frame in the order of arrival. True when there is something new to tell. */
  take(frame: Frame): boolean;
  /** Gives out the part under way, however short: no picture has come for a while. */
  flush(): boolean;
  /** Ends the segment under way where it stands, before its next keyframe. */
  endSegment(): boolean;
  /** Oldest first; the last one may be incomplete. */
  segments(): readonly Segment[];
  /** Discontinuities that went with segments that were dropped. */
  droppedDiscontinuities(): number;
  /** Where the next part will stand. */
  next(): { readonly segment: number; readonly part: number };
  /** Null until the first picture: then it stays as it is, as playlists promise. */
  partTargetSeconds(): number | null;
};

export function createSegmenter(options: {
  /** The sound as the stream has it now; null when there is none yet. */
  readonly audio: AudioFormat | null;
  /** A whole number that no segment is longer than; longer GOPs are cut in two. */
  readonly targetSeconds: number;
  /** Wall clock at a time of the engine's. */
  readonly wallAt: (engineMs: number) => number;
}): Segmenter {
  const { targetSeconds } = options;
  const segments: Segment[] = [];
  let held: Frame[] | null = options.audio === null ? [] : null;
  let sound = { format: options.audio, lastMs: Number.NEGATIVE_INFINITY, fits: true };
  let hasBegun = false;
  let muxer: Muxer | null = null;
  let muxerAudio: AudioFormat | null = null;
  let init: Init | null = null;
  let lastDts: number | null = null;
  let partDts = 0;
  let segmentDts = 0;
  let isNewBeginning = false;
  let partTarget: number | null = null;
  let nextSegment = 0;
  let nextInit = 0;
  let bytes = 0;
  let droppedDiscontinuities = 0;

  const open = () => {
    const last = segments.at(-1);
    return last === undefined || last.isComplete ? null : last;
  };

  const dropOldest = () => {
    const complete = () => segments.length - (open() === null ? 0 : 1);
    const isLong = () => {
      const seconds = segments.slice(1).reduce((sum, segment) => sum + segment.seconds, 0);
      return complete() > WINDOW && seconds >= WINDOW_TARGETS * targetSeconds;
    };
    while (isLong() || (bytes > MAX_BYTES && complete() > 1)) {
      const dropped = segments.shift();
      if (dropped === undefined) return;
      bytes -= dropped.bytes;
      if (dropped.isDiscontinuous) droppedDiscontinuities += 1;
    }
  };

  const startMuxer = (frame: VideoFrame) => {
    const isBefore = muxer !== null;
    muxerAudio = isSilent(frame.unit.arrivedAtMs) ? null : sound.format;
    sound.fits = true;
    muxer = createMuxer({ video: frame.format, audio: muxerAudio, originTicks: 0 });
    nextInit += 1;
    init = { number: nextInit, bytes: muxer.init, codecs: muxer.codecs, video: frame.format };
    isNewBeginning = isBefore;
  };

  const addPart = (fragment: Fragment) => {
    if (init === null) throw new Error("a part before its header");
    let segment = open();
    if (segment === null) {
      segment = {
        number: nextSegment,
        init,
        isDiscontinuous: isNewBeginning,
        beganMs: fragment.arrivedAtMs,
        beganAt: Math.round(options.wallAt(fragment.arrivedAtMs)),
        parts: [],
        seconds: 0,
        bytes: 0,
        isComplete: false,
      };
      nextSegment += 1;
      isNewBeginning = false;
      segments.push(segment);
    }
    const part = {
      bytes: Buffer.concat(fragment.bytes),
      seconds: fragment.ticks / VIDEO_TIMESCALE,
      isIndependent: fragment.startsWithKeyframe,
    };
    segment.parts.push(part);
    segment.seconds += part.seconds;
    segment.bytes += part.bytes.length;
    bytes += part.bytes.length;
    dropOldest();
  };

  const closePart = (nextDts: number | null): boolean => {
    const fragment = muxer?.cut(nextDts) ?? null;
    if (fragment === null) return false;
    addPart(fragment);
    return true;
  };

  const closeSegment = (): boolean => {
    const segment = open();
    if (segment === null) return false;
    segment.isComplete = true;
    dropOldest();
    return true;
  };

  const isSilent = (nowMs: number) => nowMs - sound.lastMs > SILENT_MS;

  /** The sound came, went or changed: the header says so from the next keyframe on. */
  const isSoundOther = (nowMs: number) => {
    if (muxerAudio === null) return sound.format !== null && !isSilent(nowMs);
    return isSilent(nowMs) || !sound.fits;
  };

  const takeSound = (frame: AudioFrame) => {
    const fits = muxer === null || muxerAudio === null || muxer.fits(frame);
    sound = { format: frame.format, lastMs: frame.unit.arrivedAtMs, fits };
    if (fits && muxerAudio !== null) muxer?.add(frame);
  };

  const partTicks = () => (partTarget ?? PART_SECONDS) * VIDEO_TIMESCALE;

  const takePicture = (frame: VideoFrame): boolean => {
    const { unit } = frame;
    const { dts, isKeyframe, arrivedAtMs } = unit;
    let isNews = false;
    const fits = muxer?.fits(frame) ?? false;
    const jumped = lastDts !== null && dts - lastDts > MAX_STEP_TICKS;
    if (!fits && !isKeyframe) return false; // a decoder cannot go on with it
    // The sound of one who returns, or of a stream that begins, is given time to come too.
    if (jumped || !hasBegun) sound.lastMs = Math.max(sound.lastMs, arrivedAtMs);
    hasBegun = true;
    if (jumped) isNews = closePart(null);
    const length = dts - segmentDts;
    const isFull = (open()?.bytes ?? 0) > MAX_BYTES / 2;
    const isDue = isKeyframe && (length >= SEGMENT_TICKS * 0.98 || jumped || !fits);
    if (isDue || isFull || length + (muxer?.stepTicks() ?? 0) > targetSeconds * VIDEO_TIMESCALE) {
      isNews = closePart(dts) || isNews;
      isNews = closeSegment() || isNews;
      if (!fits || (isKeyframe && isSoundOther(arrivedAtMs))) startMuxer(frame);
      if (jumped && isKeyframe) isNewBeginning = true;
      segmentDts = dts;
    } else if (muxer !== null && muxer.pictures() > 0 && dts - partDts > partTicks()) {
      isNews = closePart(dts) || isNews; // pictures came further apart: the one before lasts until now
    }
    if (muxer?.pictures() === 0) partDts = dts;
    muxer?.add(frame);
    lastDts = dts;
    return endPartIfFull(dts) || isNews;
  };

  /** Does not wait for the next picture to see that it would not fit: its length is known well enough. */
  const endPartIfFull = (dts: number): boolean => {
    if (muxer === null) return false;
    const step = muxer.stepTicks();
    if (partTarget === null) {
      if (muxer.pictures() < 2) return false;
      const seconds = step / VIDEO_TIMESCALE;
      partTarget = (Math.max(1, Math.round(PART_SECONDS / seconds)) + SLACK) * seconds;
    }
    return dts + 2 * step - partDts > partTicks() && closePart(null);
  };

  const takeOne = (frame: Frame): boolean => {
    if (isVideo(frame)) return takePicture(frame);
    takeSound(frame);
    return false;
  };

  /** What was held goes out with the sound's format known, or when it has not come. */
  const release = (): boolean => {
    const frames = held ?? [];
    held = null;
    const heard = frames.find((frame) => !isVideo(frame));
    if (heard !== undefined && !isVideo(heard)) sound.format = heard.format;
    let isNews = false;
    for (const frame of frames) isNews = takeOne(frame) || isNews;
    return isNews;
  };

  return {
    take(frame) {
      if (held === null) return takeOne(frame);
      held.push(frame);
      const firstMs = held[0]?.unit.arrivedAtMs ?? 0;
      const isOver = !isVideo(frame) || frame.unit.arrivedAtMs - firstMs > SOUND_WAIT_MS;
      return isOver ? release() : false;
    },
    flush: () => (held === null ? closePart(null) : release()),
    endSegment() {
      closePart(null);
      segmentDts = (lastDts ?? 0) + (muxer?.stepTicks() ?? 0);
      return closeSegment();
    },
    segments: () => segments,
    droppedDiscontinuities: () => droppedDiscontinuities,
    next() {
      const segment = open();
      return segment === null
        ? { segment: nextSegment, part: 0 }
        : { segment: segment.number, part: segment.parts.length };
    },
    partTargetSeconds: () => partTarget,
  };
}
