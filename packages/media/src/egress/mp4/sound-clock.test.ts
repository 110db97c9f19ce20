import { expect, test } from "vitest";
import type { AudioFormat } from "../../hub/access-unit.js";
import { createSoundClock, opusSamples } from "./sound-clock.js";

const AAC: AudioFormat = {
  codec: "aac",
  sampleRate: 48_000,
  channels: 2,
  config: Uint8Array.of(0x11, 0x90),
};
const unit = (pts: number, payload = new Uint8Array(10)) =>
  ({ kind: "audio", pts, payload, arrivedAtMs: 0 }) as const;

test("times rounded to milliseconds leave neither hole nor overlap", () => {
  const clock = createSoundClock(AAC, 0);
  for (let frame = 0; frame < 5000; frame += 1) {
    const exactMs = (frame * 1024) / 48;
    expect(clock.place(unit(Math.round(exactMs) * 90))).toEqual({ time: frame * 1024, duration: 1024 });
  }
});

test("after a pause sound goes on at its own time", () => {
  const clock = createSoundClock(AAC, 90_000);
  expect(clock.place(unit(90_000)).time).toBe(0);
  expect(clock.place(unit(90_000 + 1920)).time).toBe(1024);
  expect(clock.place(unit(90_000 + 45_000)).time).toBe(24_000);
});

test("sound that comes ahead of its time gives way in halves, and never goes back", () => {
  const clock = createSoundClock(AAC, 0);
  clock.place(unit(0));
  clock.place(unit(1920));
  let last = 1024;
  const lengths: number[] = [];
  for (let frame = 0; frame < 12; frame += 1) {
    const { time, duration } = clock.place(unit(-3000 + 1920 * (frame + 1))); // an encoder that jumped back by 50 ms
    expect(time).toBeGreaterThan(last);
    last = time;
    lengths.push(duration);
  }
  expect(lengths.slice(0, 3)).toEqual([512, 512, 512]);
  expect(lengths.at(-1)).toBe(1024);
});

test("an encoder whose clock is off by 100 ppm stays within 25 ms over an hour", () => {
  for (const drift of [1.0001, 0.9999]) {
    const clock = createSoundClock(AAC, 0);
    let worst = 0;
    for (let frame = 0; frame < 3600 * 47; frame += 1) {
      const pts = Math.round(frame * 1920 * drift);
      const { time } = clock.place(unit(pts));
      worst = Math.max(worst, Math.abs(time / 48_000 - pts / 90_000));
    }
    expect(worst).toBeLessThan(0.025);
  }
});

test.each([
  ["CELT, 20 ms", [0xf8], 960],
  ["CELT, 2.5 ms", [0xe0], 120],
  ["SILK, 60 ms", [0x18], 2880],
  ["hybrid, 10 ms", [0x60], 480],
  ["two frames of 20 ms", [0xf9], 1920],
  ["six frames of 20 ms", [0xfb, 6], 5760],
  ["more than the 120 ms that there can be", [0xfb, 48], 5760],
  ["nothing", [], 480],
])("an Opus packet's length: %s", (_name, bytes, samples) => {
  expect(opusSamples(Uint8Array.from(bytes))).toBe(samples);
});
