import { randomBytes, type ScryptOptions, scrypt } from "node:crypto";
import { hash, type Options, verify } from "@node-rs/argon2";
import { isSameHash } from "../secrets.js";

// Argon2id, RFC 9106 §4, second recommended option: 64 MiB and three passes; OWASP asks for 19 MiB and two at least.
// 0.08 s of one core (measured), of which a reviewer waits for one before the picture. RFC 9106 has four lanes: libuv's
// pool runs four passwords at once anyway, so that 256 MiB is the most that they take together.
const COST = { algorithm: 2, memoryCost: 64 * 1024, timeCost: 3, parallelism: 1 } satisfies Options; // 2: Argon2id
const MAX_AT_ONCE = 64; // waiting ones included; more at once than people type

/** More passwords are being checked than is plausible. */
export class PasswordsBusyError extends Error {}

let underWay = 0;

/** Hashes a password for keeping, in the PHC string format: `$argon2id$v=19$m=65536,t=3,p=1$salt$hash`. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password.normalize("NFC"), COST));
}

/** True when the password is the one that was hashed. Without a hash (no such room) it takes as long and is false. */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const against = kept ?? NOBODYS;
  const typed = password.normalize("NFC");
  const isRight = await inTurn(() =>
    against.startsWith(`${SCRYPT_KIND}$`) ? isScrypt(typed, against) : verify(against, typed),
  );
  return isRight && kept !== null;
}

/** PHC's base64 is the usual alphabet without padding. */
const phc = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "");
const NOBODYS = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$${phc(randomBytes(16))}$${phc(randomBytes(32))}`;

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (underWay >= MAX_AT_ONCE) throw new PasswordsBusyError();
  underWay += 1;
  try {
    return await work();
  } finally {
    underWay -= 1;
  }
}

/** How passwords were hashed until November 2026: `scrypt-15-8-1$salt$hash`. Rooms of then still open by theirs. */
const SCRYPT_KIND = "scrypt-15-8-1";
const SCRYPT_COST: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const SCRYPT_BYTES = 32;

function isScrypt(password: string, kept: string): Promise<boolean> {
  const [, salt = "", expected = ""] = kept.split("$");
  return new Promise((resolve, reject) => {
    scrypt(password, Buffer.from(salt, "base64url"), SCRYPT_BYTES, SCRYPT_COST, (error, derived) => {
      if (error === null) resolve(isSameHash(derived, Buffer.from(expected, "base64url")));
      else reject(error);
    });
  });
}
