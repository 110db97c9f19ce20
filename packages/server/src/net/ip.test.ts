import { expect, test } from "vitest";
import { holds, household, overlap, parseNet, writeNet } from "./ip.js";

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["203.0.113.7/32", "203.0.113.7"],
  ["203.0.113.7/24", "203.0.113.0/24"],
  ["203.0.113.7/0", "0.0.0.0/0"],
  ["203.0.113.255/25", "203.0.113.128/25"],
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["2001:db8::1/128", "2001:db8::1"],
  ["2001:db8:1:2:3::/48", "2001:db8:1::/48"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["::ffff:cb00:7107", "203.0.113.7"],
  ["::ffff:203.0.113.7/120", "203.0.113.0/24"],
  ["::1", "::1"],
  ["::", "::"],
  [" 192.0.2.1 ", "192.0.2.1"],
])("%s is %s in its shortest form", (text, shortest) => {
  const net = parseNet(text);
  expect(net === null ? null : writeNet(net)).toBe(shortest);
});

test.each([
  "",
  "203.0.113",
  "203.0.113.256",
  "203.0.113.07",
  "203.0.113.7/33",
  "203.0.113.7/-1",
  "203.0.113.7/1e1",
  "203.0.113.7/8/8",
  "2001:db8::/129",
  "fe80::1%eth0",
  "example.com",
  "2001:db8:::1",
])("%s is no address", (text) => {
  expect(parseNet(text)).toBeNull();
});

test("a net holds its addresses and narrower nets, and nothing of the other family", () => {
  const net = (text: string) => {
    const parsed = parseNet(text);
    if (parsed === null) throw new Error(text);
    return parsed;
  };
  expect(holds(net("203.0.113.0/24"), net("203.0.113.9"))).toBe(true);
  expect(holds(net("203.0.113.0/24"), net("203.0.114.9"))).toBe(false);
  expect(holds(net("203.0.113.0/24"), net("203.0.0.0/16"))).toBe(false);
  expect(holds(net("2001:db8::/32"), net("2001:db8:ffff::1"))).toBe(true);
  expect(holds(net("::/0"), net("203.0.113.9"))).toBe(false);
  expect(overlap(net("203.0.113.0/24"), net("203.0.0.0/16"))).toBe(true);
  expect(overlap(net("203.0.113.0/25"), net("203.0.113.128/25"))).toBe(false);
});

test("an IPv6 peer is its /64, an IPv4 peer its address, however it came in", () => {
  expect(household("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(household("2001:db8:1:2::9")).toBe(household("2001:db8:1:2:ffff::1"));
  expect(household("::ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(household("fe80::1%eth0")).toBe("fe80::/64");
  expect(household("operator")).toBe("operator");
});
