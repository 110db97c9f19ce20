import { inFrames, median, serverToScreenMs, unixFromNtpMs } from "./latency.js";
import { type Counters, type Rates, ratesBetween, readCounters } from "./stats.js";

/** What the room can say about the picture on this screen, once a second. Null: this browser does not tell. */
export type Measured = Rates & {
  /** From the frame's arrival at the server to this screen. */
  readonly latencyMs: number | null;
  readonly latencyFrames: number | null;
  readonly codec: string | null;
  readonly fmtp: string | null;
  readonly decoder: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Since the session began. */
  readonly dropped: number;
  readonly freezes: number;
  /** How much is loaded ahead of what is shown: HLS only. */
  readonly bufferMs: number | null;
};

/** What is measured and who is told. */
export type MeasurePorts = {
  readonly peer: RTCPeerConnection;
  readonly video: HTMLVideoElement;
  /** Server's clock minus ours; null while unknown. */
  readonly clockOffsetMs: () => number | null;
  readonly onFrame: () => void;
  readonly onBytes: () => void;
  readonly onSecond: (measured: Measured) => void;
};

const POLL_MS = 250; // silence is noticed within a second
const RECENT_FRAMES = 64; // capture times remembered until their frame is on the screen: over 1 s at 60 fps

/** Watches frames and counters of a session until the returned function is called. */
export function measureSession(ports: MeasurePorts): () => void {
  const { peer, video } = ports;
  const receiver = peer.getReceivers().find(({ track }) => track.kind === "video");
  const captureTimes = new Map<number, number>();
  let latencies: number[] = [];
  let stopped = false;
  let frameRequest = 0;
  let last: Counters | null = null;
  let secondBegan: Counters | null = null;

  function rememberCaptureTimes() {
    for (const source of receiver?.getSynchronizationSources() ?? []) {
      const { captureTimestamp, rtpTimestamp } = source as typeof source & { captureTimestamp?: number };
      if (captureTimestamp === undefined) continue;
      captureTimes.set(rtpTimestamp, unixFromNtpMs(captureTimestamp));
      const oldest = captureTimes.keys().next().value;
      if (captureTimes.size > RECENT_FRAMES && oldest !== undefined) captureTimes.delete(oldest);
    }
  }

  function onVideoFrame(_now: number, frame: VideoFrameCallbackMetadata) {
    if (stopped) return;
    frameRequest = video.requestVideoFrameCallback(onVideoFrame);
    rememberCaptureTimes();
    const arrivedAt = captureTimes.get(frame.rtpTimestamp ?? -1);
    const clockOffsetMs = ports.clockOffsetMs();
    if (arrivedAt !== undefined && clockOffsetMs !== null) {
      const shownAt = performance.timeOrigin + frame.expectedDisplayTime;
      latencies.push(serverToScreenMs({ arrivedAt, shownAt, clockOffsetMs }));
    }
    ports.onFrame();
  }

  async function poll() {
    const reports: Record<string, unknown>[] = [];
    for (const report of (await peer.getStats()).values()) reports.push(report);
    if (stopped) return;
    const counters = readCounters(reports);
    if (counters === null) return;
    if (counters.bytes > (last?.bytes ?? 0)) ports.onBytes();
    // A hidden page gets no frame callbacks: there, decoding is the sign of life. A visible one waits for the screen.
    if (counters.framesDecoded > (last?.framesDecoded ?? 0) && noCallbacks(video)) ports.onFrame();
    last = counters;
    secondBegan ??= counters;
    if (counters.at - secondBegan.at >= 1_000 - POLL_MS / 2) {
      ports.onSecond(measuredBetween(secondBegan, counters, latencies));
      secondBegan = counters;
      latencies = [];
    }
  }

  if (hasFrameCallbacks(video)) frameRequest = video.requestVideoFrameCallback(onVideoFrame);
  const timer = setInterval(() => {
    poll().catch((error: unknown) => {
      if (!stopped) throw error; // a connection closed between two lines is no fault
    });
  }, POLL_MS);
  return () => {
    stopped = true;
    clearInterval(timer);
    if (hasFrameCallbacks(video)) video.cancelVideoFrameCallback(frameRequest);
  };
}

function hasFrameCallbacks(video: HTMLVideoElement) {
  return "requestVideoFrameCallback" in video;
}

function noCallbacks(video: HTMLVideoElement) {
  return document.hidden || !hasFrameCallbacks(video);
}

function measuredBetween(before: Counters, after: Counters, latencies: readonly number[]): Measured {
  const rates = ratesBetween(before, after);
  const latencyMs = median(latencies);
  const { codec, fmtp, decoder, width, height } = after;
  return {
    ...rates,
    latencyMs,
    latencyFrames:
      latencyMs === null || rates.framesPerSecond === null
        ? null
        : inFrames(latencyMs, rates.framesPerSecond),
    codec,
    fmtp,
    decoder,
    width,
    height,
    dropped: after.framesDropped,
    freezes: after.freezes,
    bufferMs: null,
  };
}
