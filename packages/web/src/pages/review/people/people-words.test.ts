import type { Person, Viewing } from "@colourstream/contract";
import { expect, test } from "vitest";
import { handsFirst, sinceWords, viewingWords } from "./people-words.js";

test("for how long somebody is here is said in minutes, then in hours", () => {
  const ages = [-5_000, 0, 59_999, 60_000, 12 * 60_000, 3_600_000, 2 * 3_600_000 + 5 * 60_000];
  expect(ages.map((age) => sinceWords(1_000_000, 1_000_000 + age))).toEqual([
    "just came",
    "just came",
    "just came",
    "1 min",
    "12 min",
    "1 h",
    "2 h 5 min",
  ]);
});

test("how the picture comes is said in few words, and loss only where it is to be seen", () => {
  const base: Viewing = { way: "webrtc", latencyMs: 78, latencyFrames: 1.94, lossPercent: 0.4, freezes: 0 };
  const cases: [Viewing | null, string][] = [
    [null, "No picture"],
    [base, "WebRTC, 1.9 frames"],
    [{ ...base, lossPercent: 2.04 }, "WebRTC, 1.9 frames, 2.0 % lost"],
    [{ ...base, lossPercent: 31.4 }, "WebRTC, 1.9 frames, 31 % lost"],
    [{ ...base, latencyFrames: null, latencyMs: null }, "WebRTC"],
    [{ way: "hls", latencyMs: 1_380, latencyFrames: 34, lossPercent: null, freezes: 1 }, "HLS, 1.4 s"],
  ];
  for (const [viewing, words] of cases) expect(viewingWords(viewing)).toBe(words);
});

test("raised hands come first, in the order in which they were raised", () => {
  const person = (name: string, since: number, handAt: number | null): Person => ({
    ...{ id: name, personId: name, name, role: "reviewer", isHost: false, since, handAt },
    ...{ viewing: null, call: null },
  });
  const people = [person("a", 1, null), person("b", 2, 50), person("c", 3, null), person("d", 4, 40)];
  expect(handsFirst(people).map(({ name }) => name)).toEqual(["d", "b", "a", "c"]);
});
