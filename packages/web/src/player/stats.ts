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
    width: number(video["frameWidth"]) || null,
    height: number(video["frameHeight"]) || null,
    codec: text(codec?.["mimeType"])?.replace(/^video\//, "") ?? null,
    fmtp: text(codec?.["sdpFmtpLine"]),
    decoder: text(video["decoderImplementation"]),
  };
}

/** What happened between two readings. */
export function ratesBetween(before: Counters, after: Counters): Rates {
  const seconds = (after.at - before.at) / 1_000;
  if (seconds <= 0) {
    return { bitsPerSecond: null, lossPercent: null, framesPerSecond: null, jitterBufferMs: null };
  }
  const packets = after.packets - before.packets;
  const lost = Math.max(0, after.lost - before.lost); // a late packet takes its loss back
  const emitted = after.jitterFrames - before.jitterFrames;
  return {
    bitsPerSecond: ((after.bytes - before.bytes) * 8) / seconds,
    lossPercent: packets + lost === 0 ? null : (100 * lost) / (packets + lost),
    framesPerSecond: (after.framesDecoded - before.framesDecoded) / seconds,
    jitterBufferMs:
      emitted <= 0 ? null : (1_000 * (after.jitterDelaySeconds - before.jitterDelaySeconds)) / emitted,
  };
}
