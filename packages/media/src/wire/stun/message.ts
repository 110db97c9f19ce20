import { createHmac, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import { ByteReader } from "../byte-reader.js";
import { ProtocolError } from "../protocol-error.js";
import {
  ATTRIBUTE_TYPE,
  isRequired,
  MAGIC_COOKIE,
  parseAttribute,
  type StunAttribute,
  writeAttribute,
} from "./attribute.js";

/** The methods of STUN and TURN (RFC 8489 §18.1, RFC 8656 §17). */
export const STUN_METHOD = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  createPermission: 0x008,
  channelBind: 0x009,
} as const;

/** What a message is (RFC 8489 §5). */
export type StunClass = "request" | "indication" | "success" | "error";

const CLASSES: readonly StunClass[] = ["request", "indication", "success", "error"];

/** A STUN message without what protects it. */
export type StunMessage = {
  /** 12 bits. */
  readonly method: number;
  readonly class: StunClass;
  /** 12 bytes. */
  readonly transaction: Uint8Array;
  /** In their order. What comes after MESSAGE-INTEGRITY is not believed and not among them (RFC 8489 §14.5). */
  readonly attributes: readonly StunAttribute[];
};

/** A message as it came. */
export type ReceivedStun = {
  readonly message: StunMessage;
  /** Where MESSAGE-INTEGRITY begins; null: the message is not signed. */
  readonly integrityAt: number | null;
  /** It has a FINGERPRINT, and that is right. */
  readonly hasFingerprint: boolean;
};

/** RFC 8489 §5: type, length, cookie, transaction. */
export const STUN_HEADER_BYTES = 20;

const TRANSACTION_BYTES = 12;
const INTEGRITY_BYTES = 20; // HMAC-SHA1
const ATTRIBUTE_HEADER_BYTES = 4;
const MAX_ATTRIBUTES = 32; // the longest message of a TURN client has eight
const FINGERPRINT_XOR = 0x5354554e; // RFC 8489 §14.7

/** Reads a whole message; texts are copies, DATA is a view into `bytes`. */
export function parseStun(bytes: Uint8Array): ReceivedStun {
  const reader = new ByteReader("stun", bytes);
  const type = reader.u16();
  if (type >= 0x4000) reader.fail("not STUN: its first two bits are not 0");
  const length = reader.u16();
  if (MAGIC_COOKIE.some((byte) => byte !== reader.u8())) reader.fail("not STUN: another cookie");
  const transaction = reader.slice(TRANSACTION_BYTES);
  if (length % 4 !== 0 || length !== reader.left) {
    reader.fail(`a length of ${length} bytes, ${reader.left} are there`);
  }

  const attributes: StunAttribute[] = [];
  let integrityAt: number | null = null;
  let hasFingerprint = false;
  for (let count = 0; reader.left > 0; count++) {
    if (count === MAX_ATTRIBUTES) reader.fail(`more than ${MAX_ATTRIBUTES} attributes`);
    if (hasFingerprint) reader.fail("an attribute after the fingerprint");
    const at = reader.offset;
    const attribute = reader.u16();
    const value = reader.slice(reader.u16());
    reader.skip((4 - (value.length % 4)) % 4);
    if (attribute === ATTRIBUTE_TYPE.fingerprint) {
      needFingerprint(bytes, at, value);
      hasFingerprint = true;
    } else if (integrityAt !== null) continue;
    else if (attribute === ATTRIBUTE_TYPE["message-integrity"]) {
      if (value.length !== INTEGRITY_BYTES) reader.fail(`an integrity of ${value.length} bytes`);
      integrityAt = at;
    } else attributes.push(parseAttribute(attribute, new ByteReader("stun", value), transaction));
  }
  return {
    message: { ...kindOf(type), transaction, attributes },
    integrityAt,
    hasFingerprint,
  };
}

/** RFC 8489 §5, figure 3: the two bits of the class stand between those of the method. */
function kindOf(type: number): Pick<StunMessage, "method" | "class"> {
  const method = (type & 0x000f) | ((type & 0x00e0) >> 1) | ((type & 0x3e00) >> 2);
  return { method, class: CLASSES[((type >> 4) & 1) | ((type >> 7) & 2)] ?? "request" };
}

