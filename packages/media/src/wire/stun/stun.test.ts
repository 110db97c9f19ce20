import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { parseChannelData, writeChannelData } from "./channel-data.js";
import { createStunFramer, MAX_STUN_BYTES } from "./framing.js";
import { attributeOf, isSignedBy, parseStun, unknownRequired, writeStun } from "./message.js";
import { CHANNEL_CASES, RFC5769, STUN_CASES, WRONG_CHANNEL, WRONG_STUN } from "./stun.cases.js";

const keyFrom = (key: string | readonly string[]): Uint8Array =>
  typeof key === "string" ? Buffer.from(key) : createHash("md5").update(key.join(":")).digest();

test.each(STUN_CASES)("message: %s", (_name, bytes, value) => {
  expect(parseStun(bytes)).toEqual({ message: value, integrityAt: null, hasFingerprint: false });
  expect(writeStun(value)).toEqual(bytes);
});

test.each(WRONG_STUN)("message: %s", (reason, bytes) => {
  expect(() => parseStun(bytes)).toThrow(reason);
});

test.each(CHANNEL_CASES)("channel data: %s", (_name, bytes, value, isPadded) => {
  expect(parseChannelData(bytes)).toEqual(value);
  expect(writeChannelData(value, isPadded)).toEqual(bytes);
});

test.each(WRONG_CHANNEL)("channel data: %s", (reason, bytes) => {
  expect(() => parseChannelData(bytes)).toThrow(reason);
});

test.each(RFC5769)(
  "RFC 5769 %s: the signature is its key's alone, and covers every byte",
  (_name, key, bytes) => {
    const { integrityAt } = parseStun(bytes);
    if (integrityAt === null) throw new Error("not signed");
    expect(isSignedBy(keyFrom(key), bytes, integrityAt)).toBe(true);
    expect(isSignedBy(keyFrom("another"), bytes, integrityAt)).toBe(false);
    for (let at = 4; at < integrityAt + 24; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      if (at < integrityAt || at >= integrityAt + 4)
        expect(isSignedBy(keyFrom(key), changed, integrityAt)).toBe(false);
    }
  },
);

test.each(STUN_CASES)("what is signed and fingerprinted is read as it was: %s", (_name, _bytes, value) => {
  const key = keyFrom("north wind");
  const bytes = writeStun(value, { key, fingerprint: true });
  const { message, integrityAt, hasFingerprint } = parseStun(bytes);
  expect([message, hasFingerprint]).toEqual([value, true]);
  expect(isSignedBy(key, bytes, integrityAt ?? 0)).toBe(true);
  bytes[9] = (bytes[9] ?? 0) ^ 1;
  expect(() => parseStun(bytes)).toThrow("a wrong fingerprint");
});

test("an attribute that was put behind the signature is not believed", () => {
  const key = keyFrom("north wind");
  const [, , value] = STUN_CASES[0] ?? [];
  if (value === undefined) throw new Error("no case");
  const signed = writeStun(value, { key });
  const longer = new Uint8Array([...signed, 0x00, 0x0d, 0x00, 0x04, 0, 0, 0, 0]);
  longer[3] = (longer[3] ?? 0) + 8;
  const { message, integrityAt } = parseStun(longer);
  expect(isSignedBy(key, longer, integrityAt ?? 0)).toBe(true);
  expect(attributeOf(message, "lifetime")).toBeUndefined();
});

test("attributes that a server may not ignore are named", () => {
  const [, , asked] = STUN_CASES[3] ?? [];
  if (asked === undefined) throw new Error("no case");
  expect(unknownRequired(asked)).toEqual([0x0018]);
});

test("a stream that is cut anywhere gives the same messages", () => {
  const messages = [STUN_CASES[3]?.[1], CHANNEL_CASES[1]?.[1], CHANNEL_CASES[2]?.[1], STUN_CASES[0]?.[1]];
  const stream = new Uint8Array(Buffer.concat(messages.map((message) => message ?? new Uint8Array(0))));
  for (let size = 1; size <= stream.length; size++) {
    const framer = createStunFramer();
    const found: Uint8Array[] = [];
    for (let at = 0; at < stream.length; at += size) found.push(...framer.take(stream.slice(at, at + size)));
    expect(found).toEqual(messages);
  }
});

test("a stream that is not STUN, or announces more than a datagram holds, is refused at once", () => {
  expect(() => createStunFramer().take(Buffer.from("GET / HTTP/1.1\r\n"))).toThrow(/a message of/);
  expect(() => createStunFramer().take(Uint8Array.of(0x16))).not.toThrow();
  expect(() => createStunFramer().take(Uint8Array.of(0x16, 3, 1, 2, 0x21))).not.toThrow();
  expect(() => createStunFramer().take(Uint8Array.of(0x16, 3, 1, 2, 0x22))).toThrow("another cookie");
  expect(() => createStunFramer().take(Uint8Array.of(0x80))).toThrow("neither STUN nor a channel");
  expect(() => createStunFramer().take(Uint8Array.of(0x40, 0, MAX_STUN_BYTES >> 8, 0))).toThrow(
    /a message of/,
  );
});
