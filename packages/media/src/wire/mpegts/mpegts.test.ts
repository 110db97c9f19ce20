import { expect, test } from "vitest";
import { mulberry32 } from "../fuzz.js";
import { crc32 } from "./crc.js";
import { PACKET_CASES, PAT_CASES, PES_CASES, PMT_CASES } from "./mpegts.cases.js";
import { startPacketSync } from "./packet-sync.js";
import { PES_CLOCK_WRAP, parsePesHeader, pesHeaderBytes, unwrapPesClock, writePesHeader } from "./pes.js";
import { parseProgramAssociation, parseProgramMap, writeProgramAssociation, writeProgramMap } from "./psi.js";
import { startSectionReader } from "./section-reader.js";
import { isStuffed, parseTsPacket, type TsPacket, writeTsPacket } from "./ts-packet.js";

test.each(PACKET_CASES)("a packet: %s", (_name, bytes, value, stuffed) => {
  expect(parseTsPacket(bytes)).toEqual(value);
  expect(writeTsPacket(value)).toEqual(bytes);
  expect(isStuffed(value)).toBe(stuffed);
});

test("packets that cannot be are refused", () => {
  const spoilt = (at: number, byte: number) =>
    Uint8Array.from(PACKET_CASES[3]?.[1] ?? [], (b, i) => (i === at ? byte : b));
  expect(() => parseTsPacket(spoilt(0, 0x48))).toThrow("expected 0x47");
  expect(() => parseTsPacket(spoilt(3, 0x05))).toThrow("reserved");
  expect(() => parseTsPacket(spoilt(4, 183))).toThrow("at most 182");
  expect(() => parseTsPacket(new Uint8Array(187))).toThrow("187 bytes");
});

test.each(PAT_CASES)("a program association: %s", (_name, bytes, value) => {
  expect(parseProgramAssociation(bytes)).toEqual(value);
  expect(parseProgramAssociation(writeProgramAssociation(value))).toEqual(value);
});

test.each(PMT_CASES)("a program map: %s", (_name, bytes, value) => {
  expect(parseProgramMap(bytes)).toEqual(value);
  expect(writeProgramMap(value)).toEqual(bytes);
});

test("a section whose CRC, length or table is wrong is refused", () => {
  const bytes = PMT_CASES[0]?.[1] ?? new Uint8Array(0);
  expect(crc32(bytes)).toBe(0);
  for (let at = 3; at < bytes.length; at++) {
    const spoilt = bytes.slice();
    spoilt[at] = (spoilt[at] ?? 0) ^ 0x10;
    expect(() => parseProgramMap(spoilt)).toThrow("the CRC is wrong");
  }
  expect(() => parseProgramMap(bytes.subarray(0, -1))).toThrow("a section length of 23");
  expect(() => parseProgramAssociation(bytes)).toThrow("table id 2, expected 0");
});

test.each(PES_CASES)("a PES header: %s", (_name, bytes, value) => {
  expect(pesHeaderBytes(bytes)).toBe(bytes.length);
  expect(parsePesHeader(bytes)).toEqual({ header: value, payloadAt: bytes.length });
  expect(writePesHeader(value)).toEqual(bytes);
});

test("a clock of 33 bits goes on over its wrap, and back over it", () => {
  expect(unwrapPesClock(PES_CLOCK_WRAP - 10, 20)).toBe(PES_CLOCK_WRAP + 20);
  expect(unwrapPesClock(PES_CLOCK_WRAP + 20, PES_CLOCK_WRAP - 10)).toBe(PES_CLOCK_WRAP - 10);
  expect(unwrapPesClock(5 * PES_CLOCK_WRAP + 7, 9)).toBe(5 * PES_CLOCK_WRAP + 9);
});

const packetOf = (n: number): Uint8Array => {
  const bytes = new Uint8Array(188).fill(n & 255); // 0x47 among them
  bytes[0] = 0x47;
  return bytes;
};

const joined = (pieces: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(pieces));

