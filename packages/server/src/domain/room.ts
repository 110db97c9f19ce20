/** What a stream key, a password and a name of a room have to be. Pure: randomness comes in. */

/** Gives `count` random bytes. */
export type RandomBytes = (count: number) => Uint8Array;

/**
 * An id of anything: 128 random bits, base64url, 22 characters. It is the only thing a reviewer's link holds. None
 * begins with a hyphen: a command line would take it for an option.
 */
export function makeId(random: RandomBytes): string {
  for (;;) {
    const id = base64url(random(16));
    if (!id.startsWith("-")) return id;
  }
}

/** What the engine calls a room's stream. Not the key, not the id: it is in no address and in no page. */
export function makeStreamName(random: RandomBytes): string {
  return `s-${base64url(random(16))}`;
}

/** A stream key: 160 random bits, in letters and digits that survive every encoder's form field. */
export function makeStreamKey(random: RandomBytes): string {
  return `cs-${spell(random(32), BASE32, 32)}`;
}

/** The one-time code of a set-up link: 160 random bits. */
export function makeSetUpCode(random: RandomBytes): string {
  return spell(random(32), BASE32, 32);
}

/** A password to read out on the telephone: 4 groups of 4 letters, 64 bits. */
export function makeReadablePassword(random: RandomBytes): string {
  const letters = spell(random(16), READABLE, 16);
  return (letters.match(/.{4}/g) ?? []).join("-");
}

/** What a typed password is compared as: people leave out the dashes, add spaces and hit caps lock on ours. */
export function foldReadablePassword(typed: string): string {
  const letters = typed.toLowerCase().replace(/[\s-]/g, "");
  const isOurs = letters.length === 16 && [...letters].every((letter) => READABLE.includes(letter));
  return isOurs ? (letters.match(/.{4}/g) ?? []).join("-") : typed;
}

/** A name as it is stored: trimmed, one space between words, composed characters. */
export function tidyName(name: string): string {
  return name.normalize("NFC").trim().replace(/\s+/g, " ");
}

/** Two open rooms whose names fold to the same text count as the same name. */
export function foldName(name: string): string {
  return tidyName(name).toLowerCase();
}

/** Whether anybody can be in it: it is not archived, and its time is not over. */
export function isOpen(
  room: { readonly archivedAt: Date | null; readonly expiresAt: Date | null },
  now: number,
): boolean {
  return room.archivedAt === null && !isOver(room, now);
}

/** Whether its time is over: it archives itself then. */
export function isOver({ expiresAt }: { readonly expiresAt: Date | null }, now: number): boolean {
  return expiresAt !== null && expiresAt.getTime() <= now;
}

/** A day, in milliseconds. */
export const DAY_MS = 24 * 3_600_000;
const FARTHEST_MS = 36_500 * DAY_MS; // what lies farther ahead is a mistake, and not every database can hold it

/** What is wrong with a time at which something is to end or begin, in ms since 1970; null: nothing. */
export function problemOfTime(at: number, now: number): string | null {
  if (at <= now) return "must be in the future";
  return at > now + FARTHEST_MS ? "must be within a hundred years" : null;
}

// 16 letters, 4 bits each, without the pairs that look alike (i l j, n m, u v w, o, s z).
const READABLE = "abcdefghkmpqrtxy";
const BASE32 = "abcdefghijkmnpqrstuvwxyz23456789";

/** `length` letters of an alphabet whose size is a power of two, so that every letter is as likely. */
function spell(bytes: Uint8Array, alphabet: string, length: number): string {
  return Array.from(bytes.subarray(0, length), (byte) => alphabet[byte % alphabet.length]).join("");
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
