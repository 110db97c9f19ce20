import type { Passkey } from "@colourstream/contract";
import { expect, test } from "vitest";
import { passkeyAdvice, whereKept } from "./passkey-words.js";

const passkey = (facts: Partial<Passkey>): Passkey => ({
  id: "p",
  name: "Mac",
  createdAt: 0,
  lastUsedAt: null,
  isSynced: false,
  isBackedUp: false,
  transports: ["internal"],
  ...facts,
});

test.each([
  [{ isSynced: true, isBackedUp: true }, "Synced to your other devices"],
  [{ isSynced: true }, "Could be synced, but is on one device so far"],
  [{}, "On one device only"],
  [{ transports: [] }, "On one device only"],
  [{ transports: ["usb", "nfc"] }, "On a security key"],
])("a passkey with %j is: %s", (facts, words) => {
  expect(whereKept(passkey(facts))).toBe(words);
});

test("one passkey without a copy calls for a second", () => {
  expect(passkeyAdvice([passkey({})])).toContain("you are locked out");
  expect(passkeyAdvice([passkey({ isSynced: true })])).toContain("you are locked out");
});

test("a synced passkey, or two, call for nothing", () => {
  expect(passkeyAdvice([passkey({ isSynced: true, isBackedUp: true })])).toBeNull();
  expect(passkeyAdvice([passkey({}), passkey({ id: "q" })])).toBeNull();
});
