/** What is read from `getStats()` each second, before it becomes rates. Counters since the session began. */
export type Counters = {
  readonly at: number;
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
  readonly framesDecoded: number;
  readonly framesDropped: number;
  readonly freezes: number;
  readonly jitterDelaySeconds: number;
  readonly jitterFrames: number;
  /** From a frame's first packet to its end in the decoder, over all frames. */
  readonly processingSeconds: number;
  readonly roundTripSeconds: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly codec: string | null;
  readonly fmtp: string | null;
  readonly decoder: string | null;
};

/** Figures over the last second; null where the browser does not tell. */
export type Rates = {
  readonly bitsPerSecond: number | null;
  readonly lossPercent: number | null;
  readonly framesPerSecond: number | null;
  readonly jitterBufferMs: number | null;
  /** Half the line's round trip and what this browser took: what a frame is late at least, whatever its server does. */
  readonly atLeastMs: number | null;
};

type Report = Record<string, unknown>;
const number = (value: unknown) => (typeof value === "number" ? value : 0);
const text = (value: unknown) => (typeof value === "string" ? value : null);

/** The video counters out of a stats report (W3C webrtc-stats §8); null until there is an inbound video stream. */
export function readCounters(reports: Iterable<Report>): Counters | null {
  const all = [...reports];
  const inbound = (kind: string) =>
    all.find((report) => report["type"] === "inbound-rtp" && report["kind"] === kind);
  const video = inbound("video");
  if (video === undefined) return null;
  const codec = all.find((report) => report["type"] === "codec" && report["id"] === video["codecId"]);
  return {
    at: number(video["timestamp"]),
    bytes: number(video["bytesReceived"]),
    packets: number(video["packetsReceived"]),
    lost: number(video["packetsLost"]),
    framesDecoded: number(video["framesDecoded"]),
    framesDropped: number(video["framesDropped"]),
    freezes: number(video["freezeCount"]),
    jitterDelaySeconds: number(video["jitterBufferDelay"]),
    jitterFrames: number(video["jitterBufferEmittedCount"]),
    processingSeconds: number(video["totalProcessingDelay"]),
    roundTripSeconds: roundTripOf(all),
    width: number(video["frameWidth"]) || null,
    height: number(video["frameHeight"]) || null,
    codec: text(codec?.["mimeType"])?.replace(/^video\//, "") ?? null,
    fmtp: text(codec?.["sdpFmtpLine"]),
    decoder: text(video["decoderImplementation"]),
  };
}

/** Of the pair of candidates in use (W3C webrtc-stats §8.17); null until it has been measured. */
function roundTripOf(all: readonly Report[]): number | null {
  const chosen = all.find(({ type }) => type === "transport")?.["selectedCandidatePairId"];
  const pair =
    all.find(({ id }) => id !== undefined && id === chosen) ??
    all.find(({ type, nominated }) => type === "candidate-pair" && nominated === true); // Firefox names none
  const seconds = pair?.["currentRoundTripTime"];
  return typeof seconds === "number" ? seconds : null;
}

const NOTHING: Rates = {
  bitsPerSecond: null,
  lossPercent: null,
  framesPerSecond: null,
  jitterBufferMs: null,
  atLeastMs: null,
};

/** What happened between two readings. */
export function ratesBetween(before: Counters, after: Counters): Rates {
  const seconds = (after.at - before.at) / 1_000;
  if (seconds <= 0) return NOTHING;
  const packets = after.packets - before.packets;
  const lost = Math.max(0, after.lost - before.lost); // a late packet takes its loss back
  const emitted = after.jitterFrames - before.jitterFrames;
  const decoded = after.framesDecoded - before.framesDecoded;
  const { roundTripSeconds } = after;
  return {
    bitsPerSecond: ((after.bytes - before.bytes) * 8) / seconds,
    lossPercent: packets + lost === 0 ? null : (100 * lost) / (packets + lost),
    framesPerSecond: decoded / seconds,
    jitterBufferMs:
      emitted <= 0 ? null : (1_000 * (after.jitterDelaySeconds - before.jitterDelaySeconds)) / emitted,
    atLeastMs:
      decoded <= 0 || roundTripSeconds === null
        ? null
        : 500 * roundTripSeconds + (1_000 * (after.processingSeconds - before.processingSeconds)) / decoded,
  };
}
