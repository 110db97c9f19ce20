import type { StreamStatus } from "@colourstream/contract";
import { expect, test } from "vitest";
import { streamStateOf } from "./stream-state.js";

const VIDEO: StreamStatus["video"] = {
  codec: "h264",
  profile: "High",
  width: 1920,
  height: 1080,
  frameRate: 24,
  bitDepth: 8,
  chroma: "4:2:0",
  gopFrames: 24,
  reorderFrames: 0,
  colour: null,
  bitsPerSecond: 12_000_000,
};

test("a live encoder is connected to once its picture is described, not before", () => {
  expect(streamStateOf(null)).toBeNull();
  expect(streamStateOf({ state: "live", video: null })).toBe("interrupted");
  expect(streamStateOf({ state: "live", video: VIDEO })).toBe("live");
});

test("a described picture that stands still or is away is told as it is", () => {
  expect(streamStateOf({ state: "stalled", video: VIDEO })).toBe("stalled");
  expect(streamStateOf({ state: "interrupted", video: VIDEO })).toBe("interrupted");
});
