import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";

const KEY_BYTES = 32; // AES-256
const IV_BYTES = 12; // NIST SP 800-38D §8.2: the length GCM is made for
const TAG_BYTES = 16;
const SEAL_VERSION = 1;

/** Keeps what the owner must be able to read again (stream keys, room passwords) unreadable in the database. */
export type Sealer = {
  /** `purpose` is bound into the seal: a sealed key cannot be passed off as a sealed password of another row. */
  seal(purpose: string, text: string): Uint8Array<ArrayBuffer>;
  unseal(purpose: string, sealed: Uint8Array): string;
  /** Bytes that only this key gives for this purpose (HKDF with SHA-256, RFC 5869). */
  derive(purpose: string, bytes: number): Uint8Array;
};

/** What was sealed cannot be read: another key file, or a damaged row. */
export class SealError extends Error {
  constructor(purpose: string) {
    super(
      `what was sealed as ${purpose} cannot be read with this key: is SECRET_KEY_FILE (or secret.key in the data directory) the one that the database was written with?`,
    );
    this.name = "SealError";
  }
}

/** AES-256-GCM: version, IV, tag, ciphertext. */
export function createSealer(key: Uint8Array): Sealer {
  if (key.length !== KEY_BYTES)
    throw new Error(`the sealing key has ${key.length} bytes, expected ${KEY_BYTES}`);
  return {
    seal: (purpose, text) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(purpose));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return new Uint8Array(Buffer.concat([Buffer.of(SEAL_VERSION), iv, cipher.getAuthTag(), body]));
    },
    unseal: (purpose, sealed) => {
      const bytes = Buffer.from(sealed);
      const bodyAt = 1 + IV_BYTES + TAG_BYTES;
      if (bytes.length < bodyAt || bytes[0] !== SEAL_VERSION) throw new SealError(purpose);
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 1 + IV_BYTES))
        .setAAD(Buffer.from(purpose))
        .setAuthTag(bytes.subarray(1 + IV_BYTES, bodyAt));
      try {
        return decipher.update(bytes.subarray(bodyAt), undefined, "utf8") + decipher.final("utf8");
      } catch {
        throw new SealError(purpose);
      }
    },
    derive: (purpose, bytes) => new Uint8Array(hkdfSync("sha256", key, "", purpose, bytes)),
  };
}

/** Reads the key from a file that the operator gave: 32 bytes raw, in hex or in base64. */
export async function readKeyFile(path: string): Promise<Uint8Array> {
  const raw = await readFile(path);
  if (raw.length === KEY_BYTES) return raw;
  const text = raw.toString("latin1").trim();
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, "hex") : Buffer.from(text, "base64");
  if (key.length !== KEY_BYTES) {
    throw new Error(
      `${path} holds ${raw.length} bytes; expected a key of ${KEY_BYTES} bytes, raw, in hex or in base64`,
    );
  }
  return key;
}

/** Reads the key, making it at the first start. Whole or not at all: a kill cannot leave half a key behind. */
export async function openOwnKeyFile(path: string): Promise<Uint8Array> {
  try {
    return await readKeyFile(path);
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
  }
  await keepKeyFile(path, randomBytes(KEY_BYTES), randomBytes);
  return readKeyFile(path);
}

/** Writes a key where there is none, readable by its owner alone. One that is there stays, and counts. */
export async function keepKeyFile(
  path: string,
  key: Uint8Array,
  random: (bytes: number) => Buffer,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${random(6).toString("hex")}.new`;
  const file = await open(unfinished, "wx", 0o600);
  try {
    await file.writeFile(key);
    await file.sync();
    await link(unfinished, path);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error; // another start was quicker: its key counts
  } finally {
    await file.close();
    await rm(unfinished, { force: true });
  }
}

/** 32 bytes for a secret of `bytes` random bytes, as text for cookies, links and tickets. */
export function randomSecret(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

/** What the database keeps of a secret with at least 128 random bits: those need no slow hash. */
export function hashSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(secret, "utf8").digest());
}

/** A hash as a key of a map. */
export function hashKey(secret: string): string {
  return createHash("sha256").update(secret, "utf8").digest("base64url");
}

/** Compares two hashes in constant time. */
export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
