import { expect, test } from "vitest";
import type { Measured } from "../../../player/measure.js";
import { viewingOf } from "./viewing.js";

const measured: Measured = {
  bitsPerSecond: 8_000_000,
  lossPercent: 0.123,
  framesPerSecond: 24,
  jitterBufferMs: 12,
  atLeastMs: null,
  latencyMs: 83.333,
  latencyFrames: 2,
  codec: "H264",
  fmtp: null,
  decoder: null,
  width: 1920,
  height: 1080,
  dropped: 0,
  freezes: 1,
  bufferMs: null,
};

test("without a picture there is nothing to say", () => {
  expect(viewingOf(null, measured)).toBeNull();
});

test("a picture that is not measured yet is told by its way", () => {
  expect(viewingOf("hls", null)).toEqual({
    way: "hls",
    latencyMs: null,
    latencyFrames: null,
    lossPercent: null,
    freezes: 0,
  });
});

test("figures are told to a tenth, and never outside what the contract takes", () => {
  expect(viewingOf("webrtc", measured)).toEqual({
    way: "webrtc",
    latencyMs: 83.3,
    latencyFrames: 2,
    lossPercent: 0.1,
    freezes: 1,
  });
  const odd = { ...measured, latencyMs: -4, latencyFrames: Number.NaN, lossPercent: 120, freezes: 2e6 };
  expect(viewingOf("webrtc", odd)).toEqual({
    way: "webrtc",
    latencyMs: 0,
    latencyFrames: null,
    lossPercent: 100,
    freezes: 1_000_000,
  });
});
