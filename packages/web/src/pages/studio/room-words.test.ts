import type { Invitation, Room } from "@colourstream/contract";
import { expect, test } from "vitest";
import { invitationFacts, inWords, lengthWords, marksOf } from "./room-words.js";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

test.each([
  [30_000, "in less than a minute"],
  [MINUTE * 12, "in 12 min"],
  [MINUTE * 61, "in 1 hour"],
  [DAY + MINUTE * 90, "in 25 hours"],
  [DAY * 3 + MINUTE, "in 3 days"],
])("%i ms ahead is %s", (ms, words) => expect(inWords(NOW + ms, NOW)).toBe(words));

test.each([
  [45, "45 min"],
  [60, "1 h"],
  [90, "1 h 30 min"],
])("%i minutes last %s", (minutes, words) => expect(lengthWords(minutes)).toBe(words));

const room = {
  archivedAt: null,
  colourist: { id: "c", name: "Cem" },
  expiresAt: NOW + 3 * DAY,
  waitingRoom: true,
  lockedAt: NOW,
  watermark: true,
  autoRecord: true,
} as Room;

test("a room's marks say how one gets in; whose it is, only to the owner", () => {
  expect(marksOf(room, NOW, false)).toEqual([
    "Locked",
    "Waiting room",
    "Watermark",
    "Records every take",
    "Closes in 3 days",
  ]);
  expect(marksOf(room, NOW, true)[0]).toBe("Cem");
});

test("an archived room is only somebody's", () => {
  expect(marksOf({ ...room, archivedAt: NOW }, NOW, true)).toEqual(["Cem"]);
});

const invitation: Invitation = {
  id: "i",
  name: "Max",
  role: "reviewer",
  link: "http://localhost/i#x",
  createdAt: NOW,
  expiresAt: null,
  maxUses: 3,
  uses: 0,
  lastUsedAt: null,
  revokedAt: null,
  startsAt: null,
  durationMinutes: null,
  state: "open",
};

test("an invitation tells how often it was used, and until when it can be", () => {
  expect(invitationFacts(invitation, NOW)).toEqual(["Not used yet, good for 3 browsers", "Does not run out"]);
  expect(invitationFacts({ ...invitation, uses: 2, lastUsedAt: NOW - 5 * MINUTE }, NOW)).toEqual([
    "Used 2 of 3 times",
    "Last used 5 minutes ago",
    "Does not run out",
  ]);
  expect(invitationFacts({ ...invitation, uses: 1, maxUses: 1, state: "revoked" }, NOW)).toEqual([
    "Used 1 of 1 time",
  ]);
});
