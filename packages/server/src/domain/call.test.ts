import { expect, test } from "vitest";
import { allowedSending, hasPlace } from "./call.js";

test.each([
  ["the first", { people: 0, hosts: 0 }, false, true],
  ["the seventh, and no host is in", { people: 6, hosts: 0 }, false, true],
  ["the eighth, and no host is in", { people: 7, hosts: 0 }, false, false],
  ["a host as the eighth", { people: 7, hosts: 0 }, true, true],
  ["the eighth beside a host", { people: 7, hosts: 1 }, false, true],
  ["the ninth beside a host", { people: 8, hosts: 1 }, false, false],
  ["a host as the ninth", { people: 8, hosts: 0 }, true, false],
])("in a call of eight, %s has a place: %o", (_name, crowd, isHost, expected) => {
  expect(hasPlace(crowd, isHost)).toBe(expected);
});

test("an observer sends nothing, a host sends to all, everybody else as they like", () => {
  const all = { mic: true, camera: true, screen: true, side: true };
  const none = { mic: false, camera: false, screen: false, side: true };
  expect(allowedSending(all, { role: "observer", isHost: false })).toEqual(none);
  expect(allowedSending(all, { role: "presenter", isHost: true })).toEqual({ ...all, side: false });
  expect(allowedSending(all, { role: "reviewer", isHost: false })).toEqual(all);
});
