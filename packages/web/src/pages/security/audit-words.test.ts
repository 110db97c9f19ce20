/// <reference types="node" />
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ACTION_GROUPS, actionWords, detailWords } from "./audit-words.js";

const journal = readFileSync(new URL("../../../../server/src/journal.ts", import.meta.url), "utf8");
const actions = [...journal.matchAll(/^ {2}\| "([a-z.-]+)"/gm)].map(([, action]) => action ?? "");

test("every action that the server notes has words", () => {
  expect(actions.length).toBeGreaterThan(30);
  expect(actions.filter((action) => actionWords(action) === action)).toEqual([]);
});

test("an action that came later than this page stands as it is", () => {
  expect(actionWords("comet.seen")).toBe("comet.seen");
});

test("every group of the filter has actions", () => {
  const groups = ACTION_GROUPS.map(({ value }) => value).filter((value) => value !== "");
  expect(groups.filter((group) => !actions.some((action) => action.startsWith(`${group}.`)))).toEqual([]);
});

test("settings are told by their names in the studio", () => {
  expect(detailWords("settings.changed", "rtmpOn: false, rtmpPort: 1936, takesDays: null, comet: 1")).toBe(
    "Let encoders in by RTMP: off, RTMP port: 1936, Keep the list of takes for: none, comet: 1",
  );
  expect(detailWords("room.changed", "rtmpOn: false")).toBe("rtmpOn: false");
});
