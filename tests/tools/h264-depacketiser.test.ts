import { expect, test } from "vitest";
import { makeH264Depacketiser, type ReceivedPicture } from "./h264-depacketiser.js";
import { isRtcp, readRtp, writeNack, writeReceiverReport } from "./rtp.js";

function rtp(sequence: number, timestamp: number, isMarked: boolean, payload: number[]): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(0x80, 0);
  header.writeUInt8((isMarked ? 0x80 : 0) | 96, 1);
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(timestamp, 4);
  header.writeUInt32BE(0xc0ffee, 8);
  return Buffer.concat([header, Buffer.from(payload)]);
}

function depacketise(packets: readonly [Buffer, number][], patienceMs = 100) {
  const pictures: ReceivedPicture[] = [];
  const depacketiser = makeH264Depacketiser(patienceMs, (picture) => pictures.push(picture));
  for (const [packet, atMs] of packets) depacketiser.take(readRtp(packet), atMs);
  return { pictures, depacketiser };
}

const units = (pictures: ReceivedPicture[]) =>
  pictures.map((picture) => picture.nalUnits.map((unit) => [...unit]));

const singles = rtp(65_534, 1, false, [0x67, 1]);
const aggregate = rtp(65_535, 1, false, [24, 0, 2, 0x68, 2, 0, 1, 0x06]);
const start = rtp(0, 1, false, [0x7c, 0x85, 10, 11]);
const end = rtp(1, 1, true, [0x7c, 0x45, 12]);
const second = rtp(2, 3001, true, [0x41, 9]);
const whole = [[[0x67, 1], [0x68, 2], [0x06], [0x65, 10, 11, 12]], [[0x41, 9]]];

test("single, aggregated and fragmented NAL units come out as they went in, over the sequence's turn", () => {
  const { pictures } = depacketise(
    [singles, aggregate, start, end, second].map((packet, at) => [packet, at]),
  );
  expect(units(pictures)).toEqual(whole);
  expect(pictures.map((picture) => picture.lastPacketAtMs)).toEqual([3, 4]);
});

test("packets out of order and twice make the same pictures", () => {
  const { pictures, depacketiser } = depacketise(
    [singles, start, second, aggregate, aggregate, end].map((packet, at) => [packet, at]),
  );
  expect(units(pictures)).toEqual(whole);
  expect(depacketiser.counts).toMatchObject({ packets: 5, duplicates: 1, lost: 0 });
});

test("a hole is asked for, and given up after its patience: the picture then says that it is not whole", () => {
  const { pictures, depacketiser } = depacketise([
    [singles, 0],
    [aggregate, 1],
    [end, 2],
    [second, 3],
  ]);
  expect(depacketiser.missing(50)).toEqual([0]);
  expect(pictures).toEqual([]);
  expect(depacketiser.missing(110)).toEqual([]);
  expect(pictures.map((picture) => picture.isWhole)).toEqual([false, true]);
  expect(depacketiser.counts.lost).toBe(1);
});

test("extensions are skipped and listed, padding is cut off", () => {
  const packet = Buffer.concat([
    Buffer.from([0xb0, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]),
    Buffer.from([0xbe, 0xde, 0, 2, 0x52, 0, 0, 0, 0x10, 7, 0, 0]),
    Buffer.from([0x41, 9, 0, 2]),
  ]);
  const read = readRtp(packet);
  expect([...read.payload]).toEqual([0x41, 9]);
  expect([...(read.extensions.get(5) ?? [])]).toEqual([0, 0, 0]);
  expect([...(read.extensions.get(1) ?? [])]).toEqual([7]);
});

test("a NACK packs neighbours into one entry", () => {
  const packet = writeNack(0xc0ffee, [65_535, 0, 15, 16]);
  expect(isRtcp(packet)).toBe(true);
  expect(packet.readUInt16BE(2)).toBe(packet.length / 4 - 1);
  expect([packet.readUInt16BE(12), packet.readUInt16BE(14)]).toEqual([65_535, (1 << 0) | (1 << 15)]);
  expect([packet.readUInt16BE(16), packet.readUInt16BE(18)]).toEqual([16, 0]);
  expect(isRtcp(writeReceiverReport(1, 2, 3))).toBe(true);
});
