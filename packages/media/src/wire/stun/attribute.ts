import type { ByteReader } from "../byte-reader.js";

/** An IP address (4 or 16 bytes) and a port: what STUN calls a transport address. */
export type TransportAddress = { readonly ip: Uint8Array; readonly port: number };

/** The attributes that a STUN and TURN server reads and writes (RFC 8489 §14, RFC 8656 §18). */
export type StunAttribute =
  | { readonly is: "username"; readonly text: string }
  | { readonly is: "realm"; readonly text: string }
  | { readonly is: "nonce"; readonly text: string }
  | { readonly is: "error-code"; readonly code: number; readonly reason: string }
  | { readonly is: "unknown-attributes"; readonly types: readonly number[] }
  | { readonly is: "channel-number"; readonly channel: number }
  /** In seconds. */
  | { readonly is: "lifetime"; readonly seconds: number }
  | { readonly is: "data"; readonly data: Uint8Array }
  | { readonly is: "requested-address-family"; readonly family: number }
  /** An IP protocol number; 17 is UDP. */
  | { readonly is: "requested-transport"; readonly protocol: number }
  | ({ readonly is: "xor-mapped-address" } & TransportAddress)
  | ({ readonly is: "xor-peer-address" } & TransportAddress)
  | ({ readonly is: "xor-relayed-address" } & TransportAddress)
  | { readonly is: "unknown"; readonly type: number; readonly value: Uint8Array };

/** RFC 8656 §18.10 and RFC 8489 §14.1: the same two numbers. */
export const ADDRESS_FAMILY = { IPv4: 1, IPv6: 2 } as const;

/** RFC 8489 §14 and RFC 8656 §18. */
export const ATTRIBUTE_TYPE = {
  username: 0x0006,
  "message-integrity": 0x0008,
  "error-code": 0x0009,
  "unknown-attributes": 0x000a,
  "channel-number": 0x000c,
  lifetime: 0x000d,
  "xor-peer-address": 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  "xor-relayed-address": 0x0016,
  "requested-address-family": 0x0017,
  "requested-transport": 0x0019,
  "xor-mapped-address": 0x0020,
  fingerprint: 0x8028,
} as const;

const MAX_TEXT_BYTES = 763; // RFC 8489 §14.9 and §14.10; a user name is shorter still (§14.3)

/** The magic cookie, 0x2112a442 (RFC 8489 §5). */
export const MAGIC_COOKIE: Uint8Array = Uint8Array.of(0x21, 0x12, 0xa4, 0x42);

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** True for what a server must understand or refuse (RFC 8489 §14: comprehension-required). */
export function isRequired(type: number): boolean {
  return type < 0x8000;
}

/** Reads an attribute's value, which ends where the reader does. */
export function parseAttribute(type: number, value: ByteReader, transaction: Uint8Array): StunAttribute {
  switch (type) {
    case ATTRIBUTE_TYPE.username:
      return { is: "username", text: parseText(value) };
    case ATTRIBUTE_TYPE.realm:
      return { is: "realm", text: parseText(value) };
    case ATTRIBUTE_TYPE.nonce:
      return { is: "nonce", text: parseText(value) };
    case ATTRIBUTE_TYPE["error-code"]:
      return parseErrorCode(value);
    case ATTRIBUTE_TYPE["unknown-attributes"]:
      return { is: "unknown-attributes", types: parseTypes(value) };
    case ATTRIBUTE_TYPE["channel-number"]: {
      const channel = value.u16();
      value.skip(2);
      return ended(value, { is: "channel-number", channel });
    }
    case ATTRIBUTE_TYPE.lifetime:
      return ended(value, { is: "lifetime", seconds: value.u32() });
    case ATTRIBUTE_TYPE.data:
      return { is: "data", data: value.rest() };
    case ATTRIBUTE_TYPE["requested-address-family"]: {
      const family = value.u8();
      value.skip(3);
      return ended(value, { is: "requested-address-family", family });
    }
    case ATTRIBUTE_TYPE["requested-transport"]: {
      const protocol = value.u8();
      value.skip(3);
      return ended(value, { is: "requested-transport", protocol });
    }
    case ATTRIBUTE_TYPE["xor-mapped-address"]:
      return { is: "xor-mapped-address", ...parseXorAddress(value, transaction) };
    case ATTRIBUTE_TYPE["xor-peer-address"]:
      return { is: "xor-peer-address", ...parseXorAddress(value, transaction) };
    case ATTRIBUTE_TYPE["xor-relayed-address"]:
      return { is: "xor-relayed-address", ...parseXorAddress(value, transaction) };
    default:
      return { is: "unknown", type, value: value.rest() };
  }
}

