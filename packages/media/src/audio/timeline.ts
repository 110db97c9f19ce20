import { TICKS_PER_MS } from "../hub/access-unit.js";

/** Samples per second of everything that goes into Opus here. */
export const OPUS_RATE = 48_000;

/** One Opus frame: 10 ms, half the FIFO delay of the usual 20 ms. */
export const OPUS_FRAME_SAMPLES = 480;

const TICKS_PER_SAMPLE = (TICKS_PER_MS * 1000) / OPUS_RATE;
const FRAME_TICKS = OPUS_FRAME_SAMPLES * TICKS_PER_SAMPLE;

/** An encoder that stamps by its wall clock jitters by about 10 ms; a lost AAC frame is 21 ms. */
const STEP_TICKS = 15 * TICKS_PER_MS;
const STEP_COUNT = 4; // so often in a row it is no jitter
const JUMP_TICKS = 100 * TICKS_PER_MS; // no jitter is so large: believed at once
const BACKWARD_JUMP_TICKS = 1_000 * TICKS_PER_MS; // sound is left out rather than sent twice, up to here
const SMOOTHING = 1 / 32; // over 32 AAC frames, 0.7 s
const DRIFT_TICKS = 1 * TICKS_PER_MS; // corrected by one sample per Opus frame: 2 ms a second, not heard
const MAX_QUEUED_FRAMES = 200; // 2 s; pulled after every push, so it holds less than one AAC frame and 10 ms

/** Ten milliseconds of sound, interleaved. */
export type SoundFrame = {
  readonly samples: Float32Array;
  /** Time of the first sample, 90 kHz ticks, a whole number. */
  readonly pts: number;
  /** Of the piece that completed this frame. */
  readonly arrivedAtMs: number;
};

/**
 * Cuts decoded sound of any piece size into Opus frames that are exactly 10 ms apart, and keeps their times true to the
 * input's: jitter of the input's stamps is averaged out, drift is followed by single samples, a jump is followed at once.
 */
export type SoundTimeline = {
  /** Takes interleaved samples at 48 kHz whose first one belongs at `pts`. */
  push(samples: Float32Array, pts: number, arrivedAtMs: number): void;
  /** The next full frame, or null. */
  pull(): SoundFrame | null;
};

/** Makes an empty timeline for `channels` interleaved channels. */
export function createSoundTimeline(channels: number): SoundTimeline {
  let queue = new Float32Array(0); // interleaved, from its first sample
  let headPts: number | null = null;
  let nextOutPts = Number.NEGATIVE_INFINITY;
  let lateness = 0; // smoothed: how much later the input's stamps are than our count of samples
  let stepsInRow = 0;
  let toSkip = 0; // samples to leave out after a jump back
  let arrivedAtMs = 0;

  const queued = (): number => queue.length / channels;

  const restartAt = (pts: number): void => {
    queue = new Float32Array(0);
    lateness = 0;
    stepsInRow = 0;
    const overlap = nextOutPts - pts;
    toSkip = overlap > 0 && overlap < BACKWARD_JUMP_TICKS ? Math.ceil(overlap / TICKS_PER_SAMPLE) : 0;
    headPts = pts + toSkip * TICKS_PER_SAMPLE;
  };

  const follow = (pts: number): void => {
    if (headPts === null) {
      restartAt(pts);
      return;
    }
    const difference = pts - (headPts + (queued() - toSkip) * TICKS_PER_SAMPLE);
    stepsInRow = Math.abs(difference - lateness) > STEP_TICKS ? stepsInRow + 1 : 0;
    if (Math.abs(difference) > JUMP_TICKS || stepsInRow >= STEP_COUNT) restartAt(pts);
    else lateness += (difference - lateness) * SMOOTHING;
  };

  /** How many samples of input make the next frame: one more or less than 480 while the input drifts. */
  const samplesWanted = (): number => {
    if (lateness > DRIFT_TICKS) return OPUS_FRAME_SAMPLES - 1;
    return lateness < -DRIFT_TICKS ? OPUS_FRAME_SAMPLES + 1 : OPUS_FRAME_SAMPLES;
  };

  return {
    push: (samples, pts, arrived) => {
      follow(pts);
      arrivedAtMs = arrived;
      const skipped = Math.min(toSkip, samples.length / channels);
      toSkip -= skipped;
      const kept = samples.subarray(skipped * channels);
      const joined = new Float32Array(queue.length + kept.length);
      joined.set(queue);
      joined.set(kept, queue.length);
      const most = MAX_QUEUED_FRAMES * OPUS_FRAME_SAMPLES * channels;
      if (joined.length > most) throw new Error(`expected at most ${most} samples, got ${joined.length}`);
      queue = joined;
    },
    pull: () => {
      const wanted = samplesWanted();
      if (headPts === null || queued() < wanted) return null;
      const samples = stretch(queue.subarray(0, wanted * channels), channels);
      queue = queue.subarray(wanted * channels);
      const pts = Math.round(headPts);
      // The frame lasts 10 ms whatever it was made of: what it took more or less brings the count nearer to the stamps.
      headPts += FRAME_TICKS;
      lateness += (wanted - OPUS_FRAME_SAMPLES) * TICKS_PER_SAMPLE;
      nextOutPts = headPts;
      return { samples, pts, arrivedAtMs };
    },
  };
}

/** Makes 480 samples of 479 to 481 by linear interpolation. */
const stretch = (input: Float32Array, channels: number): Float32Array => {
  const count = input.length / channels;
  if (count === OPUS_FRAME_SAMPLES) return input.slice();
  const output = new Float32Array(OPUS_FRAME_SAMPLES * channels);
  const scale = (count - 1) / (OPUS_FRAME_SAMPLES - 1);
  for (let at = 0; at < OPUS_FRAME_SAMPLES; at += 1) {
    const position = at * scale;
    const before = Math.min(Math.floor(position), count - 2);
    const weight = position - before;
    for (let channel = 0; channel < channels; channel += 1) {
      const a = input[before * channels + channel] ?? 0;
      const b = input[(before + 1) * channels + channel] ?? 0;
      output[at * channels + channel] = a + (b - a) * weight;
    }
  }
  return output;
};
