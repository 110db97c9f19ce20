import { expect, test } from "vitest";
import { createRefusals } from "./refusals.js";

const from = (protocol: "rtmps" | "whep" | "hls") => ({ address: "192.0.2.1", protocol });

test("the last refused publisher of a room is shown for ten minutes, or until one is let in", () => {
  let now = 0;
  const refusals = createRefusals(() => now);
  expect(refusals.note("a", "already-live", "One is live.", from("rtmps"))).toBe(true);
  expect(refusals.note("a", "archived", "It is archived.", from("rtmps"))).toBe(true);
  expect(refusals.last("a")).toEqual({
    at: 0,
    reason: "archived",
    detail: "It is archived.",
    address: "192.0.2.1",
    protocol: "rtmps",
  });
  expect(refusals.last("b")).toBeNull();
  now = 600_001;
  expect(refusals.last("a")).toBeNull();
  now = 600_000;
  refusals.forget("a");
  expect(refusals.last("a")).toBeNull();
});

test("a viewer who was refused is no publisher", () => {
  const refusals = createRefusals(() => 0);
  expect(refusals.note("a", "invalid-ticket", "", from("whep"))).toBe(false);
  expect(refusals.note("a", "invalid-ticket", "", from("hls"))).toBe(false);
  expect(refusals.last("a")).toBeNull();
});
