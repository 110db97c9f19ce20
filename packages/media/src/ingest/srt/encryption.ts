import { createDecipheriv, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import type { KeyMaterial } from "../../wire/srt/key-material.js";
import type { SrtDataPacket } from "../../wire/srt/packet.js";

/** The keys of one connection: learnt from key material, then used for packets. */
export type StreamKeys = {
  /** Takes new keys in; false when they cannot be opened: another passphrase. */
  learn(material: KeyMaterial): Promise<boolean>;
  /** The payload in the clear; null for one that is not encrypted, or with a key that is not known. */
  open(packet: SrtDataPacket): Uint8Array | null;
};

const ROUNDS = 2048; // draft-sharabayko-srt §6.1.4
const KEK_SALT_BYTES = 8; // §6.1.4: the low 64 bits of the salt
const NONCE_BYTES = 14; // §6.2.2: its high 112 bits
const SEQUENCE_AT = 10;
const WRAP_IV = Buffer.alloc(8, 0xa6); // RFC 3394 §2.2.3.1

const derive = promisify(pbkdf2); // in a thread of its own: 2,048 rounds would hold up every other stream

type Key = { readonly bytes: Uint8Array; readonly salt: Uint8Array };

/** Starts without any key. */
export function createStreamKeys(passphrase: string): StreamKeys {
  const keys: { even: Key | null; odd: Key | null } = { even: null, odd: null };
  let wrapping: { salt: Uint8Array; key: Uint8Array } | null = null;

  async function wrappingKey(salt: Uint8Array, length: number): Promise<Uint8Array> {
    if (wrapping !== null && wrapping.key.length === length && Buffer.compare(wrapping.salt, salt) === 0)
      return wrapping.key;
    const key = await derive(passphrase, salt.slice(-KEK_SALT_BYTES), ROUNDS, length, "sha1");
    wrapping = { salt: salt.slice(), key };
    return key;
  }

  return {
    async learn({ keys: which, salt, keyLength, wrapped }) {
      const opened = unwrap(await wrappingKey(salt, keyLength), wrapped);
      if (opened === null) return false;
      const nonce = salt.slice(0, NONCE_BYTES);
      if (which !== "odd") keys.even = { bytes: opened.subarray(0, keyLength), salt: nonce };
      if (which !== "even") keys.odd = { bytes: opened.subarray(-keyLength), salt: nonce };
      return true;
    },
    open({ key: which, sequence, payload }) {
      const key = which === "even" || which === "odd" ? keys[which] : null;
      if (key === null) return null;
      const counter = new Uint8Array(16);
      counter.set(key.salt);
      for (let i = 0; i < 4; i++) {
        const at = SEQUENCE_AT + i;
        counter[at] = (counter[at] ?? 0) ^ (sequence >>> (24 - 8 * i));
      }
      return createDecipheriv(`aes-${8 * key.bytes.length}-ctr`, key.bytes, counter).update(payload);
    },
  };
}

/** RFC 3394 §2.2.2; null when its integrity check fails. */
function unwrap(key: Uint8Array, wrapped: Uint8Array): Uint8Array | null {
  const decipher = createDecipheriv(`id-aes${8 * key.length}-wrap`, key, WRAP_IV);
  try {
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    return null; // the lengths are checked before: only the integrity can be wrong
  }
}
