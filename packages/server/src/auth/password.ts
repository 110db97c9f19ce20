import { randomBytes, type ScryptOptions, scrypt } from "node:crypto";
import { isSameHash } from "../secrets.js";

// 32 MiB and about 0.1 s of one core, in a thread: more memory for longer than OWASP's least Argon2id (19 MiB, two
// passes) takes. A reviewer waits for this before the picture: three times as much is OWASP's scrypt, and 0.25 s.
const COST: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const KIND = "scrypt-15-8-1"; // the cost is part of it: a hash made at another cost is not compared
const HASH_BYTES = 32;
const MAX_AT_ONCE = 64; // waiting ones included; more at once than people type

/** More passwords are being checked than is plausible. */
export class PasswordsBusyError extends Error {}

let underWay = 0;

/** Hashes a password for keeping: `scrypt-15-8-1$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt);
  return `${KIND}$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

/** True when the password is the one that was hashed. Without a hash (no such room) it takes as long and is false. */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const [kind, salt, hash] = (kept ?? NOBODYS).split("$");
  if (kind !== KIND || salt === undefined || hash === undefined)
    throw new Error("a password hash of another kind");
  const derived = await derive(password, Buffer.from(salt, "base64url"));
  return isSameHash(derived, Buffer.from(hash, "base64url")) && kept !== null;
}

const NOBODYS = `${KIND}$${Buffer.alloc(16).toString("base64url")}$${randomBytes(HASH_BYTES).toString("base64url")}`;

function derive(password: string, salt: Buffer): Promise<Buffer> {
  if (underWay >= MAX_AT_ONCE) return Promise.reject(new PasswordsBusyError());
  underWay += 1;
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFC"), salt, HASH_BYTES, COST, (error, hash) => {
      underWay -= 1;
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}
