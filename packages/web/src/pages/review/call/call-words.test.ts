import { expect, test } from "vitest";
import {
  endWords,
  linkWords,
  liveWords,
  micNews,
  problemWords,
  protectionShort,
  protectionWords,
} from "./call-words.js";

test("what a person can do about a device stands in its words", () => {
  expect(problemWords("mic", "not-allowed")).toMatch(/microphone .*Allow it/);
  expect(problemWords("camera", "not-found")).toMatch(/No camera .*Connect one/);
  expect(problemWords("mic", "in-use")).toMatch(/Another program .*Close it/);
  expect(problemWords("camera", "insecure")).toMatch(/https/);
  expect(problemWords("mic", "failed")).toMatch(/microphone did not start/);
});

test("who closes the list of windows has changed their mind: that is no fault to tell", () => {
  expect(problemWords("screen", "not-allowed")).toBeNull();
  expect(problemWords("screen", "failed")).toMatch(/could not be shared/);
});

test("a full call is told with what one can still do; leaving by oneself is no news", () => {
  expect(endWords("full")).toMatch(/full.*watch and write/);
  expect(endWords("elsewhere")).toMatch(/another window/);
  expect(endWords("lost")).toMatch(/lost/);
  for (const end of ["left", "removed", null] as const) expect(endWords(end)).toBeNull();
});

test("the picture's protection says what is off, and goes with it", () => {
  expect(protectionWords(0)).toBeNull();
  expect(protectionWords(1)).toMatch(/cameras are smaller/);
  expect(protectionWords(2)).toMatch(/cameras are off/);
  expect([0, 1, 2].map((level) => protectionShort(level as 0 | 1 | 2))).toEqual([
    null,
    "Cameras smaller, for the picture",
    "Cameras off, for the picture",
  ]);
});

test("a live microphone says who hears it and what opened it", () => {
  expect(liveWords({ isSide: false, by: null })).toEqual({ title: "MIC LIVE", note: null });
  expect(liveWords({ isSide: true, by: "phone" }).note).toBe("to client’s side, by phone");
  expect(liveWords({ isSide: false, by: "button" }).note).toBe("by button");
  expect(micNews(true, true)).toMatch(/client’s side only/);
  expect(micNews(true, false)).toBe("Microphone on");
  expect(micNews(false, true)).toBe("Microphone off");
});

test("a good direct connection has no word; the worst thing has the only one", () => {
  const good = { is: "connected", way: "direct", lossPercent: 0 } as const;
  expect(linkWords(good)).toBeNull();
  expect(linkWords({ ...good, way: "relay" })).toBe("Relayed");
  expect(linkWords({ ...good, way: "relay", lossPercent: 9 })).toBe("Poor line");
  expect(linkWords({ ...good, is: "interrupted", lossPercent: 9 })).toBe("Interrupted");
  expect(linkWords({ ...good, is: "connecting", way: null, lossPercent: null })).toBe("Connecting");
});
