import type { EngineRecording, RecordingEnd } from "../../control/protocol.js";
import { TICKS_PER_MS } from "../../hub/access-unit.js";
import type { Clock } from "../../hub/clock.js";
import { type AudioFrame, type Frame, isVideo } from "../../hub/frame.js";
import type { Stream } from "../../hub/stream.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import { createMuxer, type Muxer } from "../mp4/muxer.js";
import { type Disk, isFull, whyNotWritten } from "./disk.js";
import { createWriteQueue, MAX_WAITING_BYTES } from "./write-queue.js";

/** A fragment is written when it is so long: with the write itself a kill costs less than a second. */
const FRAGMENT_MS = 500;
/** For so long the first picture waits for the first sound, so that the file has a track for it. */
const SOUND_WAIT_MS = 1000;
/** A browser that publishes sends no keyframes of its own: a file is jumped about in by them. */
const KEYFRAME_WANTED_MS = 4000;
const TICK_MS = 250;
const TELL_EVERY_MS = 1000;
const LOOK_AT_DISK_EVERY_MS = 1000;

/** How a recording ended. */
export type Ended = { readonly why: RecordingEnd; readonly detail: string | null };

/** What one recording is made over. */
export type RecordingOptions = {
  readonly id: string;
  readonly path: string;
  readonly folder: string;
  readonly stream: Stream;
  readonly disk: Disk;
  readonly clock: Clock;
  grew(recording: EngineRecording): void;
  /** At once: from now on it takes nothing more. */
  ending(): void;
  /** When all is on disk. */
  ended(recording: EngineRecording, how: Ended): void;
};

/** One file under way. */
export type Recording = {
  now(): EngineRecording;
  /** Resolves when all of it is on disk and its end is told. */
  end(how: Ended): Promise<void>;
};

/**
 * Begins to write a stream as a fragmented MP4, from its last keyframe on. Null: its take ended meanwhile. Rejects when
 * the file cannot be made.
 */
