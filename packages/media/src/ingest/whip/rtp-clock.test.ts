import { expect, test } from "vitest";
import { ntpTime } from "../../wire/rtp/rtcp-write.js";
import { createLine } from "./line.js";
import { createReception } from "./reception.js";
import { createRtpClock } from "./rtp-clock.js";

const MS = 90;

test("both tracks' times go forward over the wrap of their 32 bits", () => {
  const it = createRtpClock(48_000);
  const first = it.place("video", 0xfffff000, 1000);
  expect(it.place("video", (0xfffff000 + 9000) >>> 0, 1100) - first).toBe(100 * MS);
  const sound = it.place("audio", 0xffffff00, 1000);
  expect(it.place("audio", (0xffffff00 + 960) >>> 0, 1020) - sound).toBe(20 * MS);
});

test("before the reports sound lies beside the picture by its arrival, after them by the sender's clock", () => {
  const it = createRtpClock(48_000);
  const picture = it.place("video", 500_000, 1000);
  expect(it.place("audio", 70_000, 1080) - picture).toBe(80 * MS); // taken together with the picture, but late
  it.report("video", 500_000, 5_000_000);
  it.report("audio", 70_000, 5_000_000);
  expect(it.place("audio", 70_960, 1100) - picture).toBe(20 * MS);
});

test("drift is followed once two reports agree on more than 20 ms; one report that is off moves nothing", () => {
  const it = createRtpClock(48_000);
  const picture = it.place("video", 0, 0);
  it.place("audio", 0, 0);
  it.report("video", 0, 1000);
  it.report("audio", 0, 1000);
  const offAt = (rtp: number) => it.place("audio", rtp, 0) - picture - (rtp * 90) / 48;
  it.report("audio", 48_000, 2438); // 438 ms off: a hiccup of the sender's
  expect(offAt(48_000)).toBe(0);
  it.report("audio", 96_000, 3000);
  expect(offAt(96_000)).toBe(0);
  it.report("audio", 144_000, 4030);
  it.report("audio", 192_000, 5031);
  expect(offAt(192_000)).toBe(31 * MS);
});

test("a report tells the loss since the one before and in all, the jitter, and how long ago the sender reported", () => {
  const it = createReception(7, 90_000);
  expect(it.block({ expected: 0, lost: 0, missing: 0, highest: 0 }, 0)).toBeNull();
  for (let at = 0; at < 75; at += 1) it.arrived(at * 900, at * 10);
  it.senderReport({ seconds: 0x12345678, fraction: 0x9abcdef0 }, 1000);
  const counts = { expected: 100, lost: 25, missing: 0, highest: 0x10063 };
  expect(it.block(counts, 1500)).toEqual({
    ssrc: 7,
    fractionLost: 64,
    lost: 25,
    highestSequence: 0x10063,
    jitter: 0,
    lastReport: 0x56789abc,
    delay: 32_768,
  });
  expect(it.block(counts, 2000)?.fractionLost).toBe(0);
});

test("the line's round trip comes from the answer to our time, its loss from the last ten seconds", () => {
  const it = createLine();
  expect(it.state()).toMatchObject({ rttMs: null, lostPercent: 0, missingPercent: 0 });
  const { seconds, fraction } = ntpTime(50_000);
  const middle = ((seconds & 0xffff) * 0x10000 + (fraction >>> 16)) >>> 0;
  it.answered(middle, 65_536 / 100, 50_060); // 10 ms of the 60 were the sender's
  expect(it.rttMs()).toBeCloseTo(50, 0);
  it.answered(1, 0, 50_060);
  expect(it.rttMs()).toBeCloseTo(50, 0);
  for (let second = 0; second <= 30; second += 1) {
    const lost = second < 15 ? 100 : 100 + (second - 14) * 2;
    it.sample({ expected: second * 100, lost, missing: 1, highest: 0 }, second * 1000);
  }
  expect(it.state()).toMatchObject({ lostPercent: 2, missingPercent: 0 });
});
