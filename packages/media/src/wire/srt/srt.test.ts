import { expect, test } from "vitest";
import { parseCapabilities, parseText, writeCapabilities, writeText } from "./extensions.js";
import {
  CAPABILITIES_CASE,
  HANDSHAKE_CASES,
  KEY_MATERIAL_CASES,
  TEXT_CASES,
  WRONG_KEY_MATERIAL,
} from "./handshake.cases.js";
import { parseHandshake, REJECT, type Reject, rejection, writeHandshake } from "./handshake.js";
import { parseKeyMaterial, writeKeyMaterial } from "./key-material.js";
import { PACKET_CASES, WRONG_PACKETS } from "./packet.cases.js";
import { parseSrtPacket, writeSrtPacket } from "./packet.js";
import { sequenceAfter, sequenceDistance } from "./sequence.js";

test.each(PACKET_CASES)("packet: %s", (_name, bytes, value) => {
  expect(parseSrtPacket(bytes)).toEqual(value);
  expect(writeSrtPacket(value)).toEqual(bytes);
});

test.each(WRONG_PACKETS)("packet: %s", (reason, bytes) => {
  expect(() => parseSrtPacket(bytes)).toThrow(reason);
});

test("an acknowledgement without rates is read too: the draft calls it small", () => {
  const full = writeSrtPacket(PACKET_CASES[5]?.[2] ?? { is: "keepalive", timestamp: 0, destination: 0 });
  const small = parseSrtPacket(full.subarray(0, 32));
  expect(small).toMatchObject({ acknowledged: { full: { free: 8191, packetsPerSecond: 0 } } });
});

test.each(HANDSHAKE_CASES)("handshake: %s", (_name, bytes, value) => {
  expect(parseHandshake(bytes)).toEqual(value);
  expect(writeHandshake(value)).toEqual(bytes);
});

test("a handshake with more extensions than there are kinds is refused", () => {
  const [, , conclusion] = HANDSHAKE_CASES[2] ?? [];
  if (conclusion === undefined) throw new Error("no case");
  const extensions = Array.from({ length: 17 }, () => ({ type: 9, content: new Uint8Array(0) }));
  expect(() => parseHandshake(writeHandshake({ ...conclusion, extensions }))).toThrow(
    "more than 16 extensions",
  );
});

// The numbers that libsrt's callers know (srt.h, access_control.h), with 1000 before them on the wire.
test.each<[Reject, number]>([
  ["version", 1008],
  ["badSecret", 1010],
  ["unsecure", 1011],
  ["unauthorized", 2401],
  ["forbidden", 2403],
  ["badMode", 2405],
  ["conflict", 2409],
])(
  "a rejection is a handshake whose type is 1000 and the reason, no longer than the request: %s",
  (reason, type) => {
    for (const [, bytes, asked] of HANDSHAKE_CASES) {
      const answer = writeHandshake(rejection(asked, reason));
      expect(parseHandshake(answer).type).toBe(type);
      expect(answer.length).toBeLessThanOrEqual(bytes.length);
    }
    expect(REJECT[reason] + 1000).toBe(type);
  },
);

test.each(KEY_MATERIAL_CASES)("key material: %s", (_name, bytes, value) => {
  expect(parseKeyMaterial(bytes)).toEqual(value);
  expect(writeKeyMaterial(value)).toEqual(bytes);
});

test.each(WRONG_KEY_MATERIAL)("key material: %s", (reason, bytes) => {
  expect(() => parseKeyMaterial(bytes)).toThrow(reason);
});

test("capabilities, both ways", () => {
  const [bytes, value] = CAPABILITIES_CASE;
  expect(parseCapabilities(bytes)).toEqual(value);
  expect(writeCapabilities(value)).toEqual(bytes);
});

test.each(TEXT_CASES)("text %j is %j", (bytes, value) => {
  expect(parseText(bytes)).toBe(value);
  expect(writeText(value)).toEqual(bytes);
});

test("a text that is not UTF-8, or longer than 512 bytes, is refused", () => {
  expect(() => parseText(Uint8Array.of(0, 0, 0, 0xff))).toThrow("not UTF-8");
  expect(() => parseText(writeText("x".repeat(513)))).toThrow("at most 512");
});

test("sequence numbers go on over their wrap, both ways", () => {
  expect(sequenceAfter(0x7fffffff, 1)).toBe(0);
  expect(sequenceAfter(0, -1)).toBe(0x7fffffff);
  expect(sequenceDistance(0x7ffffffe, 1)).toBe(3);
  expect(sequenceDistance(1, 0x7ffffffe)).toBe(-3);
  expect(sequenceDistance(5, 5)).toBe(0);
});
