import type { EngineEvent, EngineStream, StreamState, StreamWarning } from "../control/protocol.js";
import type { AccessUnit, AudioFormat, AudioUnit, VideoFormat, VideoUnit } from "./access-unit.js";
import type { Clock } from "./clock.js";
import { bytesOf, type Frame, type VideoFrame } from "./frame.js";
import { createGopCache } from "./gop-cache.js";
import { createRateMeter, createVideoMeter, linkWarnings, videoWarnings } from "./meter.js";
import type { MakeTranscoder, Publication, PublisherEnd, PublisherPort, PublishRefusal } from "./ports.js";
import { createReaderQueue, type Reader, type ReaderOptions, type ReaderQueue } from "./reader.js";
import { createSound } from "./sound.js";
import { audioStatus, videoStatus } from "./status.js";
import { createTimeline } from "./timeline.js";

/** A publisher that sent nothing for so long does not keep another out (reliability test 24). */
const TAKE_OVER_MS = 1000;
/** No video for so long is a stall: 12 frames at 24 a second. */
const STALL_MS = 500;
/** Not a byte for so long and the publisher is ended. */
const DEAD_MS = 15_000;
/** A returning encoder continues the take within this. */
const INTERRUPTED_MS = 30_000;
/** For so long after the studio has said so the next publisher takes over whatever the one before does. */
const ALLOWED_TAKE_OVER_MS = 60_000;
/** Publishing without a picture for so long is told to the colourist. */
const NO_VIDEO_MS = 5000;
/** Measures are told at most so often. */
const CHANGED_MS = 2000;
/** Notices kept of one publisher, and their length: they come from what a peer sends. */
const MAX_NOTICES = 8;
const MAX_NOTICE_LENGTH = 300;

/** What a stream is made with. */
export type StreamOptions = {
  readonly clock: Clock;
  /** 128 random bits as base64url. */
  readonly newTakeId: () => string;
  readonly makeTranscoder?: MakeTranscoder | undefined;
  readonly listener: (event: EngineEvent) => void;
};

/** One publisher at a time, many readers; takes begin and end in it. */
export type Stream = {
  readonly name: string;
  publish(publisher: PublisherPort): Publication | PublishRefusal;
  /** Ends the publisher, if there is one. */
  endPublisher(reason: PublisherEnd): boolean;
  read(options: ReaderOptions): Reader;
  /** The video format that holds now; null before the first and between takes. */
  videoFormat(): VideoFormat | null;
  /** The pictures since the last keyframe. */
  gop(): readonly VideoFrame[];
  /** The format of the sound as it is sent; null while there is none. */
  audioFormat(): AudioFormat | null;
  /** Asks the publisher for a keyframe; it throttles by itself. False where its protocol cannot be asked. */
  requestKeyframe(): boolean;
  /** The next publisher within a minute takes over at once. */
  allowTakeOver(): void;
  /** Counts a viewer that has no reader of its own (LL-HLS), until the returned function is called. */
  countViewer(): () => void;
  bitsPerSecond(): number;
  /** Null between takes. */
  snapshot(): EngineStream | null;
  /** Called every 100 ms: stalls, interruptions and measures are noticed here. */
  tick(): void;
  /** True when nobody publishes, reads or may return. */
  isIdle(): boolean;
};

type Publishing = {
  readonly publisher: PublisherPort;
  readonly sinceMs: number;
  lastUnitMs: number;
  /** Null until the first picture. */
  lastVideoMs: number | null;
  isStalled: boolean;
  hasKeyframe: boolean;
  videoFormat: VideoFormat | null;
  readonly video: ReturnType<typeof createVideoMeter>;
  readonly notices: string[];
};

type Take = {
  readonly id: string;
  readonly sinceAt: number;
  readonly isTestSignal: boolean;
  /** Null while interrupted. */
  publishing: Publishing | null;
  interruptedMs: number;
  /** As the last publisher left it, for those who look in between. */
  last: Publishing;
};

