import type { Settings } from "@colourstream/contract";
import { expect, test } from "vitest";
import { readTurn, turnDraftOf } from "./turn-draft.js";

const NONE = {
  iceUrls: [] as string[],
  turnAuth: "none",
  turnUsername: "",
  hasTurnSecret: false,
} as unknown as Settings;
const KEPT = { ...NONE, iceUrls: ["turn:a.test"], turnAuth: "secret", hasTurnSecret: true } as Settings;

const read = (settings: Settings, changes: Partial<ReturnType<typeof turnDraftOf>>) =>
  readTurn(settings, { ...turnDraftOf(settings), ...changes });

test("what nobody touched is no change, with and without a secret that is kept", () => {
  for (const settings of [NONE, KEPT]) expect(read(settings, {})).toEqual({ change: {}, problems: [] });
});

test("servers stand one a line, spaces and empty lines aside", () => {
  const urls = " stun:a.test:3478 \n\nturn:b.test?transport=udp\n";
  expect(read(NONE, { urls, auth: "secret", secret: "north" })).toEqual({
    change: {
      iceUrls: ["stun:a.test:3478", "turn:b.test?transport=udp"],
      turnAuth: "secret",
      turnSecret: "north",
    },
    problems: [],
  });
});

test.each([
  [NONE, { urls: "example.org" }, "iceUrls"],
  [NONE, { urls: "turn://example.org", auth: "secret", secret: "x" }, "iceUrls"],
  [NONE, { urls: Array.from({ length: 9 }, (_, n) => `stun:s${n}.test`).join("\n") }, "iceUrls"],
  [NONE, { urls: "turn:a.test" }, "turnAuth"],
  [NONE, { urls: "turn:a.test", auth: "secret" }, "turnSecret"],
  [NONE, { urls: "turn:a.test", auth: "password", secret: "x" }, "turnUsername"],
  [KEPT, { auth: "password", username: "cs" }, "turnSecret"],
] as const)("what is missing is named at its field (%#)", (settings, changes, field) => {
  expect(read(settings, changes).problems.map((problem) => problem.field)).toEqual([field]);
});

test("without TURN no secret is kept", () => {
  expect(read(KEPT, { urls: "stun:a.test", auth: "none" })).toEqual({
    change: { iceUrls: ["stun:a.test"], turnAuth: "none", turnSecret: null },
    problems: [],
  });
});
