import type { Account } from "@colourstream/contract";
import { expect, test } from "vitest";
import { actsOn, linkWords } from "./account-words.js";

const account = (facts: Partial<Account>): Account => ({
  id: "u",
  name: "Olga",
  role: "colourist",
  state: "active",
  createdAt: 0,
  lastSeenAt: null,
  passkeys: 1,
  rooms: 0,
  linkUntil: null,
  ...facts,
});

test("the owner does nothing to their own account here", () => {
  expect(actsOn(account({ role: "owner" }))).toEqual([]);
});

test("only an active colourist can become the owner or be disabled", () => {
  expect(actsOn(account({}))).toEqual(["rename", "link", "disable", "hand-over", "delete"]);
  expect(actsOn(account({ state: "invited" }))).toEqual(["rename", "link", "delete"]);
  expect(actsOn(account({ state: "disabled" }))).toEqual(["rename", "enable", "delete"]);
});

test("a link that can be used says until when, in every state but disabled", () => {
  const until = Date.UTC(2026, 10, 29, 12);
  expect(linkWords(account({ linkUntil: until }), until - 1)).toMatch(/^Link good until 29 Nov 2026/);
  expect(linkWords(account({ state: "invited", linkUntil: until }), until - 1)).toMatch(/^Link good until/);
  expect(linkWords(account({ state: "disabled", linkUntil: until }), until - 1)).toBeNull();
});

test("who was invited and has no link that works needs a new one", () => {
  expect(linkWords(account({ state: "invited" }), 0)).toContain("make a new one");
  expect(linkWords(account({ state: "invited", linkUntil: 1_000 }), 1_000)).toContain("make a new one");
  expect(linkWords(account({ linkUntil: 1_000 }), 1_000)).toBeNull();
});
