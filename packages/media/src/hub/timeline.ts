import { TICKS_PER_MS } from "./access-unit.js";

/** A longer step forward between two units of a track is a new time base, not a gap. */
const MAX_STEP_TICKS = 1000 * TICKS_PER_MS;

/** The second track of a publisher may begin this far from the first and still share its offset. */
const MAX_TRACK_SKEW_TICKS = 5000 * TICKS_PER_MS;

/** Where a stream begins, so that a track that starts a little before the other does not fall below zero. */
const START_TICKS = 10_000 * TICKS_PER_MS;

type Track = { raw: number | null; offset: number; placed: number };

/**
 * A stream's time. Encoders start anywhere, jump, and come back at zero after a reconnect; a stream's ticks only ever go
 * forward. Within a time base every unit gets the same offset, so that audio and video keep the distance the encoder
 * gave them; a new base is laid by the arrival clock.
 */
export type Timeline = {
  /** The offset to add to the unit's own times. `time` is what orders the track: `dts` of video, `pts` of audio. */
  offsetOf(track: "video" | "audio", time: number, arrivedAtMs: number): number;
  /** The next units come from another publisher: nothing of their times follows from what was. */
  startNewBase(): void;
};

export function createTimeline(): Timeline {
  const tracks: Record<"video" | "audio", Track> = {
    video: { raw: null, offset: 0, placed: -1 },
    audio: { raw: null, offset: 0, placed: -1 },
  };
  /** The youngest offset, which the other track follows when it jumps too. */
  let shared: number | null = null;
  let anchor: { placed: number; arrivedAtMs: number } | null = null;

  const expectedAt = (arrivedAtMs: number) =>
    anchor === null
      ? START_TICKS
      : anchor.placed + Math.max(0, Math.round((arrivedAtMs - anchor.arrivedAtMs) * TICKS_PER_MS));

  const newOffset = (track: Track, time: number, arrivedAtMs: number) => {
    const expected = expectedAt(arrivedAtMs);
    if (shared !== null) {
      const placed = time + shared;
      const reach = track.raw === null ? MAX_TRACK_SKEW_TICKS : MAX_STEP_TICKS;
      if (placed > track.placed && Math.abs(placed - expected) <= reach) return shared;
    }
    shared = Math.max(expected, track.placed + 1) - time;
    return shared;
  };

  return {
    offsetOf(kind, time, arrivedAtMs) {
      const track = tracks[kind];
      const follows = track.raw !== null && time >= track.raw && time - track.raw <= MAX_STEP_TICKS;
      if (!follows) track.offset = newOffset(track, time, arrivedAtMs);
      track.raw = time;
      track.placed = time + track.offset;
      if (anchor === null || track.placed >= anchor.placed) anchor = { placed: track.placed, arrivedAtMs };
      return track.offset;
    },
    startNewBase() {
      shared = null;
      for (const track of Object.values(tracks)) track.raw = null;
    },
  };
}
