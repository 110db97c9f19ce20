import type { Recording } from "@colourstream/contract";
import { expect, test } from "vitest";
import {
  bytesWords,
  diskWords,
  lengthWords,
  pictureWords,
  searched,
  stateWords,
  stoppedWords,
} from "./recording-words.js";

test.each([
  [0, "0 bytes"],
  [940, "940 bytes"],
  [1_000, "1.0 kB"],
  [12_345, "12 kB"],
  [999_499, "999 kB"],
  [999_600, "1.0 MB"],
  [3_420_000_000, "3.4 GB"],
  [9_960_000_000, "10 GB"],
  [230_000_000_000, "230 GB"],
  [2_000_000_000_000_000, "2000 TB"],
])("%d bytes read %s", (bytes, words) => {
  expect(bytesWords(bytes)).toBe(words);
});

test.each([
  [-5, "0:00"],
  [7_999, "0:07"],
  [750_000, "12:30"],
  [3_723_000, "1:02:03"],
])("%d ms read %s", (ms, words) => {
  expect(lengthWords(ms)).toBe(words);
});

test("the disk's use is one line, also while nothing is recorded", () => {
  expect(diskWords({ usedBytes: 12e9, freeBytes: 230e9 })).toBe("Recordings use 12 GB; 230 GB free");
  expect(diskWords({ usedBytes: 0, freeBytes: 5e9 })).toBe("Recordings use no space; 5.0 GB free");
});

test("a picture is told by codec and size, and by a dash until it is known", () => {
  expect(pictureWords({ codec: "H.264 High 4:2:2", width: 1920, height: 1080 })).toBe(
    "H.264 High 4:2:2, 1920 × 1080",
  );
  expect(pictureWords(null)).toBe("–");
});

test("every state has words of its own", () => {
  const words = (["recording", "finalising", "ready", "broken"] as const).map(stateWords);
  expect(new Set(words).size).toBe(4);
});

test("a full disk is told with what is kept, what goes on and what to do", () => {
  expect(stoppedWords("disk-full")).toMatch(/disk is full.*is kept.*review go on.*Delete recordings/);
  expect(stoppedWords("failed")).toMatch(/could not be written.*is kept/);
});

test("a search finds every word in the recording's or the room's name, in any case and order", () => {
  const recording = (name: string, room: string) => ({ name, room: { id: "r", name: room } }) as Recording;
  const all = [recording("Reel 3, first pass", "Northern Light"), recording("Trailer", "Sea")];
  expect(searched(all, "  PASS light ")).toEqual([all[0]]);
  expect(searched(all, "sea")).toEqual([all[1]]);
  expect(searched(all, "pass sea")).toEqual([]);
  expect(searched(all, "")).toEqual(all);
});
