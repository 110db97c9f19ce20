import { expect, test } from "vitest";
import {
  bitRateWords,
  codecWords,
  encryptedWords,
  frameRateWords,
  gopWords,
  latencyWords,
  linkWords,
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

test("an engine that tells no profile and depth leaves the codec to be read", () => {
  expect(codecWords(video)).toBe("H.264 High, 8-bit 4:2:0");
  expect(codecWords({ ...video, profile: "", bitDepth: 0, chroma: "" })).toBe("H.264");
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

const LINK = {
  rttMs: 24.4,
  lostPercent: 0,
  missingPercent: 0,
  latencyMs: 200,
  advisedLatencyMs: 98,
  isEncrypted: true,
};

test.each([
  [{}, "24 ms there and back, nothing lost on the way"],
  [{ rttMs: null }, "nothing lost on the way"],
  [{ rttMs: 0.42 }, "0.4 ms there and back, nothing lost on the way"],
  [{ lostPercent: 1.96 }, "24 ms there and back, 2.0 % lost at the first try, all of it sent again in time"],
  [
    { lostPercent: 12, missingPercent: 0.02 },
    "24 ms there and back, 12 % lost at the first try, under 0.1 % missing: the picture was damaged",
  ],
])("a line with %j reads “%s”", (changes, words) => {
  expect(linkWords({ ...LINK, ...changes })).toBe(words);
});

test("SRT's latency says what it should be only where it is too low", () => {
  expect(latencyWords(LINK)).toBe("200 ms");
  expect(latencyWords({ ...LINK, advisedLatencyMs: null })).toBe("200 ms");
  expect(latencyWords({ ...LINK, advisedLatencyMs: 322 })).toBe(
    "200 ms; should be at least 330 ms for this line",
  );
  expect(latencyWords({ ...LINK, latencyMs: null })).toBeNull();
});

test("RTMP is in the clear, RTMPS is not, SRT says so itself, and the test signal has no way", () => {
  const from = (protocol: "rtmp" | "rtmps" | "srt" | "test-signal", link: typeof LINK | null) =>
    encryptedWords({ source: { protocol, encoder: null }, link });
  expect(from("rtmp", null)).toContain("No");
  expect(from("rtmps", null)).toBe("Yes");
  expect(from("srt", LINK)).toBe("Yes");
  expect(from("srt", { ...LINK, isEncrypted: false })).toContain("No");
  expect(from("test-signal", null)).toBeNull();
});
