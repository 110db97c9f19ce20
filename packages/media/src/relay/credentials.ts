import { createHash, createHmac } from "node:crypto";

/** What our credentials are good for (RFC 8489 §9.2); short, as it is in every refusal. */
export const REALM = "cs";

const MAX_USERNAME = 128; // a time in seconds, a colon, an id of ours

/** Whom a user name is for, and until when. */
export type RelayUser = { readonly id: string; readonly untilMs: number };

/** Reads `<expiry in seconds>:<id>` (draft-uberti-behave-turn-rest-00 §2.2); null: it is none of ours. */
export function parseUsername(username: string): RelayUser | null {
  const [, seconds, id] = /^(\d{1,12}):(.+)$/s.exec(username) ?? [];
  if (seconds === undefined || id === undefined || username.length > MAX_USERNAME) return null;
  return { id, untilMs: Number(seconds) * 1000 };
}

/** The key that messages of this user are signed with: RFC 8489 §9.2.2 over the password that the draft makes. */
export function keyFor(username: string, secret: string): Uint8Array {
  const password = createHmac("sha1", secret).update(username).digest("base64");
  return createHash("md5").update(`${username}:${REALM}:${password}`).digest();
}
