import { createCipheriv, createHash, createHmac } from "node:crypto";
import type { MiroTalkConfig } from "./mirotalk-config.js";

/** What opens MiroTalk's door to one person. It names no room and nobody: whoever knows a room's name gets in by it. */
export type TokenParts = {
  readonly config: Pick<MiroTalkConfig, "jwtKey" | "username" | "password">;
  /** Presenter, to MiroTalk. */
  readonly isHost: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly random: (bytes: number) => Uint8Array;
};

// MiroTalk looks at it again whenever a browser's connection comes back: one that runs out in a meeting ends it.
const LASTS_S = 12 * 3_600;
const SALT_BYTES = 8;
const KEY_BYTES = 32; // AES-256
const IV_BYTES = 16;

/**
 * A token as MiroTalk P2P makes and reads them: a JWT (RFC 7519) by HS256 with `data`, in which the one account of its
 * HOST_USERS is enciphered as OpenSSL does by a passphrase.
 */
export function writeToken({ config, isHost, now, random }: TokenParts): string {
  const { jwtKey, username, password } = config;
  const account = JSON.stringify({ username, password, presenter: String(isHost) });
  const issuedAt = Math.floor(now / 1000);
  const data = encipher(account, jwtKey, random(SALT_BYTES));
  const signed = [
    { alg: "HS256", typ: "JWT" },
    { data, iat: issuedAt, exp: issuedAt + LASTS_S },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${signed}.${createHmac("sha256", jwtKey).update(signed).digest("base64url")}`;
}

/** "Salted__", the salt and AES-256-CBC, in base64: `openssl enc -aes-256-cbc -md md5 -base64`. */
function encipher(text: string, passphrase: string, salt: Uint8Array): string {
  const derived = derive(Buffer.from(passphrase), salt, KEY_BYTES + IV_BYTES);
  const cipher = createCipheriv("aes-256-cbc", derived.subarray(0, KEY_BYTES), derived.subarray(KEY_BYTES));
  const enciphered = [cipher.update(text, "utf8"), cipher.final()];
  return Buffer.concat([Buffer.from("Salted__"), salt, ...enciphered]).toString("base64");
}

/** OpenSSL's EVP_BytesToKey with MD5, once: what CryptoJS takes a passphrase's key from. */
function derive(passphrase: Uint8Array, salt: Uint8Array, bytes: number): Buffer {
  let [derived, last] = [Buffer.alloc(0), Buffer.alloc(0)];
  while (derived.length < bytes) {
    last = createHash("md5").update(last).update(passphrase).update(salt).digest();
    derived = Buffer.concat([derived, last]);
  }
  return derived.subarray(0, bytes);
}
