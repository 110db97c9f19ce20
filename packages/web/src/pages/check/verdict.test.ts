import { expect, test } from "vitest";
import type { CheckResults, CodecResult, PictureResult } from "./results.js";
import { asText, judge } from "./verdict.js";

const SHOWN: PictureResult = { is: "shown", connectMs: 80, firstFrameMs: 210, rttMs: 24, detour: null };
const CODECS: readonly CodecResult[] = [
  { name: "H.264", isUsual: true, ways: ["webrtc", "hls"] },
  { name: "H.265 (HEVC)", isUsual: false, ways: [] },
];
const READY: CheckResults = {
  picture: SHOWN,
  line: { bitsPerSecond: 60_000_000, neededBitsPerSecond: 10_000_000, isOfRoom: false },
  codecs: CODECS,
  soundStarts: true,
  screen: { width: 1440, height: 900, pixelRatio: 2, isWideGamut: true },
};
const grades = (results: CheckResults) =>
  Object.fromEntries(judge(results).findings.map(({ id, grade }) => [id, grade]));

test("a good line is ready, and nothing is advised", () => {
  const verdict = judge(READY);
  expect(verdict.summary).toBe("You are ready.");
  expect(verdict.findings.every(({ advice }) => advice === null)).toBe(true);
  expect(grades(READY)).toEqual({
    picture: "good",
    line: "good",
    codecs: "good",
    sound: "good",
    screen: null,
  });
});

test("where UDP is blocked the picture comes late, and what can be done is said", () => {
  const verdict = judge({ ...READY, picture: { is: "blocked" } });
  expect(verdict).toMatchObject({ grade: "fair", summary: expect.stringContaining("a second or two late") });
  expect(verdict.findings[0]?.advice).toContain("VPN");
});

test("where neither way is open, nothing is promised", () => {
  const codecs = [{ name: "H.264", isUsual: true, ways: ["webrtc"] }] as const;
  const verdict = judge({ ...READY, codecs, picture: { is: "blocked" } });
  expect(verdict.grade).toBe("bad");
  expect(verdict.findings[0]?.grade).toBe("bad");
});

test.each([
  [60_000_000, "good", "You are ready."],
  [13_000_000, "good", "You are ready."],
  [
    12_000_000,
    "fair",
    "You can watch. Your line is only just quick enough: the picture may stop now and then.",
  ],
  [9_000_000, "bad", "Your line is too slow for this picture: it would stop again and again."],
])("a line of %i bit/s for 10 Mbit/s is %s", (bitsPerSecond, grade, summary) => {
  const results = { ...READY, line: { ...READY.line, bitsPerSecond } };
  expect(judge(results).summary).toBe(summary);
  expect(grades(results)["line"]).toBe(grade);
});

test("a line that could not be measured takes nothing away from a picture that was seen", () => {
  const results = { ...READY, line: { ...READY.line, bitsPerSecond: null } };
  expect(judge(results).summary).toBe("You are ready.");
  expect(grades(results)["line"]).toBe("fair");
});

test("a room's own bit rate is called that", () => {
  const said = (isOfRoom: boolean) =>
    judge({ ...READY, line: { ...READY.line, isOfRoom } }).findings[1]?.text;
  expect(said(true)).toContain("The room’s picture takes 10.0 Mbit/s now.");
  expect(said(false)).toContain("A good picture takes about 10.0 Mbit/s.");
});

test("a detour and a long way work, and could be better", () => {
  expect(grades({ ...READY, picture: { ...SHOWN, detour: "relay" } })["picture"]).toBe("fair");
  expect(grades({ ...READY, picture: { ...SHOWN, rttMs: 220 } })["picture"]).toBe("fair");
  expect(grades({ ...READY, picture: { ...SHOWN, rttMs: null } })["picture"]).toBe("good");
});

test("a browser that shows nothing of the usual is told so first of all", () => {
  const verdict = judge({ ...READY, codecs: [{ name: "H.264", isUsual: true, ways: [] }] });
  expect(verdict).toMatchObject({ grade: "bad", summary: expect.stringContaining("browser") });
});

test("a picture that could not be tried is no judgement of the line", () => {
  const verdict = judge({
    ...READY,
    picture: { is: "not-tried", reason: "the media engine is restarting." },
  });
  expect(verdict.summary).toContain("Check again");
  expect(verdict.findings[0]?.text).toContain("restarting");
});

test("the text for the colourist has every line, every kind of picture and what it was checked with", () => {
  const results: CheckResults = { ...READY, soundStarts: false };
  const text = asText(judge(results), results.codecs, "2026-11-23T00:00:00Z, Firefox");
  expect(text).toContain("You are ready.");
  expect(text).toContain("Sound: Could be better. This browser wants a tap");
  expect(text).toContain("H.265 (HEVC): Not shown");
  expect(text).toContain("Screen: 2880 × 1800 pixels");
  expect(text.endsWith("2026-11-23T00:00:00Z, Firefox")).toBe(true);
});
