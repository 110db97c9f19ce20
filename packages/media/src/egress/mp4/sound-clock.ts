import type { AudioFormat, AudioUnit } from "../../hub/access-unit.js";
import { parseAacConfig } from "../../wire/codecs/aac.js";

/** Samples in an AAC frame (ISO/IEC 14496-3 §4.5.2.1); twice that come out where SBR doubles the rate. */
const AAC_SAMPLES = 1024;

/** Times of RTMP are whole milliseconds and encoders' clocks wander: nearer than this to where it should be is there. */
const TOLERANCE_SECONDS = 0.02;

/** Where each frame of sound lies, in samples. */
export type SoundClock = {
  /** `pts` in 90 kHz ticks. */
  place(unit: AudioUnit): { readonly time: number; readonly duration: number };
};

/**
 * Lays frames of sound end to end, as they were encoded: `pts` alone, rounded to milliseconds, would leave holes and
 * overlaps that a browser plays as clicks. Where the sound really stops for a while, it goes on at its own time; where it
 * comes ahead of its end, frames give up half their length until it fits. Time never goes back.
 */
export function createSoundClock(format: AudioFormat, originTicks: number): SoundClock {
  const { sampleRate } = format;
  const tolerance = sampleRate * TOLERANCE_SECONDS;
  const aacSamples =
    format.codec === "aac" && parseAacConfig(format.config).sbr ? 2 * AAC_SAMPLES : AAC_SAMPLES;
  let next: number | null = null;
  return {
    place({ pts, payload }) {
      const duration = format.codec === "aac" ? aacSamples : opusSamples(payload);
      const said = Math.round(((pts - originTicks) / 90_000) * sampleRate);
      if (next === null || said - next > tolerance) next = said;
      const time = next;
      const length = next - said > tolerance ? Math.ceil(duration / 2) : duration;
      next += length;
      return { time, duration: length };
    },
  };
}

/** Frame lengths of SILK in samples at 48 kHz, by the configuration's last two bits (RFC 6716 table 2). */
const SILK = [480, 960, 1920, 2880];
const HYBRID = [480, 960];
const CELT = [120, 240, 480, 960];

/** Samples at 48 kHz in an Opus packet, from its first bytes (RFC 6716 §3.1 and §3.2). */
export function opusSamples(packet: Uint8Array): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const frame =
    config < 12 ? (SILK[config & 3] ?? 0) : config < 16 ? (HYBRID[config & 1] ?? 0) : (CELT[config & 3] ?? 0);
  const code = toc & 3;
  const frames = code === 0 ? 1 : code === 3 ? Math.max(1, (packet[1] ?? 1) & 0x3f) : 2;
  return Math.min(frame * frames, MAX_OPUS_SAMPLES);
}

/** 120 ms (RFC 6716 §3.2.5). */
const MAX_OPUS_SAMPLES = 5760;
