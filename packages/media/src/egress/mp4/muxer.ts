import type { AudioFormat, VideoFormat } from "../../hub/access-unit.js";
import { type AudioFrame, type Frame, isVideo, type VideoFrame } from "../../hub/frame.js";
import { codecStringOf } from "../../wire/mp4/codec-string.js";
import { type Sample, writeFragment } from "../../wire/mp4/fragment.js";
import { writeInitSegment } from "../../wire/mp4/init-segment.js";
import { type Track, VIDEO_TIMESCALE } from "../../wire/mp4/track.js";
import { createSoundClock } from "./sound-clock.js";
import { audioTrackOf, samplePieces, TRACK_ID, videoTrackOf } from "./tracks.js";

/** A picture's length until the first step is known, where the bitstream does not say its rate: 25 a second. */
const ASSUMED_STEP_TICKS = 3600;

/** A step longer than this is a pause of the encoder, not the rate of its pictures. */
const MAX_STEP_TICKS = 45_000;

/** Sound that waits for a picture: 20 s of frames of 20 ms. Where the picture is away for longer the oldest goes. */
const MAX_WAITING_SOUNDS = 1000;

/** A run of pictures with the sound that came with them. */
export type Fragment = {
  /** moof and mdat, in pieces that are not copied: to be written one after the other. */
  readonly bytes: readonly Uint8Array[];
  /** Length of its pictures, 90 kHz ticks. */
  readonly ticks: number;
  /** Decoding time of its first picture, 90 kHz ticks on the stream's timeline. */
  readonly dts: number;
  /** When its first picture arrived, in the engine's milliseconds. */
  readonly arrivedAtMs: number;
  /** True when a decoder can start with it. */
  readonly startsWithKeyframe: boolean;
  readonly hasSound: boolean;
};

/**
 * Makes one fragmented MP4 of a stream's frames, without re-encoding. It is for one pair of formats: when a frame comes
 * with another (`fits` says so), end with `cut` and make a new one.
 *
 * Use: write `init` once; `add` every frame in the order in which it arrives, beginning with a keyframe; when it is time,
 * `cut(dts)` with the decoding time of the picture that comes next (so that the last one's length is exact) or `cut(null)`
 * when it is not there yet or never will be (its length is then that of the picture before). Then `add` that next one.
 */
export type Muxer = {
  /** ftyp and moov. */
  readonly init: Uint8Array;
  /** RFC 6381, the video's first: what a player is asked whether it can play. */
  readonly codecs: readonly string[];
  /** True while the frame can go into this file: its format needs the same `init`, as after an encoder's reconnect. */
  fits(frame: Frame): boolean;
  /** Takes a frame. Sound from before the origin is left out, as is sound where the muxer was made without. */
  add(frame: Frame): void;
  /** Pictures added since the last cut. */
  pictures(): number;
  /** What was added since the last cut as a fragment; null when there was no picture. Sound waits for the next one then. */
  cut(nextDts: number | null): Fragment | null;
  /** What a picture lasts now, 90 kHz ticks: the last step between two, or what the bitstream says of its rate. */
  stepTicks(): number;
};

export function createMuxer(options: {
  readonly video: VideoFormat;
  /** Null: a file without sound. */
  readonly audio: AudioFormat | null;
  /** The stream's time that is zero in the file; the first keyframe's `dts` for a file, 0 for HLS. */
  readonly originTicks: number;
}): Muxer {
  const { video, audio, originTicks } = options;
  const videoTrack = videoTrackOf(video);
  const audioTrack = audio === null ? null : audioTrackOf(audio);
  const tracks = audioTrack === null ? [videoTrack] : [videoTrack, audioTrack];
  const soundClock = audio === null ? null : createSoundClock(audio, originTicks);

  let sequence = 0;
  let step = video.frameRate === null ? ASSUMED_STEP_TICKS : Math.round(VIDEO_TIMESCALE / video.frameRate);
  let pictures: VideoFrame[] = [];
  let sounds: { readonly time: number; readonly sample: Sample }[] = [];

  const videoFits = sameTrack(video, videoTrackOf);
  const audioFits = sameTrack(audio, audioTrackOf);

  const addSound = ({ unit }: AudioFrame) => {
    if (soundClock === null || unit.pts < originTicks) return;
    const { time, duration } = soundClock.place(unit);
    const sample = { duration, isKeyframe: true, compositionOffset: 0, pieces: [unit.payload] };
    sounds.push({ time, sample });
    if (pictures.length === 0 && sounds.length > MAX_WAITING_SOUNDS) sounds.shift();
  };

  const learnStep = (ticks: number) => {
    if (ticks > 0 && ticks <= MAX_STEP_TICKS) step = ticks;
  };

  return {
    init: writeInitSegment(tracks),
    codecs: tracks.map(codecStringOf),
    fits: (frame) => (isVideo(frame) ? videoFits(frame.format) : audio === null || audioFits(frame.format)),
    add(frame) {
      if (!isVideo(frame)) {
        addSound(frame);
        return;
      }
      const last = pictures.at(-1);
      if (last !== undefined) learnStep(frame.unit.dts - last.unit.dts);
      pictures.push(frame);
    },
    pictures: () => pictures.length,
    cut(nextDts) {
      const [first] = pictures;
      if (first === undefined) return null;
      const lastDts = pictures.at(-1)?.unit.dts ?? 0;
      if (nextDts !== null) learnStep(nextDts - lastDts);
      const end = nextDts !== null && nextDts > lastDts ? nextDts : lastDts + step;
      const samples = pictures.map(({ unit }, index): Sample => {
        const following = pictures[index + 1]?.unit.dts ?? end;
        return {
          duration: Math.max(0, following - unit.dts),
          isKeyframe: unit.isKeyframe,
          compositionOffset: unit.pts - unit.dts,
          pieces: samplePieces(video.codec, unit),
        };
      });
      const videoRun = { trackId: TRACK_ID.video, baseDecodeTime: first.unit.dts - originTicks, samples };
      const audioRun = {
        trackId: TRACK_ID.audio,
        baseDecodeTime: sounds[0]?.time ?? 0,
        samples: withRealLengths(sounds),
      };
      sequence += 1;
      const fragment = {
        bytes: writeFragment({ sequence, runs: [videoRun, audioRun] }),
        ticks: end - first.unit.dts,
        dts: first.unit.dts,
        arrivedAtMs: first.unit.arrivedAtMs,
        startsWithKeyframe: first.unit.isKeyframe,
        hasSound: sounds.length > 0,
      };
      pictures = [];
      sounds = [];
      return fragment;
    },
    stepTicks: () => step,
  };
}

/** Compares formats by the track they make; one that was seen before is known by its object. */
function sameTrack<Format extends object>(
  first: Format | null,
  trackOf: (format: Format) => Track,
): (format: Format) => boolean {
  let known = { format: first, isSame: true };
  return (format) => {
    if (format !== known.format) {
      const isSame =
        first !== null &&
        isSameBytes(writeInitSegment([trackOf(format)]), writeInitSegment([trackOf(first)]));
      known = { format, isSame };
    }
    return known.isSame;
  };
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Where the sound paused, the frame before lasts until it goes on: a run has lengths, not times. */
function withRealLengths(sounds: readonly { time: number; sample: Sample }[]): Sample[] {
  return sounds.map(({ time, sample }, index) => {
    const next = sounds[index + 1];
    return next === undefined ? sample : { ...sample, duration: next.time - time };
  });
}
