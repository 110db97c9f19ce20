import { expect, test } from "vitest";
import { mulberry32 } from "../../wire/fuzz.js";
import type { RtpPacket } from "../../wire/rtp/packet.js";
import { createFrames, type WholeFrame } from "./frames.js";
import { createReorder, type InOrder } from "./reorder.js";

const packetOf = (number: number, timestamp = number, marker = true): RtpPacket => ({
  payloadType: 96,
  marker,
  sequenceNumber: number & 0xffff,
  timestamp,
  ssrc: 1,
  extensions: [],
  payload: Uint8Array.of(number & 0xff, (number >> 8) & 0xff),
});

const start = () => createReorder({ waitMs: () => 200, againMs: () => 30 });
const numbersOf = (packets: readonly InOrder[]) => packets.map(({ packet }) => packet.sequenceNumber);

test("what comes in order passes in the same tick, over the wrap; a duplicate does not", () => {
  const it = start();
  for (let number = 0xfff0; number < 0x10010; number += 1) {
    expect(numbersOf(it.take(packetOf(number), 0))).toEqual([number & 0xffff]);
    expect(it.take(packetOf(number), 0)).toEqual([]);
  }
  expect(it.hasHoles()).toBe(false);
  expect(it.counts()).toMatchObject({ expected: 32, lost: 0, missing: 0 });
});

test("a hole holds back what is behind it, is asked for again and again, and all passes when it is filled", () => {
  const it = start();
  it.take(packetOf(10), 0);
  expect(it.take(packetOf(13), 1)).toEqual([]);
  expect(it.toAskFor(1)).toEqual([11, 12]);
  expect(it.toAskFor(30)).toEqual([]);
  expect(it.toAskFor(31)).toEqual([11, 12]);
  expect(it.expire(200)).toEqual([]);
  expect(it.take(packetOf(12), 40)).toEqual([]);
  const passed = it.take(packetOf(11), 50);
  expect(numbersOf(passed)).toEqual([11, 12, 13]);
  expect(passed.some(({ isAfterGap }) => isAfterGap)).toBe(false);
  expect(it.counts()).toMatchObject({ expected: 4, lost: 2, missing: 0 });
});

test("a hole that is not filled in 200 ms is given up: what is behind it says so, and what comes later is too late", () => {
  const it = start();
  it.take(packetOf(10), 0);
  it.take(packetOf(13), 0);
  it.take(packetOf(15), 150);
  const passed = it.expire(200);
  expect(passed.map(({ packet, isAfterGap }) => [packet.sequenceNumber, isAfterGap])).toEqual([[13, true]]);
  expect(it.take(packetOf(11), 201)).toEqual([]);
  expect(numbersOf(it.take(packetOf(14), 202))).toEqual([14, 15]);
  expect(it.counts()).toMatchObject({ expected: 6, lost: 3, missing: 2 });
});

test("more than 4,096 packets behind a hole are not held", () => {
  const it = start();
  it.take(packetOf(0), 0);
  let passed = 0;
  for (let number = 2; number < 5000; number += 1) passed += it.take(packetOf(number), 0).length;
  expect(passed).toBeGreaterThan(4000);
});

test("a source that begins anew far away is followed from its second packet on; one stray packet changes nothing", () => {
  const it = start();
  it.take(packetOf(100), 0);
  expect(it.take(packetOf(30_000), 0)).toEqual([]);
  expect(numbersOf(it.take(packetOf(101), 0))).toEqual([101]);
  expect(it.take(packetOf(30_000), 0)).toEqual([]);
  const [first] = it.take(packetOf(30_001), 0);
  expect([first?.packet.sequenceNumber, first?.isAfterGap]).toEqual([30_001, true]);
});

test("whatever is lost, doubled and out of order: only whole frames come out, in order, and what was repaired in time is there", () => {
  const random = mulberry32(20261123);
  for (let round = 0; round < 40; round += 1) {
    const it = start();
    const frames: WholeFrame[] = [];
    const assembled = createFrames({ frame: (frame) => frames.push(frame), broken: () => undefined });
    const lengths = Array.from({ length: 60 }, () => 1 + Math.floor(random() * 8));
    const sent: { packet: RtpPacket; atMs: number }[] = [];
    const gone = new Set<number>();
    let number = 0xff80;
    lengths.forEach((length, frame) => {
      for (let at = 0; at < length; at += 1) {
        const packet = packetOf(number, frame * 3000, at === length - 1);
        const fate = random();
        if (frame > 0 && fate < 0.03) gone.add(frame);
        else if (frame > 0 && fate < 0.1) sent.push({ packet, atMs: frame * 40 + 20 + random() * 150 });
        else sent.push({ packet, atMs: frame * 40 + at / 100 });
        if (fate > 0.95) sent.push({ packet, atMs: frame * 40 + random() * 100 });
        number += 1;
      }
    });
    sent.push({ packet: packetOf(number, 60 * 3000), atMs: 60 * 40 });
    sent.sort((a, b) => a.atMs - b.atMs);
    const [first] = sent;
    if (first?.packet.sequenceNumber !== 0xff80) continue; // the first packet begins the numbering
    let nowMs = 0;
    const hand = (packets: readonly InOrder[]) => {
      for (const packet of packets) assembled.take(packet);
    };
    for (const { packet, atMs } of sent) {
      for (; nowMs < atMs; nowMs += 10) hand(it.expire(nowMs));
      hand(it.take(packet, atMs));
    }
    for (; nowMs < 4000; nowMs += 10) hand(it.expire(nowMs));
    const order = frames.map(({ timestamp }) => timestamp / 3000);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    for (const { timestamp, payloads } of frames) {
      const frame = timestamp / 3000;
      if (frame < 60) expect(payloads.length).toBe(lengths[frame]);
      expect(gone.has(frame)).toBe(false);
    }
    // A frame behind a lost one's end cannot be told from its rest: at most that one is let go besides.
    const whole = lengths
      .map((_, frame) => frame)
      .filter((frame) => !gone.has(frame) && !gone.has(frame - 1));
    for (const frame of whole) expect(order).toContain(frame);
  }
});
