import { ByteReader } from "../byte-reader.js";

/** Key material (draft-sharabayko-srt §3.2.2): stream keys, wrapped with one that follows from the passphrase. */
export type KeyMaterial = {
  readonly keys: "even" | "odd" | "both";
  /** "ctr" is what every libsrt has; "gcm" came with 1.6. */
  readonly cipher: "ctr" | "gcm";
  readonly salt: Uint8Array;
  readonly keyLength: 16 | 24 | 32;
  /** RFC 3394: the key, or the even one and then the odd one, and 8 bytes more. */
  readonly wrapped: Uint8Array;
};

/** What is answered when key material is no good (libsrt's SRT_KM_STATE). */
export const KEY_STATE = { noSecret: 3, badSecret: 4 } as const;

const VERSION_AND_TYPE = 0x12; // version 1, packet type 2: key material
const SIGN = 0x2029; // "HAI" in PnP letters
const KEYS = [null, "even", "odd", "both"] as const;
const CIPHERS = { 2: "ctr", 4: "gcm" } as const;
const MPEG_TS_OVER_SRT = 2;
const SALT_BYTES = 16;
const KEY_BYTES = [16, 24, 32] as const;

/** Reads a key material message. */
export function parseKeyMaterial(bytes: Uint8Array): KeyMaterial {
  const body = new ByteReader("srt key material", bytes);
  const start = body.u8();
  if (start !== VERSION_AND_TYPE) body.fail(`starts with 0x${start.toString(16)}, expected 0x12`);
  const sign = body.u16();
  if (sign !== SIGN) body.fail(`sign 0x${sign.toString(16)}, expected 0x2029`);
  const keys = KEYS[body.u8() & 3] ?? body.fail("it holds neither key");
  body.skip(4); // which key encrypts the keys: 0, the passphrase
  const cipherNumber = body.u8();
  const cipher =
    cipherNumber === 2 || cipherNumber === 4
      ? CIPHERS[cipherNumber]
      : body.fail(`cipher ${cipherNumber}, expected AES-CTR (2)`);
  body.skip(1); // authentication: follows from the cipher
  body.skip(1); // what is in the stream; libsrt says "MPEG-TS over SRT" for everything
  body.skip(3);
  const saltLength = 4 * body.u8();
  if (saltLength !== SALT_BYTES) body.fail(`a salt of ${saltLength} bytes, expected ${SALT_BYTES}`);
  const keyBytes = 4 * body.u8();
  const keyLength =
    KEY_BYTES.find((bytes) => bytes === keyBytes) ??
    body.fail(`keys of ${keyBytes} bytes, expected 16, 24 or 32`);
  const salt = body.slice(saltLength);
  const wrapped = body.slice((keys === "both" ? 2 : 1) * keyLength + 8);
  return { keys, cipher, salt, keyLength, wrapped };
}

/** Writes a key material message. */
export function writeKeyMaterial(material: KeyMaterial): Uint8Array {
  const { keys, cipher, salt, keyLength, wrapped } = material;
  const bytes = new Uint8Array(16 + salt.length + wrapped.length);
  bytes[0] = VERSION_AND_TYPE;
  bytes[1] = SIGN >> 8;
  bytes[2] = SIGN & 0xff;
  bytes[3] = KEYS.indexOf(keys);
  bytes[8] = cipher === "ctr" ? 2 : 4;
  bytes[9] = cipher === "ctr" ? 0 : 1;
  bytes[10] = MPEG_TS_OVER_SRT;
  bytes[14] = salt.length / 4;
  bytes[15] = keyLength / 4;
  bytes.set(salt, 16);
  bytes.set(wrapped, 16 + salt.length);
  return bytes;
}

/** What stands in place of the echoed key material when it was refused. */
export function writeKeyState(state: keyof typeof KEY_STATE): Uint8Array {
  return Uint8Array.of(0, 0, 0, KEY_STATE[state]);
}
