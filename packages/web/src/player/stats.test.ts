import { expect, test } from "vitest";
import { ratesBetween, readCounters } from "./stats.js";

const report = (at: number, more: Record<string, unknown>): Record<string, unknown>[] => [
  { type: "codec", id: "c1", mimeType: "video/H264", sdpFmtpLine: "profile-level-id=42e01f" },
  {
    type: "inbound-rtp",
    kind: "video",
    timestamp: at,
    codecId: "c1",
    frameWidth: 1920,
    frameHeight: 1080,
    ...more,
  },
];

test("there is nothing to tell before the first inbound stream", () => {
  expect(readCounters([{ type: "transport", id: "t" }])).toBeNull();
});

test("rates come from the difference of two readings", () => {
  const before = readCounters(
    report(1_000, {
      bytesReceived: 0,
      packetsReceived: 0,
      packetsLost: 0,
      framesDecoded: 0,
      jitterBufferDelay: 0,
      jitterBufferEmittedCount: 0,
    }),
  );
  const after = readCounters(
    report(2_000, {
      bytesReceived: 1_000_000,
      packetsReceived: 990,
      packetsLost: 10,
      framesDecoded: 24,
      jitterBufferDelay: 0.12,
      jitterBufferEmittedCount: 24,
      totalProcessingDelay: 0.24,
    }).concat(
      { type: "transport", id: "t", selectedCandidatePairId: "p2" },
      { type: "candidate-pair", id: "p1", nominated: true, currentRoundTripTime: 9 },
      { type: "candidate-pair", id: "p2", nominated: true, currentRoundTripTime: 0.03 },
    ),
  );
  if (before === null || after === null) throw new Error("the video stream was not found");
  expect(after.codec).toBe("H264");
  expect(ratesBetween(before, after)).toEqual({
    bitsPerSecond: 8_000_000,
    lossPercent: 1,
    framesPerSecond: 24,
    jitterBufferMs: 5,
    atLeastMs: 25, // half of 30 ms, and 10 ms in the browser
  });
});

test("a packet that was only late is not a negative loss", () => {
  const before = readCounters(report(1_000, { packetsReceived: 100, packetsLost: 3 }));
  const after = readCounters(report(2_000, { packetsReceived: 203, packetsLost: 2 }));
  if (before === null || after === null) throw new Error("the video stream was not found");
  expect(ratesBetween(before, after).lossPercent).toBe(0);
});

test("two readings of the same moment claim nothing", () => {
  const same = readCounters(report(1_000, {}));
  if (same === null) throw new Error("the video stream was not found");
  expect(new Set(Object.values(ratesBetween(same, same)))).toEqual(new Set([null]));
});
