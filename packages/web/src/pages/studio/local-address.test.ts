import { expect, test } from "vitest";
import { isLocalAddress } from "./local-address.js";

test.each([
  ["http://localhost:3000/r/abc", true],
  ["http://127.0.0.1:3000/r/abc", true],
  ["http://127.1.2.3/r/abc", true],
  ["http://[::1]:3000/r/abc", true],
  ["rtmp://localhost:1935/live", true],
  ["srt://127.0.0.1:9999?latency=200000", true],
  ["srt://192.168.1.5:9999?latency=200000", false],
  ["rtmp://192.168.1.5:1935/live", false],
  ["http://192.168.1.5:3000/r/abc", false],
  ["https://localhost.example.com/r/abc", false],
  ["https://review.example.com/r/localhost", false],
  ["not an address", false],
])("%s works on this machine only: %s", (address, is) => {
  expect(isLocalAddress(address)).toBe(is);
});
