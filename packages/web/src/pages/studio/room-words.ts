import type { Invitation, Room } from "@colourstream/contract";
import { agoWords, dayWords, momentWords } from "../../ui/local-time.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "in 3 days", "in 5 hours", "in 12 min": rounded down, so that nobody has less time than they read. */
export function inWords(at: number, now: number): string {
  const left = at - now;
  if (left < MINUTE_MS) return "in less than a minute";
  if (left < HOUR_MS) return `in ${Math.floor(left / MINUTE_MS)} min`;
  if (left < 2 * DAY_MS) return `in ${counted(Math.floor(left / HOUR_MS), "hour")}`;
  return `in ${counted(Math.floor(left / DAY_MS), "day")}`;
}

/** The marks of a room that say how one gets in: whose it is (for the owner), locked, waiting room, until when; and what happens by itself. */
export function marksOf(room: Room, now: number, isOwner: boolean): string[] {
  const marks: string[] = [];
  if (isOwner && room.colourist !== null) marks.push(room.colourist.name);
  if (room.archivedAt !== null) return marks;
  if (room.lockedAt !== null) marks.push("Locked");
  if (room.waitingRoom) marks.push("Waiting room");
  if (room.watermark) marks.push("Watermark");
  if (room.autoRecord) marks.push("Records every take");
  if (room.expiresAt !== null) marks.push(`Closes ${inWords(room.expiresAt, now)}`);
  return marks;
}

/** "nobody here", "1 here", "3 here". */
export function hereWords(here: number): string {
  return here === 0 ? "nobody here" : `${here} here`;
}

/** "1 waits to be let in", "3 wait to be let in". */
export function waitingWords(waiting: number): string {
  return waiting === 1 ? "1 waits to be let in" : `${waiting} wait to be let in`;
}

/** What is to be known of an invitation, besides its name. */
export function invitationFacts(invitation: Invitation, now: number): string[] {
  const { startsAt, durationMinutes, expiresAt, uses, maxUses, lastUsedAt, state } = invitation;
  const facts: string[] = [];
  if (startsAt !== null) {
    const length = durationMinutes === null ? "" : `, ${lengthWords(durationMinutes)}`;
    facts.push(`Meets ${momentWords(startsAt)}${length}`);
  }
  facts.push(
    maxUses === null
      ? uses === 0
        ? "Not used yet"
        : `Used ${times(uses)}`
      : uses === 0
        ? `Not used yet, good for ${counted(maxUses, "browser")}`
        : `Used ${uses} of ${counted(maxUses, "time")}`,
  );
  if (lastUsedAt !== null) facts.push(`Last used ${agoWords(lastUsedAt, now)}`);
  if (state === "open" || state === "used-up") {
    facts.push(expiresAt === null ? "Does not run out" : `Until ${dayWords(expiresAt)}`);
  }
  return facts;
}

/** "45 min", "1 h", "1 h 30 min". */
export function lengthWords(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

const counted = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
const times = (n: number) => (n === 1 ? "once" : `${n} times`);
