import { expect, test } from "vitest";
import { reachOf } from "./talk-link-reach.js";

test.each([
  ["http://localhost:3000", "this-machine"],
  ["http://127.0.0.1:3000", "this-machine"],
  ["http://[::1]:3000", "this-machine"],
  ["http://192.168.1.20:3000", "network"],
  ["http://10.0.0.5:3000", "network"],
  ["http://172.20.0.5:3000", "network"],
  ["http://[fd00::5]:3000", "network"],
  ["http://suite:3000", "network"],
  ["http://suite.local:3000", "network"],
  ["http://172.32.0.5:3000", "anywhere"],
  ["http://203.0.113.7:3000", "anywhere"],
  ["https://live.example.com", "anywhere"],
])("a phone reaches %s from: %s", (origin, reach) => {
  expect(reachOf(`${origin}/talk#secret`)).toBe(reach);
});
