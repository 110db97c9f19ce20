import { expect, test } from "vitest";
import { invitationState, problemOfInvitation, timesWithDefaults } from "./invitation.js";
import { DAY_MS } from "./room.js";

const now = Date.UTC(2026, 10, 22, 12);
const open = { expiresAt: null, maxUses: null, uses: 7, revokedAt: null };

test.each([
  ["open", open],
  ["open", { ...open, maxUses: 8, expiresAt: new Date(now + 1) }],
  ["used-up", { ...open, maxUses: 7 }],
  ["expired", { ...open, maxUses: 7, expiresAt: new Date(now) }],
  ["revoked", { ...open, maxUses: 7, expiresAt: new Date(now), revokedAt: new Date(now) }],
] as const)("an invitation is %s", (state, terms) => {
  expect(invitationState(terms, now)).toBe(state);
});

test.each([
  ["expiresAt: must be in the future", { expiresAt: now }],
  ["expiresAt: must be within a hundred years", { expiresAt: 1e300 }],
  ["startsAt: must be in the future", { startsAt: now - 2 * DAY_MS }],
  ["startsAt: must not be after expiresAt", { startsAt: now + 2, expiresAt: now + 1 }],
  ["durationMinutes: needs startsAt", { durationMinutes: 30 }],
  [null, {}],
  [null, { startsAt: now - 60_000, durationMinutes: 30, expiresAt: now + 1 }],
])("what is wrong with its times is said by field: %s", (problem, times) => {
  expect(problemOfInvitation(times, now)).toBe(problem);
});

test("a link that ends by default does not end before the meeting it is for", () => {
  const startsAt = now + 30 * DAY_MS;
  expect(timesWithDefaults({ startsAt }, 7, now)).toEqual({
    startsAt,
    durationMinutes: 60,
    expiresAt: startsAt + 3_600_000 + 7 * DAY_MS,
  });
  expect(timesWithDefaults({}, 7, now).expiresAt).toBe(now + 7 * DAY_MS);
  expect(timesWithDefaults({}, null, now).expiresAt).toBeNull();
  expect(timesWithDefaults({ expiresAt: null }, 7, now).expiresAt).toBeNull();
});
