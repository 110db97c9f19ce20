import { type AudioFrame, type Frame, isVideo, type VideoFrame } from "./frame.js";
import type { GopCache } from "./gop-cache.js";

/** More waiting units than this and the reader has fallen behind for good: 8 s at 60 frames per second. */
const MAX_WAITING_UNITS = 512;

/** A slow viewer's share of memory. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** What a reader wants and how it is called. */
export type ReaderOptions = {
  readonly tracks: "video" | "audio" | "both";
  /** "opus" for WebRTC, "as-sent" for what takes AAC as it is. */
  readonly audio: "opus" | "as-sent";
  /** Counted in the stream's `viewers`. */
  readonly isViewer: boolean;
  /** Something is there to read after nothing was. Called from within the publisher's write: return soon. */
  wake(): void;
  /** The take is over. The reader stays: the next take of the same stream comes to it too. */
  takeEnded(reason: string): void;
};

/** One reader's end of a stream: a bounded queue which drops, never blocks. */
export type Reader = {
  /** The cached GOP as it was when the reader came; what `read` gives goes on from there. */
  readonly gop: readonly VideoFrame[];
  /** The sound that goes with it, for a reader of both tracks that takes it as sent; else empty. */
  readonly gopSound: readonly AudioFrame[];
  read(): Frame | null;
  /** Units waiting to be read. */
  waiting(): number;
  /** Units that were thrown away because the reader was too slow. */
  dropped(): number;
  close(): void;
};

/** What the stream holds of a reader. */
export type ReaderQueue = {
  readonly reader: Reader;
  readonly options: ReaderOptions;
  push(frame: Frame): void;
};

export function createReaderQueue(
  options: ReaderOptions,
  cache: Pick<GopCache, "frames" | "sounds">,
  onClose: () => void,
): ReaderQueue {
  const gop = options.tracks === "audio" ? [] : cache.frames();
  const gopSound = options.tracks === "both" && options.audio === "as-sent" ? cache.sounds() : [];
  let queue: Frame[] = [];
  let head = 0;
  let bytes = 0;
  let dropped = 0;
  let needsKeyframe = gop.length === 0;

  const waiting = () => queue.length - head;

  const dropAll = () => {
    dropped += waiting();
    queue = [];
    head = 0;
    bytes = 0;
    needsKeyframe = true;
  };

  const reader: Reader = {
    gop,
    gopSound,
    read() {
      const frame = queue[head];
      if (frame === undefined) return null;
      head += 1;
      bytes -= frame.bytes;
      if (head === queue.length) {
        queue = [];
        head = 0;
      } else if (head > MAX_WAITING_UNITS) {
        queue = queue.slice(head);
        head = 0;
      }
      return frame;
    },
    waiting,
    dropped: () => dropped,
    close: onClose,
  };

  return {
    reader,
    options,
    push(frame) {
      if (waiting() >= MAX_WAITING_UNITS || bytes + frame.bytes > MAX_WAITING_BYTES) dropAll();
      if (isVideo(frame)) {
        if (needsKeyframe && !frame.unit.isKeyframe) {
          dropped += 1;
          return;
        }
        needsKeyframe = false;
      }
      queue.push(frame);
      bytes += frame.bytes;
      if (waiting() === 1) options.wake();
    },
  };
}
