import { expect, test } from "vitest";
import {
  bitRateWords,
  frameRateWords,
  gopWords,
  refusedWords,
  sinceWords,
  sizeWords,
} from "./stream-words.js";

const video = {
  codec: "h264" as const,
  profile: "High",
  width: 1920,
  height: 1080,
  frameRate: 23.9763,
  bitDepth: 8,
  chroma: "4:2:0",
  gopFrames: 24,
  reorderFrames: 0,
  colour: null,
  bitsPerSecond: 1,
};

test.each([
  [24_000 / 1_001, "23.976 fps"],
  [24.003, "24 fps"],
  [25, "25 fps"],
  [59.9401, "59.94 fps"],
  [12.5, "12.5 fps"],
  [null, "–"],
])("a measured rate of %s reads “%s”", (rate, words) => {
  expect(frameRateWords(rate)).toBe(words);
});

test("size, GOP and bit rate read as an editor writes them", () => {
  expect(sizeWords(video)).toBe("1920 × 1080, 23.976 fps");
  expect(gopWords(video)).toBe("every 24 frames, 1 s");
  expect(gopWords({ ...video, gopFrames: 250, frameRate: 24 })).toBe("every 250 frames, 10.4 s");
  expect(bitRateWords(18_430_000)).toBe("18.4 Mbit/s");
  expect(bitRateWords(128_000)).toBe("128 kbit/s");
});

test("time since is coarse and never negative", () => {
  expect(sinceWords(1_000, 0)).toBe("less than a minute");
  expect(sinceWords(0, 12 * 60_000)).toBe("12 min");
  expect(sinceWords(0, 125 * 60_000)).toBe("2 h 05 min");
});

test("a refused encoder's reason is a sentence", () => {
  const refused = {
    at: 0,
    reason: "already-live",
    detail: "",
    protocol: "rtmp" as const,
    address: "127.0.0.1",
  };
  expect(refusedWords(refused)).toContain("was turned away");
  expect(refusedWords({ ...refused, reason: "x", detail: "The detail." })).toBe("The detail.");
});
