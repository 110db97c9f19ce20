import { expect, test } from "vitest";
import { usableCandidate } from "./candidate.js";

const CANDIDATES: [string, string | null][] = [
  [
    "1 1 udp 2113937151 192.0.2.7 51234 typ host generation 0 ufrag x",
    "candidate:1 1 UDP 2113937151 192.0.2.7 51234 typ host",
  ],
  ["1 1 UDP 1 2001:db8::1 9 typ relay", "candidate:1 1 UDP 1 2001:db8::1 9 typ relay"],
  ["1 1 udp 1 3f1c-11.local 51234 typ host", null],
  ["1 1 udp 1 internal.example 22 typ host", null],
  ["1 1 tcp 1 192.0.2.7 9 typ host tcptype active", null],
  ["1 2 udp 1 192.0.2.7 9 typ host", null],
  ["1 1 udp 1 192.0.2.7 70000 typ host", null],
  ["1 1 udp 1 1.2.3.4.5 9 typ host", null],
  ["1 1 udp 1 192.0.2.7\r\na=x 9 typ host", null],
  ["", null],
];
test.each(CANDIDATES)("%j gives %j: addresses only, rewritten from checked parts", (text, usable) => {
  expect(usableCandidate(text)).toBe(usable);
});
