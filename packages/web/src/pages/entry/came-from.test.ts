import { expect, test } from "vitest";
import { pageAfterSignIn } from "./came-from.js";

const origin = "http://localhost:3000";

test("one returns to the studio page that one asked for", () => {
  expect(pageAfterSignIn("/studio/rooms/abc", origin)).toBe("/studio/rooms/abc");
  expect(pageAfterSignIn("/studio?archived=true", origin)).toBe("/studio?archived=true");
});

test.each([
  undefined,
  "",
  "/",
  "/set-up",
  "//evil.example/studio",
  "https://evil.example/studio",
  "\\\\evil.example/studio",
  "javascript:alert(1)",
  "/studio/../../r/x",
  "/studios",
])("%s leads to the studio's first page", (cameFrom) => {
  expect(pageAfterSignIn(cameFrom, origin)).toBe("/studio");
});
