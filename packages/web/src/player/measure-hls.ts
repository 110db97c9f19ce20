import type { HlsPlayback } from "./hls.js";
import { inFrames } from "./latency.js";
import type { Measured, MeasurePorts } from "./measure.js";

const POLL_MS = 250;
const POLLS_A_SECOND = 4;

/** What is measured and who is told. */
export type MeasureHlsPorts = Pick<MeasurePorts, "video" | "clockOffsetMs" | "onFrame" | "onSecond"> & {
  readonly playback: HlsPlayback;
};

type Reading = {
  readonly at: number;
  readonly frames: number;
  readonly bytes: number | null;
};

/** Watches an HLS session's picture until the returned function is called. */
export function measureHls({
  video,
  playback,
  clockOffsetMs,
  onFrame,
  onSecond,
}: MeasureHlsPorts): () => void {
  let polls = 0;
  let freezes = 0;
  let seenFrames = 0;
  let seenTime = 0;
  let before: Reading | null = null;

  const onWaiting = () => {
    if (seenFrames > 0) freezes += 1;
  };
  video.addEventListener("waiting", onWaiting);

  /** Decoded frames where the browser counts them; a picture whose time goes on is alive in any case. */
  function look() {
    const { totalVideoFrames } = video.getVideoPlaybackQuality();
    const hasMoved = totalVideoFrames > seenFrames || video.currentTime > seenTime;
    const isNew = hasMoved && video.videoWidth > 0 && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    seenFrames = totalVideoFrames;
    seenTime = video.currentTime;
    if (isNew) onFrame();
  }

  function second() {
    const quality = video.getVideoPlaybackQuality();
    const now: Reading = {
      at: performance.now(),
      frames: quality.totalVideoFrames - quality.droppedVideoFrames,
      bytes: playback.loadedBytes(),
    };
    if (before !== null) {
      onSecond(measuredBetween(before, now, { video, playback, clockOffsetMs, freezes }));
    }
    before = now;
  }

  const timer = setInterval(() => {
    playback.keepUp();
    look();
    polls += 1;
    if (polls % POLLS_A_SECOND === 0) second();
  }, POLL_MS);
  return () => {
    clearInterval(timer);
    video.removeEventListener("waiting", onWaiting);
  };
}

function measuredBetween(
  before: Reading,
  now: Reading,
  about: Pick<MeasureHlsPorts, "video" | "playback" | "clockOffsetMs"> & { readonly freezes: number },
): Measured {
  const { video, playback, freezes } = about;
  const seconds = (now.at - before.at) / 1_000;
  const framesPerSecond = Math.max(0, now.frames - before.frames) / seconds;
  const shownDate = playback.shownDate();
  const offsetMs = about.clockOffsetMs();
  const latencyMs =
    shownDate === null || offsetMs === null
      ? null
      : performance.timeOrigin + performance.now() + offsetMs - shownDate;
  const { buffered, currentTime } = video;
  const end = buffered.length === 0 ? currentTime : buffered.end(buffered.length - 1);
  return {
    bitsPerSecond:
      now.bytes === null || before.bytes === null ? null : ((now.bytes - before.bytes) * 8) / seconds,
    lossPercent: null,
    framesPerSecond,
    jitterBufferMs: null,
    atLeastMs: null,
    bufferMs: Math.max(0, end - currentTime) * 1_000,
    latencyMs,
    latencyFrames: latencyMs === null || framesPerSecond === 0 ? null : inFrames(latencyMs, framesPerSecond),
    codec: null,
    fmtp: null,
    decoder: null,
    width: video.videoWidth || null,
    height: video.videoHeight || null,
    dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
    freezes,
  };
}