function cut(stream: Uint8Array, piece: () => number): number[] {
  const sync = startPacketSync();
  const found: number[] = [];
  for (let at = 0; at < stream.length; ) {
    const length = piece();
    sync.take(stream.subarray(at, at + length), (bytes) => {
      expect(bytes).toHaveLength(188);
      found.push(bytes[187] ?? -1);
    });
    at += length;
  }
  return found;
}

test("packets are the same however the bytes are split", () => {
  const numbers = Array.from({ length: 200 }, (_, n) => n);
  const stream = joined(numbers.map(packetOf));
  const random = mulberry32(1);
  for (const piece of [() => 1, () => 188, () => 1316, () => 1 + Math.floor(random() * 400), () => 1e6]) {
    expect(cut(stream, piece)).toEqual(numbers);
  }
});

test("after bytes that are missing or too many the next packet is found again", () => {
  const numbers = Array.from({ length: 60 }, (_, n) => n);
  const stream = joined(numbers.map(packetOf));
  const torn = joined([stream.subarray(0, 10 * 188 + 50), stream.subarray(12 * 188 + 90)]);
  const found = cut(torn, () => 77);
  expect(found.slice(-47)).toEqual(numbers.slice(-47));
  expect(found.length).toBeLessThanOrEqual(59);
  const padded = joined([Uint8Array.of(1, 0x47, 3), stream.subarray(0, 1880), Uint8Array.of(0x47), stream]);
  expect(cut(padded, () => 1000).slice(-60)).toEqual(numbers);
});

test("what is no transport stream is refused after 64 KiB, random bytes too", () => {
  const random = mulberry32(7);
  const noise = Uint8Array.from({ length: 1 << 18 }, () => Math.floor(random() * 256));
  expect(() => cut(noise, () => 1316)).toThrow("this is no MPEG-TS");
});

function section(reader: ReturnType<typeof startSectionReader>, packets: readonly TsPacket[]): Uint8Array[] {
  const sections: Uint8Array[] = [];
  for (const packet of packets) reader.take(packet, (bytes) => sections.push(bytes));
  return sections;
}

/** A section that is longer than a packet, and one behind it. */
function longSections(): { long: Uint8Array; short: Uint8Array; packets: TsPacket[] } {
  const streams = Array.from({ length: 60 }, (_, n) => ({ streamType: 0x1b, pid: 256 + n, descriptors: [] }));
  const table = { program: 1, version: 3, isCurrent: true, pcrPid: 256, descriptors: [], streams };
  const long = writeProgramMap(table);
  const short = writeProgramMap({ ...table, streams: [] });
  const second = long.length - 183; // what is left of the long one
  const payloads = [
    joined([Uint8Array.of(0), long.subarray(0, 183)]),
    joined([Uint8Array.of(second), long.subarray(183), short]),
  ];
  const packets = payloads.map((bytes, continuity) => {
    const payload = new Uint8Array(184).fill(0xff);
    payload.set(bytes);
    return {
      ...{ pid: 0x1000, startsUnit: true, hasError: false, scrambling: 0 },
      ...{ continuity, adaptation: null, payload },
    };
  });
  return { long, short, packets };
}

test("sections span packets and share them", () => {
  const { long, short, packets } = longSections();
  expect(section(startSectionReader(), packets)).toEqual([long, short]);
});

test("a section with a packet missing in its middle is left out; a packet that comes twice is not", () => {
  const { long, short, packets } = longSections();
  const [first, second] = packets;
  if (first === undefined || second === undefined) throw new Error("two packets are there");
  const jumped = { ...second, continuity: 4 };
  expect(section(startSectionReader(), [first, jumped])).toEqual([short]);
  expect(section(startSectionReader(), [first, { ...first, startsUnit: false }, second])).toEqual([
    long,
    short,
  ]);
  const reader = startSectionReader();
  section(reader, [first]);
  reader.lost();
  expect(section(reader, [second])).toEqual([short]);
});
