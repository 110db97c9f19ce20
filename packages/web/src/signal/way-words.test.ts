import { expect, test } from "vitest";
import { badgeWords, delayedWords, shortCodecWords, unplayableWords, whyDelayedWords } from "./way-words.js";

test("a delayed picture says how late it is, once that is known", () => {
  expect(delayedWords(1_234)).toBe("Delayed picture: 1.2 s");
  expect(delayedWords(null)).toBe("Delayed picture");
});

test("a codec is named with what is unusual in it", () => {
  expect(shortCodecWords({ codec: "av1", bitDepth: 10, chroma: "4:2:0" })).toBe("10-bit AV1");
  expect(shortCodecWords({ codec: "h264", bitDepth: 10, chroma: "4:2:2" })).toBe("10-bit 4:2:2 H.264");
  expect(shortCodecWords({ codec: "h265", bitDepth: 8, chroma: "4:2:0" })).toBe("H.265 (HEVC)");
});

test("who cannot see the picture reads what it is and what each side can do", () => {
  const video = {
    codec: "av1",
    profile: "Main",
    width: 1920,
    height: 1080,
    frameRate: 24,
    bitDepth: 10,
    chroma: "4:2:0",
    gopFrames: null,
    reorderFrames: 0,
    colour: null,
    bitsPerSecond: 1,
  } as const;
  const [what, advice] = unplayableWords(video);
  expect(what).toBe("The picture is sent as 10-bit AV1, which this browser cannot show.");
  expect(advice).toContain("H.264");
  expect(unplayableWords({ ...video, codec: "h265" })[1]).toContain("hardware");
});

test("only an unwanted delay is explained", () => {
  expect(whyDelayedWords("webrtc", "auto", "well")).toBeNull();
  expect(whyDelayedWords("hls", "hls", "well")).toBeNull();
  expect(whyDelayedWords("hls", "auto", "poorly")).toContain("B-frames");
  expect(whyDelayedWords("hls", "auto", "well")).toContain("network");
});

test("a picture that is not the one that was sent says so beside the controls; an untouched one by WebRTC says nothing", () => {
  expect(badgeWords("webrtc", 40)).toBeNull();
  expect(badgeWords(null, null)).toBeNull();
  expect(badgeWords("universal", 90)).toBe("Re-encoded picture");
  expect(badgeWords("hls", 1_230)).toBe("Delayed picture: 1.2 s");
});
