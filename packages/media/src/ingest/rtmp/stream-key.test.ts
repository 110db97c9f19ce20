import { expect, test } from "vitest";
import { appOfUrl, streamKey } from "./stream-key.js";

const CASES: readonly [name: string, app: string, streamName: string, key: string][] = [
  ["as it should be", "live", "KEY", "KEY"],
  ["a query behind the name", "live", "KEY?a=b", "KEY"],
  ["a query behind the app", "live?a=b", "KEY", "KEY"],
  ["the key in the app, the name empty", "live/KEY", "", "KEY"],
  ["the key as the whole app", "KEY", "", "KEY"],
  ["a trailing slash", "live/", "KEY", "KEY"],
  ["the key in the app with a trailing slash", "live/KEY/", "", "KEY"],
  ["quotes from copying", '"live"', ' "KEY" ', "KEY"],
  ["the key as a query of the name", "live", "?key=KEY", "KEY"],
  ["the key as a query of the app", "live?key=KEY", "", "KEY"],
  ["app and key in the name", "", "live/KEY", "KEY"],
  ["nothing at all", "", "", ""],
];

test.each(CASES)("the stream key is found: %s", (_name, app, name, key) => {
  expect(streamKey({ app, name })).toBe(key);
});

test("the app is found in a tcUrl", () => {
  expect(appOfUrl("rtmp://host:1935/live/KEY")).toBe("live/KEY");
  expect(appOfUrl("rtmps://host/live/")).toBe("live/");
  expect(appOfUrl("rtmp://host")).toBe("");
  expect(appOfUrl("")).toBe("");
});
