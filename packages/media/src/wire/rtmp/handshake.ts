import { createHmac } from "node:crypto";
import { ProtocolError } from "../protocol-error.js";

/** C0 and S0: one byte that names the version (RTMP 1.0 §5.2.2). */
export const RTMP_VERSION = 3;

/** C1, C2, S1 and S2 (RTMP 1.0 §5.2.3). */
export const HANDSHAKE_BYTES = 1536;

/** What the first byte on a plain RTMP port gives away. */
export function firstByteMeans(byte: number): "rtmp" | "tls" | "http" | "rtmpe" | "unknown" {
  if (byte === RTMP_VERSION) return "rtmp";
  if (byte === 0x16) return "tls"; // a TLS handshake record (RFC 8446 §5.1)
  if (byte === 6 || byte === 8 || byte === 9) return "rtmpe";
  // GET, POST, PUT, HEAD, OPTIONS, CONNECT, DELETE
  if ("GPHOCD".includes(String.fromCharCode(byte))) return "http";
  return "unknown";
}

/**
 * S0, S1 and S2 for a C1. A client that signs its C1 by digest (Adobe's, undocumented) gets a signed answer; any other
 * gets the plain one of the specification, whatever is in its "zero" field (Elemental fills it).
 */
export function answerHandshake(c1: Uint8Array, random: (bytes: number) => Uint8Array): Uint8Array {
  if (c1.length !== HANDSHAKE_BYTES) throw new ProtocolError("rtmp handshake", `C1 of ${c1.length} bytes`);
  const answer = new Uint8Array(1 + 2 * HANDSHAKE_BYTES);
  answer[0] = RTMP_VERSION;
  const s1 = answer.subarray(1, 1 + HANDSHAKE_BYTES);
  const s2 = answer.subarray(1 + HANDSHAKE_BYTES);
  s1.set(random(HANDSHAKE_BYTES - 8), 8);

  const signed = findDigest(c1, PLAYER_KEY.subarray(0, 30));
  if (signed === null) {
    s2.set(c1);
    return answer;
  }
  s1.set([4, 5, 0, 1], 4); // any version above 3 tells that S1 is signed
  sign(s1, signed.scheme, SERVER_KEY.subarray(0, 36));
  s2.set(random(HANDSHAKE_BYTES - 32));
  const key = hmac(SERVER_KEY, signed.digest);
  s2.set(hmac(key, s2.subarray(0, HANDSHAKE_BYTES - 32)), HANDSHAKE_BYTES - 32);
  return answer;
}

/** C1 of a client, plain or signed: for tests and for sending on to another server. */
export function writeC1(random: (bytes: number) => Uint8Array, signed: DigestScheme | null): Uint8Array {
  const c1 = new Uint8Array(HANDSHAKE_BYTES);
  c1.set(random(HANDSHAKE_BYTES - 8), 8);
  if (signed === null) return c1;
  c1.set([9, 0, 124, 2], 4);
  sign(c1, signed, PLAYER_KEY.subarray(0, 30));
  return c1;
}

/** Where in C1 or S1 the digest stands: one of two layouts. */
export type DigestScheme = 0 | 1;

/** True when S1 or C1 carries a right digest for this side's name. */
export function isSigned(block: Uint8Array, side: "player" | "server"): boolean {
  return (
    findDigest(block, side === "player" ? PLAYER_KEY.subarray(0, 30) : SERVER_KEY.subarray(0, 36)) !== null
  );
}

// Both sides' names, followed by the same 32 bytes: constants of the signed handshake, the same in every implementation.
const SHARED = Uint8Array.from(
  "f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae".match(/../g) ?? [],
  (hex) => Number.parseInt(hex, 16),
);
const PLAYER_KEY = named("Genuine Adobe Flash Player 001");
const SERVER_KEY = named("Genuine Adobe Flash Media Server 001");

const DIGEST_BYTES = 32;

function named(name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  const key = new Uint8Array(text.length + SHARED.length);
  key.set(text);
  key.set(SHARED, text.length);
  return key;
}

function hmac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** The offset is the sum of four bytes at the start of one of the two 764-byte halves. */
function digestOffset(block: Uint8Array, scheme: DigestScheme): number {
  const at = scheme === 0 ? 8 : 772;
  const sum = (block[at] ?? 0) + (block[at + 1] ?? 0) + (block[at + 2] ?? 0) + (block[at + 3] ?? 0);
  return (sum % 728) + at + 4;
}

function digestOf(block: Uint8Array, offset: number, key: Uint8Array): Uint8Array {
  return hmac(key, block.subarray(0, offset), block.subarray(offset + DIGEST_BYTES));
}

function sign(block: Uint8Array, scheme: DigestScheme, key: Uint8Array): void {
  const offset = digestOffset(block, scheme);
  block.set(digestOf(block, offset, key), offset);
}

function findDigest(block: Uint8Array, key: Uint8Array): { scheme: DigestScheme; digest: Uint8Array } | null {
  const version = new DataView(block.buffer, block.byteOffset + 4, 4).getUint32(0);
  if (version === 0) return null; // the plain handshake's zero: most clients, and every flood
  for (const scheme of [0, 1] as const) {
    const offset = digestOffset(block, scheme);
    const digest = block.subarray(offset, offset + DIGEST_BYTES);
    const expected = digestOf(block, offset, key);
    if (digest.every((byte, i) => byte === expected[i])) return { scheme, digest };
  }
  return null;
}