function typeOf({ method, class: is }: StunMessage): number {
  const bits = CLASSES.indexOf(is);
  const spread = (method & 0x000f) | ((method & 0x0070) << 1) | ((method & 0x0f80) << 2);
  return spread | ((bits & 1) << 4) | ((bits & 2) << 7);
}

function needFingerprint(bytes: Uint8Array, at: number, value: Uint8Array): void {
  const reader = new ByteReader("stun", value);
  // It is the last attribute, so the length in the header is that which it was made over.
  if (reader.u32() !== fingerprintOf(bytes.subarray(0, at)) || reader.left > 0) {
    throw new ProtocolError("stun", "a wrong fingerprint", at);
  }
}

function fingerprintOf(bytes: Uint8Array): number {
  return (crc32(bytes) ^ FINGERPRINT_XOR) >>> 0;
}

/** Whether `key` signed a received message; compared in constant time. */
export function isSignedBy(key: Uint8Array, bytes: Uint8Array, integrityAt: number): boolean {
  const given = bytes.subarray(integrityAt + ATTRIBUTE_HEADER_BYTES, integrityAt + 24);
  return given.length === INTEGRITY_BYTES && timingSafeEqual(given, macOf(key, bytes, integrityAt));
}

/** RFC 8489 §14.5: over all before it, with a length in the header that ends after it. */
function macOf(key: Uint8Array, bytes: Uint8Array, integrityAt: number): Buffer {
  const length = integrityAt - STUN_HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES;
  return createHmac("sha1", key)
    .update(bytes.subarray(0, 2))
    .update(Uint8Array.of(length >> 8, length & 0xff))
    .update(bytes.subarray(4, integrityAt))
    .digest();
}

/** Writes a message, signed with `key` where one is given, and with a fingerprint where that is wanted. */
export function writeStun(
  message: StunMessage,
  protect: { readonly key?: Uint8Array | undefined; readonly fingerprint?: boolean } = {},
): Uint8Array {
  const values = message.attributes.map((attribute) => writeAttribute(attribute, message.transaction));
  const bodyBytes = values.reduce((sum, [, value]) => sum + sizeOf(value), 0);
  const integrityAt = STUN_HEADER_BYTES + bodyBytes;
  const fingerprintAt = integrityAt + (protect.key === undefined ? 0 : 24);
  const bytes = new Uint8Array(fingerprintAt + (protect.fingerprint === true ? 8 : 0));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, typeOf(message));
  view.setUint16(2, bytes.length - STUN_HEADER_BYTES);
  bytes.set(MAGIC_COOKIE, 4);
  bytes.set(message.transaction, 8);
  let at = STUN_HEADER_BYTES;
  const put = (type: number, value: Uint8Array): void => {
    view.setUint16(at, type);
    view.setUint16(at + 2, value.length);
    bytes.set(value, at + ATTRIBUTE_HEADER_BYTES);
    at += sizeOf(value);
  };
  for (const [type, value] of values) put(type, value);
  if (protect.key !== undefined)
    put(ATTRIBUTE_TYPE["message-integrity"], macOf(protect.key, bytes, integrityAt));
  if (protect.fingerprint === true) {
    put(ATTRIBUTE_TYPE.fingerprint, new Uint8Array(4));
    view.setUint32(fingerprintAt + ATTRIBUTE_HEADER_BYTES, fingerprintOf(bytes.subarray(0, fingerprintAt)));
  }
  return bytes;
}

function sizeOf(value: Uint8Array): number {
  return ATTRIBUTE_HEADER_BYTES + value.length + ((4 - (value.length % 4)) % 4);
}

/** The first attribute of that kind (RFC 8489 §14: only the first one counts). */
export function attributeOf<K extends StunAttribute["is"]>(
  { attributes }: StunMessage,
  is: K,
): Extract<StunAttribute, { is: K }> | undefined {
  return attributes.find((attribute): attribute is Extract<StunAttribute, { is: K }> => attribute.is === is);
}

/** The types that we do not know and may not ignore (RFC 8489 §6.3.1). */
export function unknownRequired({ attributes }: StunMessage): number[] {
  return attributes.flatMap((attribute) =>
    attribute.is === "unknown" && isRequired(attribute.type) ? [attribute.type] : [],
  );
}