export async function startRecording(options: RecordingOptions): Promise<Recording | null> {
  const { id, stream, disk, clock, folder } = options;
  const startedAt = clock.wall();
  const file = await disk.create(options.path);
  if (stream.snapshot() === null) {
    await file.close();
    await disk.remove(options.path);
    return null;
  }
  const queue = createWriteQueue(file, (error) => void end(whyNotWritten(error)));
  let muxer: Muxer | null = null;
  let originTicks = 0;
  /** Before the file's tracks are known. */
  let held: Frame[] = [];
  let heldSinceMs = 0;
  /** Bytes in the muxer since the last cut, and when the first of its pictures came. */
  let unwritten = 0;
  let cutAfterDts = 0;
  let oldestMs: number | null = null;
  let durationMs = 0;
  let keyframeMs = Number.NEGATIVE_INFINITY;
  let toldMs = clock.now();
  let lookedMs = clock.now();
  let ending: Promise<void> | null = null;
  let isClosed = false;
  let isLooking = false;
  let hasSound = false;

  const now = (): EngineRecording => ({
    recording: id,
    stream: stream.name,
    startedAt,
    durationMs,
    bytes: queue.written(),
  });

  const push = (bytes: Uint8Array, then?: () => void): void => {
    if (!queue.push(bytes, then))
      void end({ why: "failed", detail: "The disk is too slow for this stream." });
  };

  const cut = (nextDts: number | null): void => {
    const fragment = muxer?.cut(nextDts) ?? null;
    oldestMs = null;
    unwritten = 0;
    if (fragment === null) return;
    const until = (fragment.dts + fragment.ticks - originTicks) / TICKS_PER_MS;
    // One piece: the file ends between two fragments or, after a kill, within one that is cut off later.
    push(Buffer.concat(fragment.bytes), () => {
      durationMs = Math.round(until);
    });
  };

  const begin = (): void => {
    const first = held.find(isVideo);
    if (first === undefined) return;
    const sound = held.find((frame): frame is AudioFrame => !isVideo(frame));
    const audio = sound?.format ?? stream.audioFormat();
    originTicks = first.unit.dts;
    muxer = createMuxer({ video: first.format, audio, originTicks });
    hasSound = audio !== null;
    push(muxer.init);
    const frames = held;
    held = [];
    for (const frame of frames) add(frame, muxer);
  };

  const add = (frame: Frame, into: Muxer): void => {
    if (isClosed) return;
    const isNewSound = !hasSound && !isVideo(frame);
    if (isNewSound || !into.fits(frame)) {
      void end({ why: "format-changed", detail: null });
      return;
    }
    if (isVideo(frame)) {
      if (into.pictures() > 0 && frame.unit.dts >= cutAfterDts) cut(frame.unit.dts);
      if (into.pictures() === 0) {
        cutAfterDts = frame.unit.dts + FRAGMENT_MS * TICKS_PER_MS;
        oldestMs = clock.now();
      }
    }
    into.add(frame);
    unwritten += frame.bytes;
    // Sound without pictures for an hour, or a GOP of a hundred megabytes.
    if (unwritten > MAX_WAITING_BYTES) void end({ why: "failed", detail: "No picture came for too long." });
  };

  const hold = (frame: Frame): void => {
    if (held.length === 0) {
      if (!isVideo(frame)) return; // what is heard before the first picture is not of this recording
      heldSinceMs = clock.now();
    }
    held.push(frame);
    const first = held.find(isVideo)?.unit.dts ?? 0;
    const isLong = isVideo(frame) && frame.unit.dts - first >= SOUND_WAIT_MS * TICKS_PER_MS;
    if (!isVideo(frame) || stream.audioFormat() !== null || isLong) begin();
  };

  const accept = (frame: Frame): void => {
    if (ending !== null) return;
    if (isVideo(frame) && frame.unit.isKeyframe) keyframeMs = clock.now();
    const problem = problemOf(() => {
      if (muxer === null) hold(frame);
      else add(frame, muxer);
    });
    if (problem !== null) void end(problem);
  };

  const finish = async (how: Ended): Promise<void> => {
    stopTick?.();
    reader.close();
    options.ending();
    const problem = problemOf(() => {
      if (muxer === null) begin();
      cut(null);
    });
    isClosed = true;
    held = [];
    let told = problem ?? how;
    try {
      await queue.end();
    } catch (error) {
      told = whyNotWritten(error);
    }
    options.ended(now(), told);
  };
  const end = (how: Ended): Promise<void> => {
    // Set before anything of it runs: what ends it twice is told of the first reason.
    if (ending === null) {
      let done = (): void => undefined;
      ending = new Promise((resolve) => {
        done = resolve;
      });
      void finish(how).then(done);
    }
    return ending;
  };

  const lookAtDisk = async (): Promise<void> => {
    isLooking = true;
    try {
      if (isFull(await disk.space(folder))) await end({ why: "disk-full", detail: "The disk is full." });
    } catch (error) {
      await end(whyNotWritten(error));
    }
    isLooking = false;
  };

  const wantKeyframe = (time: number): void => {
    if (time - keyframeMs < KEYFRAME_WANTED_MS) return;
    keyframeMs = time;
    stream.requestKeyframe();
  };

  let stopTick: (() => void) | null = null;
  const tick = (): void => {
    const time = clock.now();
    const isLate = muxer === null && held.length > 0 && time - heldSinceMs >= SOUND_WAIT_MS;
    const problem = isLate ? problemOf(begin) : null;
    if (problem !== null) void end(problem);
    // The next picture is late: what is here goes to disk without it.
    if (oldestMs !== null && time - oldestMs >= FRAGMENT_MS + TICK_MS) cut(null);
    wantKeyframe(time);
    if (time - toldMs >= TELL_EVERY_MS) {
      toldMs = time;
      options.grew(now());
    }
    if (!isLooking && time - lookedMs >= LOOK_AT_DISK_EVERY_MS) {
      lookedMs = time;
      void lookAtDisk();
    }
    if (ending === null) stopTick = clock.after(TICK_MS, tick);
  };

  const reader = stream.read({
    tracks: "both",
    audio: "as-sent",
    isViewer: false,
    wake: () => drain(),
    takeEnded: (reason) => {
      const why = reason === "engine-stopping" ? "engine-stopping" : "take-ended";
      void end({ why, detail: null });
    },
  });
  const drain = (): void => {
    for (let frame = reader.read(); frame !== null; frame = reader.read()) accept(frame);
  };
  for (const frame of reader.gop) accept(frame);
  wantKeyframe(clock.now());
  stopTick = clock.after(TICK_MS, tick);
  return { now, end };
}

/** What a stream cannot be put into an MP4 for, such as parameter sets that are not all there. */
function problemOf(work: () => void): Ended | null {
  try {
    work();
    return null;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { why: "failed", detail: `The stream cannot be put into an MP4: ${error.reason}.` };
  }
}
