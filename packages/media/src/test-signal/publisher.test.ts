import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { AccessUnit } from "../hub/access-unit.js";
import { createVirtualClock } from "../hub/fixtures/virtual-clock.js";
import type { PublisherEnd, PublisherPort, PublishPoint } from "../hub/ports.js";
import { createStreams } from "../hub/streams.js";
import { parseClip, testSignalPath } from "./clip.js";
import { publishTestSignal } from "./publisher.js";

const clip = parseClip(readFileSync(testSignalPath));
const UNITS_PER_LOOP = 480 + 2_000;
const LOOP_MS = 20_000;

const start = (clock = createVirtualClock()) => {
  const written: { unit: AccessUnit; atMs: number }[] = [];
  const formats: string[] = [];
  const ends: PublisherEnd[] = [];
  let port: PublisherPort | null = null;
  const hub: PublishPoint = {
    publish: (_stream, publisher) => {
      port = publisher;
      return {
        videoFormat: (format) => formats.push(format.codec),
        audioFormat: (format) => formats.push(format.codec),
        write: (unit) => written.push({ unit, atMs: clock.now() }),
        notice: () => {},
        close: () => {},
      };
    },
  };
  const startedAt = clock.now();
  expect(publishTestSignal("room", clip, hub, clock, (reason) => ends.push(reason))).toBe("publishing");
  const end = (reason: PublisherEnd): void => port?.end(reason);
  return { clock, written, formats, ends, startedAt, end };
};

test("picture and sound go out at their own time over many loops, and time never goes back", () => {
  const { clock, written, formats, startedAt } = start();
  expect(formats).toEqual(["h264", "opus"]);
  clock.run(3 * LOOP_MS - 1);
  expect(written).toHaveLength(3 * UNITS_PER_LOOP);
  let last = -1;
  for (const { unit, atMs } of written) {
    expect(unit.pts).toBeGreaterThanOrEqual(last);
    last = unit.pts;
    expect(atMs - startedAt - unit.pts / 90).toBeGreaterThan(-0.001);
    expect(atMs - startedAt - unit.pts / 90).toBeLessThanOrEqual(1);
  }
  const pictures = written.filter(({ unit }) => unit.kind === "video");
  pictures.forEach(({ unit }, at) => {
    expect(unit.pts).toBe(at * 3_750);
  });
});

test("after a halt of the machine it goes on at a keyframe, at the right time, without a burst", () => {
  // The timers stand still while the clock runs on: nothing is called for 47.3 s.
  const skewed = createVirtualClock();
  let halt = 0;
  const late = start({ ...skewed, now: () => skewed.now() + halt });
  skewed.run(5_100);
  const before = late.written.length;
  halt = 47_300;
  skewed.run(1_000);
  const after = late.written.slice(before);
  expect(after.length).toBeLessThan(150);
  const first = after[0]?.unit;
  expect(first).toMatchObject({ kind: "video", isKeyframe: true });
  for (const { unit, atMs } of after) {
    expect(Math.abs(atMs - late.startedAt - unit.pts / 90)).toBeLessThanOrEqual(1);
  }
});

test("it stops when the hub ends it, and says why", () => {
  const { clock, written, ends, end } = start();
  clock.run(1_000);
  const before = written.length;
  end("taken-over");
  clock.run(1_000);
  expect(written).toHaveLength(before);
  expect(ends).toEqual(["taken-over"]);
});

test("an encoder takes over from it, and it does not take over from a live encoder", () => {
  const clock = createVirtualClock();
  const streams = createStreams({ clock, random: (bytes) => new Uint8Array(bytes), listener: () => {} });
  const ends: PublisherEnd[] = [];
  publishTestSignal("room", clip, streams, clock, (reason) => ends.push(reason));
  clock.run(500);
  const encoder: PublisherPort = {
    source: { protocol: "rtmp", address: "192.0.2.1", encoder: null },
    end: () => {},
    isDead: () => false,
    requestKeyframe: null,
    link: () => null,
  };
  expect(streams.publish("room", encoder)).not.toBe("already-live");
  expect(ends).toEqual(["taken-over"]);
  expect(publishTestSignal("room", clip, streams, clock, () => {})).toBe("already-live");
  streams.close();
});
