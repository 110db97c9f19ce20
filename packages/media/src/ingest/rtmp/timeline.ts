import { TICKS_PER_MS } from "../../hub/access-unit.js";

/** Turns RTMP time stamps into 90 kHz ticks that never wrap and, per track, never go back. */
export type Timeline = {
  /** `timestamp` as in the message; `nanoOffset` from ModEx; `arrivedAtMs` on the engine's clock. */
  place(track: "video" | "audio", timestamp: number, nanoOffset: number, arrivedAtMs: number): number;
};

/** FFmpeg wraps at 31 bits, others at 32: counting modulo 2^31 is right for both. */
const WRAP = 2 ** 31;

/** A greater step forward is a jump of the encoder's clock, unless as much time has really passed. */
const MAX_STEP_MS = 1000;

/** Audio is stamped by the wall clock in some encoders and may step back a little; it is held, not taken as a jump. */
const AUDIO_JITTER_MS = 100;

/** What a jump is bridged with at most. */
const MAX_BRIDGE_MS = 10_000;

const NANOSECONDS_PER_TICK = 1_000_000 / TICKS_PER_MS;

type Track = {
  /** Added to the unwrapped time stamp. */
  offsetMs: number;
  lastMs: number;
  arrivedAtMs: number;
};

/**
 * One publisher's timeline. A time stamp that goes backwards or jumps is a discontinuity: the track goes on from where it
 * was by the arrival clock. The other track then follows by the same offset, so that sound and picture stay together.
 */
export function startTimeline(): Timeline {
  const tracks: { video: Track | null; audio: Track | null } = { video: null, audio: null };
  let reference: number | null = null;

  function unwrap(timestamp: number): number {
    if (reference === null) {
      reference = timestamp % WRAP;
      return reference;
    }
    const ahead = (((timestamp - reference) % WRAP) + WRAP) % WRAP;
    reference += ahead < WRAP / 2 ? ahead : ahead - WRAP;
    return reference;
  }

  function continues(track: Track, atMs: number, arrivedAtMs: number, jitterMs: number): boolean {
    const step = atMs - track.lastMs;
    const passed = arrivedAtMs - track.arrivedAtMs;
    return step >= -jitterMs && (step <= MAX_STEP_MS || Math.abs(step - passed) <= MAX_STEP_MS);
  }

  return {
    place(kind, timestamp, nanoOffset, arrivedAtMs) {
      const rawMs = unwrap(timestamp);
      const other = kind === "video" ? tracks.audio : tracks.video;
      const jitterMs = kind === "audio" ? AUDIO_JITTER_MS : 0;
      let track = tracks[kind];
      if (track === null) {
        const offsetMs = other?.offsetMs ?? 0;
        track = { offsetMs, lastMs: rawMs + offsetMs, arrivedAtMs };
        tracks[kind] = track;
      }
      if (!continues(track, rawMs + track.offsetMs, arrivedAtMs, jitterMs)) {
        if (other !== null && continues(track, rawMs + other.offsetMs, arrivedAtMs, jitterMs)) {
          track.offsetMs = other.offsetMs;
        } else {
          const passed = Math.round(arrivedAtMs - track.arrivedAtMs);
          track.offsetMs = track.lastMs + Math.min(MAX_BRIDGE_MS, Math.max(1, passed)) - rawMs;
        }
      }
      track.lastMs = Math.max(track.lastMs, rawMs + track.offsetMs);
      track.arrivedAtMs = arrivedAtMs;
      return track.lastMs * TICKS_PER_MS + Math.round(nanoOffset / NANOSECONDS_PER_TICK);
    },
  };
}
