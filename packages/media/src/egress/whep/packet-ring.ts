import type { Clock } from "../../hub/clock.js";
import type { AudioFrame, VideoFrame } from "../../hub/frame.js";
import { av1WithParameterSets, packetiseAv1 } from "../../wire/rtp/av1.js";
import { h264WithParameterSets, packetiseH264 } from "../../wire/rtp/h264.js";
import { h265WithParameterSets, packetiseH265 } from "../../wire/rtp/h265.js";
import { opusSamples, packetiseOpus } from "../../wire/rtp/opus.js";
import { type Payload, PayloadWriter } from "../../wire/rtp/payload-writer.js";
import { packetiseVp9 } from "../../wire/rtp/vp9.js";

/** Packets of a stream that can be sent again: 3 to 4 s at 20 Mb/s. A power of two. */
const RING_PACKETS = 8192;

/** The least delay from `pts` to arrival is looked for over twice this. */
const DELAY_WINDOW_MS = 5000;

/** An audio time that is off the count of samples by less is rounding (RTMP has whole milliseconds): 15 ms at 48 kHz. */
const AUDIO_ROUNDING_SAMPLES = 720;

/** 90 kHz ticks × 8/15 = samples at 48 kHz. */
const samplesOf = (ticks: number) => Math.round((ticks * 8) / 15);

/** One packet as all viewers share it. */
export type SharedPacket = {
  readonly payload: Payload;
  readonly isFirst: boolean;
  /** Last of its access unit: RTP's marker. */
  readonly isLast: boolean;
  /** Wall time of the unit's arrival, milliseconds since 1970. */
  readonly arrivedWallMs: number;
};

/** A picture's packets and where they lie in the ring. */
export type SharedVideo = {
  readonly frame: VideoFrame;
  readonly packets: readonly SharedPacket[];
  first: number;
};

/** An Opus packet with its RTP time before a viewer's own offset. */
export type SharedAudio = { readonly packet: SharedPacket; readonly samples: number };

/** RTP packets of one stream, built once however many viewers there are. */
export type PacketRing = {
  video(frame: VideoFrame): SharedVideo;
  /** Null when it is no packet that RTP can carry. */
  audio(frame: AudioFrame): SharedAudio | null;
  /** A packet by its number; null when it was overwritten. */
  packet(number: number): SharedPacket | null;
  /** The stream's time now, ticks of its timeline: what sender reports tie to the wall clock, for both tracks. */
  timeAt(nowMs: number): { ticks: number; samples: number; wallMs: number };
};

export function createPacketRing(clock: Clock): PacketRing {
  const ring: (SharedPacket | undefined)[] = new Array(RING_PACKETS);
  const videos = new WeakMap<VideoFrame, SharedVideo>();
  const audios = new WeakMap<AudioFrame, SharedAudio>();
  // Media never follows a jump of the wall clock: it is read once.
  const wallAtZero = clock.wall() - clock.now();
  let next = 0;
  let audioSamples: { at: number; length: number } | null = null;
  const delay = {
    windowMs: Number.NEGATIVE_INFINITY,
    now: Number.POSITIVE_INFINITY,
    before: Number.POSITIVE_INFINITY,
  };

  const observeDelay = (pts: number, arrivedAtMs: number) => {
    if (arrivedAtMs - delay.windowMs >= DELAY_WINDOW_MS) {
      delay.before =
        arrivedAtMs - delay.windowMs >= 2 * DELAY_WINDOW_MS ? Number.POSITIVE_INFINITY : delay.now;
      delay.now = Number.POSITIVE_INFINITY;
      delay.windowMs = arrivedAtMs;
    }
    delay.now = Math.min(delay.now, arrivedAtMs - pts / 90);
  };

  const enter = (video: SharedVideo) => {
    video.first = next;
    for (const packet of video.packets) {
      ring[next & (RING_PACKETS - 1)] = packet;
      next += 1;
    }
  };

  const share = (payloads: readonly Payload[], arrivedAtMs: number): SharedPacket[] =>
    payloads.map((payload, index) => ({
      payload,
      isFirst: index === 0,
      isLast: index === payloads.length - 1,
      arrivedWallMs: wallAtZero + arrivedAtMs,
    }));

  return {
    video(frame) {
      const known = videos.get(frame);
      if (known !== undefined) {
        if (known.first <= next - RING_PACKETS) enter(known);
        return known;
      }
      observeDelay(frame.unit.dts, frame.unit.arrivedAtMs);
      const packets = share(packetise(frame), frame.unit.arrivedAtMs);
      const video = { frame, packets, first: 0 };
      enter(video);
      videos.set(frame, video);
      return video;
    },
    audio(frame) {
      const known = audios.get(frame);
      if (known !== undefined) return known;
      const { payload, pts, arrivedAtMs } = frame.unit;
      if (delay.windowMs < arrivedAtMs - 2 * DELAY_WINDOW_MS) observeDelay(pts, arrivedAtMs);
      const out = new PayloadWriter(payload.length);
      if (!packetiseOpus(payload, out)) return null;
      const told = samplesOf(pts);
      const counted = audioSamples === null ? told : audioSamples.at + audioSamples.length;
      const samples = Math.abs(told - counted) <= AUDIO_ROUNDING_SAMPLES ? counted : told;
      audioSamples = { at: samples, length: opusSamples(payload) };
      const [packet] = share(out.payloads, arrivedAtMs);
      if (packet === undefined) return null;
      const audio = { packet, samples };
      audios.set(frame, audio);
      return audio;
    },
    packet(number) {
      if (number < 0 || number >= next || number < next - RING_PACKETS) return null;
      return ring[number & (RING_PACKETS - 1)] ?? null;
    },
    timeAt(nowMs) {
      const least = Math.min(delay.now, delay.before);
      const ticks = Number.isFinite(least) ? Math.round((nowMs - least) * 90) : 0;
      return { ticks, samples: samplesOf(ticks), wallMs: wallAtZero + nowMs };
    },
  };
}

function packetise({ unit, format, bytes }: VideoFrame): readonly Payload[] {
  const sets = unit.isKeyframe ? format.parameterSets : [];
  const out = new PayloadWriter(sets.reduce((sum, set) => sum + set.length, bytes));
  switch (format.codec) {
    case "h264":
      packetiseH264(h264WithParameterSets(unit.units, sets), out);
      break;
    case "h265":
      packetiseH265(h265WithParameterSets(unit.units, sets), out);
      break;
    case "av1":
      packetiseAv1(av1WithParameterSets(unit.units, sets), unit.isKeyframe, out);
      break;
    case "vp9":
      packetiseVp9(unit.units, unit.isKeyframe, out);
  }
  return out.payloads;
}
