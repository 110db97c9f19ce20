import { TICKS_PER_MS } from "../../hub/access-unit.js";

/** One of a publisher's two tracks. */
export type TrackName = "video" | "audio";

/**
 * Both tracks' RTP times on one timeline of 90 kHz ticks. RTP times begin anywhere: what ties the tracks together is the
 * sender's reports (RFC 3550 §6.4.1), and until both have come the moments of arrival.
 */
export type RtpClock = {
  /** Ticks of a packet; each track's times only go forward between `startAnew`s. */
  place(track: TrackName, rtpTimestamp: number, arrivedAtMs: number): number;
  /** A sender report: this RTP time was this moment of the sender's wall clock, in ms. */
  report(track: TrackName, rtpTimestamp: number, wallMs: number): void;
  /** The track's source is another one: its times begin anew. */
  startAnew(track: TrackName): void;
};

/** Below this the ear does not notice, and reports of browsers are this exact; correcting less would only jitter. */
const MIN_CORRECTION_TICKS = 20 * TICKS_PER_MS;
/** Two reports in a row must agree so closely before the sound is moved: one alone may be a hiccup of the sender's. */
const AGREEMENT_TICKS = 10 * TICKS_PER_MS;

type Track = {
  readonly rate: number;
  /** The youngest RTP time, and that unwrapped. */
  last: { rtp: number; unwrapped: number } | null;
  /** Ticks = unwrapped × 90,000 / rate + offset. */
  offset: number;
  report: { unwrapped: number; wallMs: number } | null;
};

/** Starts before the first packet; `audioRate` is the sound's RTP clock. */
export function createRtpClock(audioRate: number): RtpClock {
  const start = (rate: number): Track => ({ rate, last: null, offset: 0, report: null });
  const tracks: Record<TrackName, Track> = { video: start(90_000), audio: start(audioRate) };
  /** How far the sound was off the picture by the report before. */
  let wasOff: number | null = null;
  let isTied = false;

  const ticksOf = (track: Track, unwrapped: number) => (unwrapped * 90_000) / track.rate + track.offset;

  const unwrap = (track: Track, rtp: number): number => {
    if (track.last === null) return rtp;
    return track.last.unwrapped + ((rtp - track.last.rtp) | 0);
  };

  /** Moves the sound so that it lies beside the picture as the sender's clock says. */
  const tie = () => {
    const { video, audio } = tracks;
    if (video.report === null || audio.report === null) return;
    const apart = (audio.report.wallMs - video.report.wallMs) * TICKS_PER_MS;
    const wanted = ticksOf(video, video.report.unwrapped) + apart;
    const off = wanted - ticksOf(audio, audio.report.unwrapped);
    const isSure = !isTied || (wasOff !== null && Math.abs(off - wasOff) < AGREEMENT_TICKS);
    wasOff = off;
    if (!isSure || (isTied && Math.abs(off) < MIN_CORRECTION_TICKS)) return;
    audio.offset += off;
    wasOff = null;
    isTied = true;
  };

  return {
    place(name, rtp, arrivedAtMs) {
      const track = tracks[name];
      const unwrapped = unwrap(track, rtp);
      if (track.last === null) {
        track.offset = arrivedAtMs * TICKS_PER_MS - (unwrapped * 90_000) / track.rate;
      }
      if (track.last === null || unwrapped > track.last.unwrapped) track.last = { rtp, unwrapped };
      return Math.round(ticksOf(track, unwrapped));
    },
    report(name, rtp, wallMs) {
      const track = tracks[name];
      if (track.last === null) return; // nothing to tie yet
      track.report = { unwrapped: unwrap(track, rtp), wallMs };
      if (name === "audio") tie();
      else if (!isTied) tie();
    },
    startAnew(name) {
      const track = tracks[name];
      track.last = null;
      track.report = null;
      wasOff = null;
      isTied = false;
    },
  };
}