export function createStream(name: string, options: StreamOptions): Stream {
  const { clock, listener } = options;
  const readers = new Set<ReaderQueue>();
  const gop = createGopCache();
  /** One for all takes: who stays from one to the next sees time go forward. */
  const timeline = createTimeline();
  const videoRate = createRateMeter();
  const audioRate = createRateMeter();
  let take: Take | null = null;
  let toldMs = 0;
  let toldWarnings = "";
  let takeOverUntilMs = Number.NEGATIVE_INFINITY;
  let countedViewers = 0;

  const sound = createSound(options.makeTranscoder, {
    asSent(frame) {
      gop.writeSound(frame);
      fanOut(frame, "as-sent");
    },
    opus: (frame) => fanOut(frame, "opus"),
    changed: () => tellChanged(),
  });

  function fanOut(frame: Frame, audio: "opus" | "as-sent" | null): void {
    const track = audio === null ? "video" : "audio";
    for (const queue of readers) {
      const wants = queue.options;
      if (wants.tracks !== "both" && wants.tracks !== track) continue;
      if (audio !== null && wants.audio !== audio) continue;
      queue.push(frame);
    }
  }

  function state(of: Take): StreamState {
    if (of.publishing === null) return "interrupted";
    return of.publishing.isStalled ? "stalled" : "live";
  }

  function warnings(of: Publishing): StreamWarning[] {
    if (of.videoFormat !== null && of.lastVideoMs !== null) {
      // Who can be asked for a keyframe needs to send none by itself.
      const isAsked = of.publisher.requestKeyframe !== null;
      const ofVideo = videoWarnings(of.videoFormat, of.video).filter((one) => one !== "long-gop" || !isAsked);
      return [...ofVideo, ...linkWarnings(of.publisher.link())];
    }
    return clock.now() - of.sinceMs >= NO_VIDEO_MS ? ["no-video"] : [];
  }

  function snapshotOf(of: Take): EngineStream {
    const now = clock.now();
    const from = of.publishing ?? of.last;
    const video = from.videoFormat;
    const audio = sound.format();
    return {
      stream: name,
      take: of.id,
      state: state(of),
      sinceAt: of.sinceAt,
      source: of.publishing === null ? null : { ...of.publishing.publisher.source },
      video: video === null ? null : videoStatus(video, from.video, videoRate.bitsPerSecond(now)),
      audio: audio === null ? null : audioStatus(audio, audioRate.bitsPerSecond(now)),
      sound: sound.state(),
      viewers: viewers(),
      link: of.publishing?.publisher.link() ?? null,
      warnings: warnings(from),
      notices: [...from.notices],
    };
  }

  function viewers(): number {
    let count = countedViewers;
    for (const queue of readers) if (queue.options.isViewer) count += 1;
    return count;
  }

  type TakeEvent = "published" | "changed" | "stalled" | "recovered" | "interrupted";
  function tell(event: TakeEvent, resumed = false): void {
    if (take === null) return;
    const stream = snapshotOf(take);
    toldMs = clock.now();
    toldWarnings = stream.warnings.join();
    listener(event === "published" ? { event, stream, resumed } : { event, stream });
  }

  function tellChanged(): void {
    if (take?.publishing != null) tell("changed");
  }

  function endTake(reason: string): void {
    if (take === null) return;
    const ended = take;
    take = null;
    gop.clear();
    sound.close();
    for (const queue of [...readers]) queue.options.takeEnded(reason);
    listener({ event: "unpublished", stream: name, take: ended.id, reason });
  }

  /** The publisher has left; its take waits for it unless it was meant to end. */
  function leave(publishing: Publishing, reason: PublisherEnd | "ended" | "lost"): void {
    if (take === null || take.publishing !== publishing) return;
    take.publishing = null;
    take.interruptedMs = clock.now();
    sound.interrupt();
    if (reason === "taken-over") return;
    const mayReturn = reason === "ended" || reason === "lost" || reason === "key-rotated";
    if (mayReturn && !take.isTestSignal) tell("interrupted");
    else endTake(reason);
  }

  function end(publishing: Publishing, reason: PublisherEnd): void {
    leave(publishing, reason);
    publishing.publisher.end(reason);
  }

  function mayTakeOver(publishing: Publishing): boolean {
    const { publisher } = publishing;
    return (
      publisher.source.protocol === "test-signal" ||
      publisher.isDead() ||
      clock.now() < takeOverUntilMs ||
      clock.now() - publishing.lastUnitMs >= TAKE_OVER_MS
    );
  }

  function publish(publisher: PublisherPort): Publication | PublishRefusal {
    const old = take?.publishing ?? null;
    if (old !== null) {
      if (!mayTakeOver(old)) return "already-live";
      end(old, "taken-over");
    }
    takeOverUntilMs = Number.NEGATIVE_INFINITY;
    const isTestSignal = publisher.source.protocol === "test-signal";
    // Notes belong to a take: those made on the test signal do not go on in the encoder's, nor the other way.
    if (take !== null && take.isTestSignal !== isTestSignal) endTake("taken-over");

    const now = clock.now();
    const publishing: Publishing = {
      publisher,
      sinceMs: now,
      lastUnitMs: now,
      lastVideoMs: null,
      isStalled: false,
      hasKeyframe: false,
      videoFormat: null,
      video: createVideoMeter(),
      notices: [],
    };
    const resumed = take !== null;
    if (take === null) {
      take = {
        id: options.newTakeId(),
        sinceAt: clock.wall(),
        isTestSignal,
        publishing,
        interruptedMs: 0,
        last: publishing,
      };
    } else {
      take.publishing = publishing;
      take.last = publishing;
    }
    timeline.startNewBase();
    tell("published", resumed);
    return publication(take, publishing);
  }

  function writeVideo(publishing: Publishing, unit: VideoUnit): void {
    const format = publishing.videoFormat;
    if (format === null) return;
    const offset = timeline.offsetOf("video", unit.dts, unit.arrivedAtMs);
    const now = clock.now();
    publishing.lastVideoMs = now;
    const placed = { ...unit, pts: unit.pts + offset, dts: unit.dts + offset };
    const frame = { unit: placed, format, bytes: bytesOf(unit) };
    videoRate.add(frame.bytes, now);
    publishing.video.add(placed);

    // The old publisher's pictures cannot be continued: its readers see the next one from a keyframe on.
    if (placed.isKeyframe) publishing.hasKeyframe = true;
    if (publishing.hasKeyframe) {
      gop.write(frame);
      fanOut(frame, null);
    }
    if (publishing.isStalled) {
      publishing.isStalled = false;
      tell("recovered");
    }
  }

  function writeAudio(unit: AudioUnit): void {
    const offset = timeline.offsetOf("audio", unit.pts, unit.arrivedAtMs);
    audioRate.add(unit.payload.length, clock.now());
    sound.write({ ...unit, pts: unit.pts + offset });
  }

  function publication(of: Take, publishing: Publishing): Publication {
    const isCurrent = () => take === of && of.publishing === publishing;
    return {
      videoFormat(format: VideoFormat) {
        if (!isCurrent()) return;
        publishing.videoFormat = format;
        tellChanged();
      },
      audioFormat(format: AudioFormat) {
        if (!isCurrent()) return;
        sound.setFormat(format);
        tellChanged();
      },
      write(unit: AccessUnit) {
        if (!isCurrent()) return;
        publishing.lastUnitMs = clock.now();
        if (unit.kind === "video") writeVideo(publishing, unit);
        else writeAudio(unit);
      },
      notice(text: string) {
        if (!isCurrent() || publishing.notices.length >= MAX_NOTICES) return;
        const notice = text.slice(0, MAX_NOTICE_LENGTH);
        if (publishing.notices.includes(notice)) return;
        publishing.notices.push(notice);
        tellChanged();
      },
      close(how) {
        leave(publishing, how);
      },
    };
  }

  function tickPublishing(publishing: Publishing): void {
    const now = clock.now();
    if (now - publishing.lastUnitMs >= DEAD_MS) {
      endSilent(publishing);
      return;
    }
    const { lastVideoMs } = publishing;
    if (lastVideoMs !== null && !publishing.isStalled && now - lastVideoMs > STALL_MS) {
      publishing.isStalled = true;
      tell("stalled");
      return;
    }
    const isDue = now - toldMs >= CHANGED_MS && !publishing.isStalled;
    if (isDue || warnings(publishing).join() !== toldWarnings) tell("changed");
  }

  /** Silence is a lost connection that nobody has told us of: the take waits as for any other. */
  function endSilent(publishing: Publishing): void {
    leave(publishing, "lost");
    publishing.publisher.end("disconnected");
  }

  return {
    name,
    publish,
    endPublisher(reason) {
      if (take?.publishing == null) return false;
      end(take.publishing, reason);
      return true;
    },
    read(wanted) {
      const queue = createReaderQueue(wanted, gop, () => readers.delete(queue));
      readers.add(queue);
      return queue.reader;
    },
    videoFormat: () => (take === null ? null : (take.publishing ?? take.last).videoFormat),
    gop: () => gop.frames(),
    audioFormat: () => sound.format(),
    requestKeyframe() {
      const ask = take?.publishing?.publisher.requestKeyframe ?? null;
      ask?.();
      return ask !== null;
    },
    allowTakeOver() {
      takeOverUntilMs = clock.now() + ALLOWED_TAKE_OVER_MS;
    },
    countViewer() {
      countedViewers += 1;
      let isCounted = true;
      return () => {
        if (isCounted) countedViewers -= 1;
        isCounted = false;
      };
    },
    bitsPerSecond: () => videoRate.bitsPerSecond(clock.now()) + audioRate.bitsPerSecond(clock.now()),
    snapshot: () => (take === null ? null : snapshotOf(take)),
    tick() {
      if (take === null) return;
      if (take.publishing !== null) tickPublishing(take.publishing);
      else if (clock.now() - take.interruptedMs >= INTERRUPTED_MS) endTake("not-returned");
    },
    isIdle: () => take === null && readers.size === 0,
  };
}
