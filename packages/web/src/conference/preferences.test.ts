import { expect, test } from "vitest";
import { type CallPreferences, DEFAULT_PREFERENCES, parsePreferences } from "./preferences.js";

test("what was kept comes back", () => {
  const kept: CallPreferences = {
    ...{ micId: "m", cameraId: "c", speakerId: "s", suite: true, ducks: false },
    ...{ duckDb: 20, callVolume: 0.5, soundDelayMs: 120 },
  };
  expect(parsePreferences(JSON.stringify(kept))).toEqual(kept);
});

test.each([
  "",
  "{",
  "null",
  "7",
  "[]",
  '{"micId":7,"cameraId":"","suite":"yes","ducks":1,"duckDb":400,"callVolume":-1,"soundDelayMs":null}',
])("%s is as if nobody had chosen", (text) => {
  expect(parsePreferences(text)).toEqual(DEFAULT_PREFERENCES);
});
