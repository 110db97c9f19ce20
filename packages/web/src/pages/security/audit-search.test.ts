import { expect, test } from "vitest";
import { readAuditSearch, toAuditFilter } from "./audit-search.js";

test("an address's filter keeps what it knows, as texts of a sensible length", () => {
  expect(
    readAuditSearch({ action: "room", roomId: 42, address: "", from: null, to: "x".repeat(65), x: 1 }),
  ).toEqual({ action: "room", roomId: "42" });
});

test("a day counts from its first to its last millisecond", () => {
  expect(toAuditFilter({ from: "2026-11-02", to: "2026-11-02" })).toEqual({
    from: new Date(2026, 10, 2).getTime(),
    to: new Date(2026, 10, 3).getTime() - 1,
  });
});

test("a day that is none is not asked for", () => {
  expect(toAuditFilter({ address: "192.0.2.1", from: "yesterday" })).toEqual({ address: "192.0.2.1" });
});
