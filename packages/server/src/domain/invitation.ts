import type { Invitation } from "@colourstream/contract";
import { DAY_MS, problemOfTime } from "./room.js";

const MEETING_MINUTES = 60;
const LATE_MS = DAY_MS; // a meeting that has begun can still be invited to

/** An invitation as far as it matters whether it works. */
export type InvitationTerms = {
  readonly expiresAt: Date | null;
  readonly maxUses: number | null;
  readonly uses: number;
  readonly revokedAt: Date | null;
};

/** When they meet and until when the link works, as it was asked for; ms since 1970. */
export type InvitationTimes = {
  readonly expiresAt: number | null;
  readonly startsAt: number | null;
  readonly durationMinutes: number | null;
};

/** The page that a personal link opens. What is behind the # stays in the browser: it is in no log and no Referer. */
export function invitationPath(secret: string): string {
  return `/i#${secret}`;
}

/** Whether an invitation works, and if not, why not. */
export function invitationState(terms: InvitationTerms, now: number): Invitation["state"] {
  if (terms.revokedAt !== null) return "revoked";
  if (terms.expiresAt !== null && terms.expiresAt.getTime() <= now) return "expired";
  return terms.maxUses !== null && terms.uses >= terms.maxUses ? "used-up" : "open";
}

/** What is wrong with the times of a new invitation, naming the field; null: nothing. */
export function problemOfInvitation(
  times: { readonly [K in keyof InvitationTimes]?: number | null | undefined },
  now: number,
): string | null {
  const { expiresAt = null, startsAt = null, durationMinutes = null } = times;
  if (expiresAt !== null) {
    const problem = problemOfTime(expiresAt, now);
    if (problem !== null) return `expiresAt: ${problem}`;
  }
  if (startsAt === null) return durationMinutes === null ? null : "durationMinutes: needs startsAt";
  const problem = problemOfTime(startsAt, now - LATE_MS);
  if (problem !== null) return `startsAt: ${problem}`;
  if (expiresAt !== null && startsAt > expiresAt) return "startsAt: must not be after expiresAt";
  return null;
}

/**
 * The times with what was left out: a meeting lasts an hour, and a link that ends by default lasts at least as long as
 * the meeting that it is for.
 */
export function timesWithDefaults(
  wish: { readonly [K in keyof InvitationTimes]?: number | null | undefined },
  defaultDays: number | null,
  now: number,
): InvitationTimes {
  const startsAt = wish.startsAt ?? null;
  const durationMinutes = startsAt === null ? null : (wish.durationMinutes ?? MEETING_MINUTES);
  const endsAt = startsAt === null ? now : startsAt + (durationMinutes ?? 0) * 60_000;
  const byDefault = defaultDays === null ? null : Math.max(now, endsAt) + defaultDays * DAY_MS;
  return { startsAt, durationMinutes, expiresAt: wish.expiresAt === undefined ? byDefault : wish.expiresAt };
}
