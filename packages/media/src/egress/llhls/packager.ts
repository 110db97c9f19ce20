import type { Clock } from "../../hub/clock.js";
import type { Frame } from "../../hub/frame.js";
import type { Reader } from "../../hub/reader.js";
import type { Stream } from "../../hub/stream.js";
import {
  type MediaPlaylist,
  type PlaylistSegment,
  type Variant,
  writeMediaPlaylist,
} from "../../wire/mp4/playlist.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import { createSegmenter, type Init, type Part, type Segment } from "./segmenter.js";

/** Looked at so often: pictures that wait for others, requests that wait for parts, a take that may be over. */
const TICK_MS = 250;

/** Pictures that wait in a part are given out when none has come for so long. */
const QUIET_MS = 1000;

/** Who publishes next within this goes on in the same playlist; then it is ended. */
const NEXT_TAKE_MS = 10_000;

/** A segment that has grown so long, and again after as much: the encoder is asked for a keyframe, where it can be. */
const KEYFRAME_WANTED_MS = 2000;

/** GOPs that are not known yet are taken to be no longer; longer than the second no segment gets. */
const USUAL_TARGET_SECONDS = 6;
const MAX_TARGET_SECONDS = 12;

/** How far behind the last part players stay: three parts at least (RFC 8216bis §4.4.3.8); a second has not stalled. */
const MIN_HOLD_BACK_SECONDS = 1;

/** hls.js (1.7.4) takes a playlist without a whole segment for empty: the first is cut short if its GOP lasts longer. */
const FIRST_SEGMENT_MS = 1500;

/** Parts are listed for the youngest segments only (RFC 8216bis §6.2.2: three target durations from the end). */
const SEGMENTS_WITH_PARTS = 3;

/** Requests that wait for something to come, of one stream: 200 viewers with a playlist and a part each, and again. */
const MAX_WAITING = 800;

/** Peaks of a stream above its mean of the last 2 s. */
const PEAK = 1.5;
const MIN_BITS_PER_SECOND = 100_000;

/** What a name below a session stands for; null: there is no such thing (any more). */
export type Found = { readonly pieces: readonly Uint8Array[] };

/** One stream as LL-HLS: what is there now, and a way to wait for what comes. */
export type Packager = {
  /** What the playlist that names the media playlist says; null until there is something to play. */
  variant(uri: string): Variant | null;
  /** The media playlist's text; null until there is something to play. */
  playlist(): string | null;
  /** The segment and part that the playlist ends with. */
  edge(): { readonly segment: number; readonly part: number };
  /** True when this segment, or this part of it, is in the playlist or has been. */
  has(segment: number, part: number | null): boolean;
  init(number: number): Found | null;
  /** "not-yet": it is the one that comes next. */
  part(segment: number, part: number): Found | "not-yet" | null;
  segment(number: number): Found | null;
  isEnded(): boolean;
  /** Calls `then` at every change until the returned function is called; null when too many wait. */
  onChange(then: () => void): (() => void) | null;
  /** Makes those who wait look again. */
  wake(): void;
  close(): void;
};

/**
 * Starts packaging; what is kept grows with the stream and stays within the segmenter's bounds. `refused` is called when
 * the stream's own configuration cannot be read: that ends the package and nothing else.
 */
