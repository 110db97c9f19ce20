/** What has been sent, from `getStats()`. Counters since the session began. */
export type SentCounters = {
  readonly at: number;
  readonly bytes: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly framesPerSecond: number | null;
  readonly codec: string | null;
  /** What keeps the picture from being better (W3C webrtc-stats §8.5 `qualityLimitationReason`). */
  readonly limitedBy: "none" | "cpu" | "bandwidth" | "other";
  /** What the encoder may use now; null before it runs. */
  readonly targetBitsPerSecond: number | null;
  readonly roundTripMs: number | null;
  /** Part of the packets that did not arrive, of the last report. */
  readonly lostPart: number | null;
};

/** What is being sent now. */
export type Sent = Omit<SentCounters, "at" | "bytes"> & { readonly bitsPerSecond: number | null };

type Report = Record<string, unknown>;
const number = (value: unknown) => (typeof value === "number" ? value : null);
const LIMITS = ["none", "cpu", "bandwidth", "other"] as const;

/** The picture's counters out of a stats report; null until something is sent. */
export function readSent(reports: Iterable<Report>): SentCounters | null {
  const all = [...reports];
  const find = (type: string) =>
    all.find((report) => report["type"] === type && report["kind"] === "video") ?? null;
  const out = find("outbound-rtp");
  if (out === null) return null;
  const codec = all.find((report) => report["type"] === "codec" && report["id"] === out["codecId"]);
  const mimeType = codec?.["mimeType"];
  const remote = find("remote-inbound-rtp");
  const roundTrip = number(remote?.["roundTripTime"]);
  return {
    at: number(out["timestamp"]) ?? 0,
    bytes: number(out["bytesSent"]) ?? 0,
    width: number(out["frameWidth"]),
    height: number(out["frameHeight"]),
    framesPerSecond: number(out["framesPerSecond"]),
    codec: typeof mimeType === "string" ? mimeType.replace(/^video\//i, "").toUpperCase() : null,
    limitedBy: LIMITS.find((limit) => limit === out["qualityLimitationReason"]) ?? "none",
    targetBitsPerSecond: number(out["targetBitrate"]),
    roundTripMs: roundTrip === null ? null : roundTrip * 1_000,
    lostPart: number(remote?.["fractionLost"]),
  };
}

/** What is sent now, from two readings. */
export function sentBetween(before: SentCounters | null, after: SentCounters): Sent {
  const { at, bytes, ...now } = after;
  const seconds = before === null ? 0 : (at - before.at) / 1_000;
  const isSame = before !== null && bytes >= before.bytes && seconds > 0;
  return { ...now, bitsPerSecond: isSame ? ((bytes - before.bytes) * 8) / seconds : null };
}