function ended<T>(value: ByteReader, attribute: T): T {
  if (value.left > 0) value.fail(`${value.left} bytes too many in an attribute`);
  return attribute;
}

function parseText(value: ByteReader): string {
  if (value.left > MAX_TEXT_BYTES) value.fail(`a text of ${value.left} bytes`);
  try {
    return decoder.decode(value.rest());
  } catch {
    return value.fail("a text that is not UTF-8");
  }
}

/** RFC 8489 §14.8: the hundreds in 3 bits, the rest in a byte. */
function parseErrorCode(value: ByteReader): StunAttribute {
  value.skip(2);
  const hundreds = value.u8() & 7;
  const rest = value.u8();
  if (hundreds < 3 || hundreds > 6 || rest > 99) value.fail(`an error of class ${hundreds}, number ${rest}`);
  return { is: "error-code", code: 100 * hundreds + rest, reason: parseText(value) };
}

function parseTypes(value: ByteReader): number[] {
  const types: number[] = [];
  while (value.left > 0) types.push(value.u16());
  return types;
}

/** RFC 8489 §14.2: the port against the cookie's first half, the address against cookie and transaction. */
function parseXorAddress(value: ByteReader, transaction: Uint8Array): TransportAddress {
  value.skip(1);
  const family = value.u8();
  const port = value.u16() ^ 0x2112;
  if (family !== ADDRESS_FAMILY.IPv4 && family !== ADDRESS_FAMILY.IPv6)
    value.fail(`an address of family ${family}`);
  const ip = xored(value.slice(family === ADDRESS_FAMILY.IPv4 ? 4 : 16), transaction);
  return ended(value, { ip, port });
}

function xored(ip: Uint8Array, transaction: Uint8Array): Uint8Array {
  return ip.map((byte, i) => byte ^ (MAGIC_COOKIE[i] ?? transaction[i - 4] ?? 0));
}

/** An attribute's type and value, without padding. */
export function writeAttribute(
  attribute: StunAttribute,
  transaction: Uint8Array,
): readonly [type: number, value: Uint8Array] {
  if (attribute.is === "unknown") return [attribute.type, attribute.value];
  return [ATTRIBUTE_TYPE[attribute.is], bytesOf(attribute, transaction)];
}

function bytesOf(attribute: Exclude<StunAttribute, { is: "unknown" }>, transaction: Uint8Array): Uint8Array {
  switch (attribute.is) {
    case "username":
    case "realm":
    case "nonce":
      return encoder.encode(attribute.text);
    case "error-code": {
      const { code, reason } = attribute;
      return Uint8Array.of(0, 0, Math.floor(code / 100), code % 100, ...encoder.encode(reason));
    }
    case "unknown-attributes":
      return Uint8Array.from(attribute.types.flatMap((type) => [type >> 8, type & 0xff]));
    case "channel-number":
      return Uint8Array.of(attribute.channel >> 8, attribute.channel & 0xff, 0, 0);
    case "lifetime": {
      const value = new Uint8Array(4);
      new DataView(value.buffer).setUint32(0, attribute.seconds);
      return value;
    }
    case "data":
      return attribute.data;
    case "requested-address-family":
      return Uint8Array.of(attribute.family, 0, 0, 0);
    case "requested-transport":
      return Uint8Array.of(attribute.protocol, 0, 0, 0);
    default: {
      const { ip, port } = attribute;
      const family = ip.length === 4 ? ADDRESS_FAMILY.IPv4 : ADDRESS_FAMILY.IPv6;
      const masked = port ^ 0x2112;
      return Uint8Array.of(0, family, masked >> 8, masked & 0xff, ...xored(ip, transaction));
    }
  }
}