export function createPackager(stream: Stream, clock: Clock, refused: (reason: string) => void): Packager {
  const targetSeconds = targetFor(stream);
  const waiting = new Set<() => void>();
  let isEnded = false;
  let isClosed = false;
  let isUnreadable = false;
  let takeEndedMs: number | null = null;
  let lastFrameMs = clock.now();
  /** The playlist as it stands, written once for all who ask for it. */
  let written: string | null = null;
  let askedMs = Number.NEGATIVE_INFINITY;

  const tell = () => {
    written = null;
    for (const then of [...waiting]) then();
  };

  const wantKeyframe = () => {
    const open = segmenter.segments().at(-1);
    const sinceMs = open === undefined ? 0 : clock.now() - open.beganMs;
    if (sinceMs < KEYFRAME_WANTED_MS || clock.now() - askedMs < KEYFRAME_WANTED_MS) return;
    askedMs = clock.now();
    stream.requestKeyframe();
  };

  const take = (frame: Frame): boolean => {
    lastFrameMs = clock.now();
    takeEndedMs = null;
    try {
      return segmenter.take(frame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      isUnreadable = true;
      refused(error.message);
      return true;
    }
  };

  const drain = () => {
    if (isEnded || reader === null) return;
    let isNews = false;
    for (let frame = reader.read(); frame !== null && !isUnreadable; frame = reader.read()) {
      isNews = take(frame) || isNews;
    }
    if (isUnreadable) end();
    if (!isNews) return;
    wantKeyframe();
    tell();
  };

  const end = () => {
    isEnded = true;
    segmenter.flush();
    reader?.close();
    tell();
  };

  /** Whoever came first does not wait for a far keyframe, nor do we where the GOP is long already. */
  const endFirstSegment = () => {
    const [first, second] = segmenter.segments();
    if (first === undefined || first.isComplete || second !== undefined) return;
    if (clock.now() - first.beganMs >= FIRST_SEGMENT_MS && segmenter.endSegment()) tell();
  };

  const tick = () => {
    if (isClosed || isEnded) return;
    const now = clock.now();
    if (takeEndedMs !== null && now - takeEndedMs >= NEXT_TAKE_MS) {
      end();
      return;
    }
    if (now - lastFrameMs >= QUIET_MS && segmenter.flush()) tell();
    endFirstSegment();
    stopTick = clock.after(TICK_MS, tick);
  };

  let reader: Reader | null = null;
  const opened = stream.read({
    tracks: "both",
    audio: "as-sent",
    isViewer: false,
    wake: drain,
    takeEnded() {
      takeEndedMs = clock.now();
    },
  });
  reader = opened;
  const { gop, gopSound } = opened;
  const segmenter = createSegmenter({
    audio: gopSound.at(-1)?.format ?? stream.audioFormat(),
    targetSeconds,
    wallAt: (engineMs) => clock.wall() - clock.now() + engineMs,
  });
  for (const frame of inOrderOfArrival(gop, gopSound)) if (!isUnreadable) take(frame);
  if (isUnreadable) end();
  endFirstSegment();
  if (gop.length === 0) stream.requestKeyframe();
  let stopTick = clock.after(TICK_MS, tick);

  const segmentAt = (number: number) => segmenter.segments().find((segment) => segment.number === number);

  const playlistOf = (partTargetSeconds: number): MediaPlaylist => {
    const segments = segmenter.segments();
    const next = segmenter.next();
    return {
      targetSeconds,
      partTargetSeconds,
      partHoldBackSeconds: Math.max(MIN_HOLD_BACK_SECONDS, 3 * partTargetSeconds),
      mediaSequence: segments[0]?.number ?? 0,
      discontinuitySequence: segmenter.droppedDiscontinuities(),
      segments: segments.map((segment, index) => {
        const hasParts = index >= segments.length - SEGMENTS_WITH_PARTS;
        return listed(segment, hasParts, isEnded);
      }),
      nextPart: isEnded ? null : partName(next.segment, next.part),
      isEnded,
    };
  };

  const playlist = () => {
    const partTarget = segmenter.partTargetSeconds();
    if (partTarget === null || segmenter.segments()[0]?.isComplete !== true) return null;
    written ??= writeMediaPlaylist(playlistOf(partTarget));
    return written;
  };

  const find = (number: number): Init | null =>
    segmenter.segments().find(({ init }) => init.number === number)?.init ?? null;

  return {
    variant(uri) {
      const init = segmenter.segments().at(-1)?.init;
      if (init === undefined || playlist() === null) return null;
      const { width, height, frameRate, colour } = init.video;
      const rate = Math.max(MIN_BITS_PER_SECOND, stream.bitsPerSecond());
      const shown = { width, height, frameRate, transfer: colour?.transfer ?? null };
      return {
        uri,
        peakBitsPerSecond: PEAK * rate,
        averageBitsPerSecond: rate,
        codecs: init.codecs,
        ...shown,
      };
    },
    playlist,
    edge: () => segmenter.next(),
    has(segment, part) {
      const next = segmenter.next();
      if (segment !== next.segment) return segment < next.segment;
      return part !== null && part < next.part;
    },
    init(number) {
      const init = find(number);
      return init === null ? null : { pieces: [init.bytes] };
    },
    part(number, part) {
      const found = segmentAt(number)?.parts[part];
      if (found !== undefined) return { pieces: [found.bytes] };
      const next = segmenter.next();
      const isNext = !isEnded && number === next.segment && part === next.part;
      return isNext ? "not-yet" : null;
    },
    segment(number) {
      const segment = segmentAt(number);
      if (segment === undefined || !(segment.isComplete || isEnded)) return null;
      return { pieces: segment.parts.map((part: Part) => part.bytes) };
    },
    isEnded: () => isEnded,
    onChange(then) {
      if (waiting.size >= MAX_WAITING) return null;
      waiting.add(then);
      return () => waiting.delete(then);
    },
    wake: tell,
    close() {
      isClosed = true;
      isEnded = true;
      stopTick();
      opened.close();
      tell();
    },
  };
}

/** Names below a session's address. Numbers are never used twice, so what has a name stays the same for ever. */
export function partName(segment: number, part: number): string {
  return `${segment}.${part}.m4s`;
}

/** A whole segment's name. */
export function segmentName(segment: number): string {
  return `${segment}.m4s`;
}

/** An initialisation segment's name. */
export function initName(init: number): string {
  return `init-${init}.mp4`;
}

function listed(segment: Segment, hasParts: boolean, isEnded: boolean): PlaylistSegment {
  const { number, init, seconds, isDiscontinuous, beganAt, parts } = segment;
  return {
    uri: segment.isComplete || isEnded ? segmentName(number) : null,
    seconds,
    beganAt,
    isDiscontinuous,
    map: initName(init.number),
    parts: hasParts
      ? parts.map((part, index) => ({
          uri: partName(number, index),
          seconds: part.seconds,
          isIndependent: part.isIndependent,
        }))
      : [],
  };
}

/** No segment may be longer than the playlist promised once: the encoder's GOP is the measure. */
function targetFor(stream: Stream): number {
  const video = stream.snapshot()?.video ?? null;
  const frames = video?.gopFrames ?? null;
  const rate = video?.frameRate ?? stream.videoFormat()?.frameRate ?? null;
  if (frames === null || rate === null) return USUAL_TARGET_SECONDS;
  const gopSeconds = frames / rate;
  const segmentSeconds = gopSeconds * Math.max(1, Math.ceil(0.98 / gopSeconds));
  return Math.min(MAX_TARGET_SECONDS, Math.max(2, Math.ceil(segmentSeconds * 1.02)));
}

function inOrderOfArrival(pictures: Reader["gop"], sounds: Reader["gopSound"]): Frame[] {
  const [keyframe, ...others] = pictures;
  if (keyframe === undefined) return [];
  const rest = [...others, ...sounds].sort((a, b) => a.unit.arrivedAtMs - b.unit.arrivedAtMs);
  return [keyframe, ...rest]; // sound of its time may have come before it
}
