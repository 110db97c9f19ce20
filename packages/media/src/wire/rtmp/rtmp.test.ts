import { expect, test } from "vitest";
import { mulberry32 } from "../fuzz.js";
import { fromHex } from "../hex.js";
import { ProtocolError } from "../protocol-error.js";
import { AMF0_CASES } from "./amf0.cases.js";
import { amfFields, amfObject, parseAmf0, writeAmf0 } from "./amf0.js";
import { parseAudioTag, parseMultichannelConfig, writeAudioTag } from "./audio-tag.js";
import { answerHandshake, firstByteMeans, HANDSHAKE_BYTES, isSigned, writeC1 } from "./handshake.js";
import { AGGREGATE, MESSAGE_CASES } from "./message.cases.js";
import { parseAggregate, parseMessage, writeMessage } from "./message.js";
import { AUDIO_TAGS, VIDEO_TAGS } from "./tags.cases.js";
import { parseVideoTag, writeVideoTag } from "./video-tag.js";

const seeded = (seed: number) => {
  const random = mulberry32(seed);
  return (bytes: number) => Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256));
};

test.each(AMF0_CASES)("AMF 0: %s, read and written", (_name, bytes, values) => {
  expect(parseAmf0(bytes)).toEqual(values);
  if (!bytes.includes(8)) expect(writeAmf0(values)).toEqual(bytes);
  expect(parseAmf0(writeAmf0(values))).toEqual(values);
});

test("an AMF 0 string of more than 65,535 bytes becomes a long string", () => {
  const text = "é".repeat(40_000);
  expect(writeAmf0([text])[0]).toBe(12);
  expect(parseAmf0(writeAmf0([text]))).toEqual([text]);
});

test("AMF 0 nested 10,000 deep, arrays longer than their bytes and AMF 3 are refused", () => {
  const deep = new Uint8Array(50_000);
  for (let i = 0; i < 10_000; i++) deep.set([10, 0, 0, 0, 1], 5 * i);
  expect(() => parseAmf0(deep)).toThrow("nested more than 16 deep");
  expect(() => parseAmf0(fromHex("0a ffffffff 05"))).toThrow("an array of 4294967295 values in 1 bytes");
  expect(() => parseAmf0(new Uint8Array(10_000).fill(5))).toThrow("more than 4096 values");
  expect(() => parseAmf0(fromHex("11 00"))).toThrow("type marker 17");
});

test("the fields of objects, ECMA arrays and typed objects are found, of nothing else", () => {
  const fields = amfObject({ a: 1 });
  for (const value of [fields, { ecmaArray: fields }, { className: "x", fields }]) {
    expect(amfFields(value)?.get("a")).toBe(1);
  }
  for (const value of [null, undefined, 1, "a", [1], { dateMs: 0, zone: 0 }])
    expect(amfFields(value)).toBeNull();
});

test.each(MESSAGE_CASES)("message %s, read and written", (_name, type, bytes, value) => {
  expect(parseMessage(type, bytes)).toEqual(value);
  expect(writeMessage(value)).toEqual({ type, payload: bytes });
});

test("AMF 3 messages that wrap AMF 0 are read", () => {
  const command = { is: "command", name: "a", transaction: 1, values: [] };
  expect(parseMessage(17, fromHex("00 02 0001 61 00 3ff0000000000000"))).toEqual(command);
  expect(parseMessage(15, fromHex("00 02 0001 61"))).toEqual({ is: "metadata", values: ["a"] });
});

test("chunk sizes of 0 and above 2^31 - 1, short control messages and nameless commands are refused", () => {
  expect(() => parseMessage(1, fromHex("00000000"))).toThrow("chunks of 0 bytes");
  expect(() => parseMessage(1, fromHex("80000000"))).toThrow("chunks of 2147483648 bytes");
  for (const type of [1, 2, 3, 4, 5, 6])
    expect(() => parseMessage(type, fromHex("00"))).toThrow(ProtocolError);
  expect(() => parseMessage(20, fromHex("05"))).toThrow("the name is not a string");
  expect(() => parseMessage(20, new Uint8Array(70_000))).toThrow("at most 65536");
});

test("an aggregate is taken apart with the times between its messages", () => {
  expect(parseAggregate(AGGREGATE)).toEqual([
    { type: 8, afterMs: 0, payload: fromHex("af0121") },
    { type: 9, afterMs: 23, payload: fromHex("2701000000") },
  ]);
  expect(() => parseAggregate(AGGREGATE.subarray(0, 20))).toThrow(ProtocolError);
});

test.each(VIDEO_TAGS)("video tag: %s, read and written", (_name, bytes, tag) => {
  expect(parseVideoTag(bytes)).toEqual(tag);
  expect(parseVideoTag(writeVideoTag(tag))).toEqual(tag);
});

test.each(AUDIO_TAGS)("audio tag: %s, read and written", (_name, bytes, tag) => {
  expect(parseAudioTag(bytes)).toEqual(tag);
  expect(writeAudioTag(tag)).toEqual(bytes);
});

test("a video tag's bytes are written as they were, where there is only one way", () => {
  for (const [name, bytes, tag] of VIDEO_TAGS) {
    if (!name.includes("AV1")) expect(writeVideoTag(tag)).toEqual(bytes);
  }
});

test("tags with unknown packet types are named or refused, and multitrack does not nest", () => {
  expect(parseVideoTag(fromHex("9b 68766331"))).toMatchObject({
    is: "unsupported",
    what: "video packet type 11",
  });
  expect(() => parseVideoTag(fromHex("96 06 61766331 00"))).toThrow("inside a multitrack tag");
  expect(() => parseVideoTag(fromHex("17 03 000000"))).toThrow("packet type 3");
  expect(() => parseVideoTag(fromHex("96 13 61766331 00 00ffff 0a"))).toThrow("wanted 65535 bytes");
  expect(() => parseAudioTag(fromHex("af 02"))).toThrow(ProtocolError);
});

test("MultichannelConfig says the number of channels in each order", () => {
  expect(parseMultichannelConfig(fromHex("00 04"))).toEqual({ order: "unspecified", channels: 4 });
  expect(parseMultichannelConfig(fromHex("01 06 0000003f"))).toEqual({ order: "native", channels: 6 });
  expect(parseMultichannelConfig(fromHex("02 02 0001"))).toEqual({ order: "custom", channels: 2 });
  expect(() => parseMultichannelConfig(fromHex("02 09 0001"))).toThrow(ProtocolError);
});

test("a plain C1 is echoed in S2, whatever is in its zero field", () => {
  const c1 = writeC1(seeded(1), null);
  c1.set([1, 2, 3, 4], 4);
  const answer = answerHandshake(c1, seeded(2));
  expect(answer[0]).toBe(3);
  expect(answer.subarray(1 + HANDSHAKE_BYTES)).toEqual(c1);
});

test.each([0, 1] as const)("a C1 signed by scheme %i gets a signed answer", (scheme) => {
  const c1 = writeC1(seeded(3), scheme);
  expect(isSigned(c1, "player")).toBe(true);
  const answer = answerHandshake(c1, seeded(4));
  expect(isSigned(answer.subarray(1, 1 + HANDSHAKE_BYTES), "server")).toBe(true);
  expect(isSigned(writeC1(seeded(3), null), "player")).toBe(false);
});

test("the first byte tells RTMP from TLS, HTTP and RTMPE", () => {
  const bytes = [3, 0x16, 0x47, 0x50, 6, 0x53];
  expect(bytes.map(firstByteMeans)).toEqual(["rtmp", "tls", "http", "http", "rtmpe", "unknown"]);
});
