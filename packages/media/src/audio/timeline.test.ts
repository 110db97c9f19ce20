import { expect, test } from "vitest";
import { createSoundTimeline, type SoundFrame } from "./timeline.js";

const AAC_SAMPLES = 1024;
const AAC_TICKS = 1920;

/** Pushes AAC-sized pieces of a ramp that counts the samples, stamped by `ptsOf`, and pulls what comes. */
const run = (pieces: number, ptsOf: (piece: number) => number): SoundFrame[] => {
  const timeline = createSoundTimeline(1);
  const frames: SoundFrame[] = [];
  for (let piece = 0; piece < pieces; piece += 1) {
    const samples = Float32Array.from({ length: AAC_SAMPLES }, (_, at) => piece * AAC_SAMPLES + at);
    timeline.push(samples, ptsOf(piece), piece);
    for (let frame = timeline.pull(); frame !== null; frame = timeline.pull()) frames.push(frame);
  }
  return frames;
};

const steps = (frames: readonly SoundFrame[]): Set<number> =>
  new Set(frames.slice(1).map((frame, at) => frame.pts - (frames[at]?.pts ?? 0)));

test("samples come out in order, 10 ms a frame, at their own time", () => {
  const frames = run(100, (piece) => 5_000 + piece * AAC_TICKS);
  expect(frames).toHaveLength(Math.floor((100 * AAC_SAMPLES) / 480));
  expect(steps(frames)).toEqual(new Set([900]));
  frames.forEach((frame, at) => {
    expect(frame.samples[0]).toBe(at * 480);
    expect(frame.pts).toBe(5_000 + at * 900);
  });
});

test("stamps rounded to milliseconds, or jittering by 10 ms, leave the frames evenly spaced", () => {
  const rounded = run(500, (piece) => Math.round((piece * AAC_TICKS) / 90) * 90);
  expect(steps(rounded)).toEqual(new Set([900]));
  const jittering = run(500, (piece) => piece * AAC_TICKS + (((piece * 13) % 21) - 10) * 90);
  expect(steps(jittering)).toEqual(new Set([900]));
  for (const [at, frame] of jittering.entries()) {
    expect(Math.abs((frame.samples[0] ?? 0) - at * 480)).toBeLessThan(11 * 48); // the first stamp's own error at most, then less
  }
});

test("sound goes on in sync after a gap, from the first piece behind it", () => {
  const gap = 3 * 90_000;
  const frames = run(100, (piece) => piece * AAC_TICKS + (piece >= 50 ? gap : 0));
  for (const frame of frames) {
    const sample = frame.samples[0] ?? 0;
    const expected = (sample / 48) * 90 + (sample >= 50 * AAC_SAMPLES ? gap : 0);
    expect(Math.abs(frame.pts - expected)).toBeLessThan(90);
  }
});

test("one lost AAC frame is made up for within five frames", () => {
  const frames = run(100, (piece) => (piece + (piece >= 50 ? 1 : 0)) * AAC_TICKS);
  const late = frames.filter((frame) => (frame.samples[0] ?? 0) > 55 * AAC_SAMPLES);
  expect(late.length).toBeGreaterThan(50);
  for (const frame of late) {
    expect(Math.abs(frame.pts - ((frame.samples[0] ?? 0) / 48) * 90 - AAC_TICKS)).toBeLessThan(5 * 90);
  }
});

test("a jump back leaves sound out instead of sending times twice", () => {
  const frames = run(200, (piece) => piece * AAC_TICKS - (piece >= 50 ? 500 * 90 : 0));
  for (const step of steps(frames)) expect(step).toBeGreaterThanOrEqual(900);
  const last = frames.at(-1);
  expect(last).toBeDefined();
  expect(Math.abs((last?.pts ?? 0) - ((last?.samples[0] ?? 0) / 48) * 90 + 500 * 90)).toBeLessThan(5 * 90);
});

test("an encoder clock 100 ppm fast or slow stays within 3 ms over an hour, without a gap in time", () => {
  for (const rate of [1.0001, 0.9999]) {
    const timeline = createSoundTimeline(1);
    const piece = new Float32Array(AAC_SAMPLES);
    let pulled = 0;
    let worst = 0;
    let gaps = 0;
    for (let at = 0; at < 168_750; at += 1) {
      // The sample that is pulled next was stamped so: count what went in through its value.
      piece.fill(at);
      timeline.push(piece, at * AAC_TICKS * rate, 0);
      for (let frame = timeline.pull(); frame !== null; frame = timeline.pull()) {
        if (frame.pts !== pulled * 900) gaps += 1;
        pulled += 1;
        const stampedAt = (frame.samples[0] ?? 0) * AAC_TICKS * rate;
        worst = Math.max(worst, stampedAt - frame.pts, frame.pts - stampedAt - AAC_TICKS);
      }
    }
    expect(gaps).toBe(0);
    expect(worst).toBeLessThan(3 * 90);
  }
}, 60_000);
