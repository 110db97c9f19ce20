import { expect, test } from "vitest";
import { budgetAddress, plainAddress } from "./address.js";
import { attemptBudget } from "./attempt-budget.js";

test("IPv4 in IPv6 is IPv4; IPv6 counts by its /64", () => {
  expect(plainAddress("::ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(plainAddress("192.0.2.1")).toBe("192.0.2.1");
  expect(budgetAddress("::FFFF:192.0.2.1")).toBe("192.0.2.1");
  expect(budgetAddress("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(budgetAddress("2001:db8:1:2::9")).toBe("2001:db8:1:2::/64");
  expect(budgetAddress("2001:0db8::1")).toBe("2001:db8:0:0::/64");
  expect(budgetAddress("::1")).toBe("0:0:0:0::/64");
  expect(budgetAddress("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
});

test("a budget is spent by attempts and comes back after its window", () => {
  let now = 0;
  const budget = attemptBudget(3, 60_000, () => now);
  for (let n = 0; n < 3; n++) {
    expect(budget.isSpent("a")).toBe(false);
    budget.spend("a");
  }
  expect(budget.isSpent("a")).toBe(true);
  expect(budget.isSpent("b")).toBe(false);
  now = 59_999;
  expect(budget.isSpent("a")).toBe(true);
  now = 60_000;
  expect(budget.isSpent("a")).toBe(false);
});

test("a budget remembers a bounded number of addresses", () => {
  const budget = attemptBudget(1, 60_000, () => 0);
  for (let n = 0; n < 10_001; n++) budget.spend(`address ${n}`);
  expect(budget.isSpent("address 0")).toBe(false);
  expect(budget.isSpent("address 1")).toBe(true);
  expect(budget.isSpent("address 10000")).toBe(true);
});
