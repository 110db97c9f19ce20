import type { AudioFormat, AudioUnit } from "../../hub/access-unit.js";
import { parseAacConfig } from "../../wire/codecs/aac.js";
import {
  AAC_FRAME_SAMPLES,
  ADTS_HEADER_BYTES,
  aacConfigOfAdts,
  parseAdtsHeader,
} from "../../wire/codecs/adts.js";
import {
  type LatmConfig,
  LOAS_HEADER_BYTES,
  parseLatmElement,
  parseLoasHeader,
} from "../../wire/codecs/latm.js";
import { OPUS_SAMPLE_RATE } from "../../wire/codecs/opus.js";
import { parseOpusTs } from "../../wire/codecs/opus-ts.js";
import { opusSamples } from "../../wire/rtp/opus.js";
import { type FrameCutter, startFrameCutter } from "./frame-cutter.js";
import type { TrackKind } from "./track-kinds.js";

/** Where a sound track's frames go. */
export type SoundOut = {
  format(format: AudioFormat): void;
  write(unit: AudioUnit): void;
  notice(text: string): void;
  skipped(reason: string): void;
};

const TICKS_PER_SECOND = 90_000;
const NO_CONFIG = new Uint8Array(0);
const TICKS_PER_SAMPLE = TICKS_PER_SECOND / OPUS_SAMPLE_RATE;

/** Starts a track of one of the kinds that can be passed on. */
export function startSoundTrack(kind: Extract<TrackKind, { is: "audio" }>, out: SoundOut): FrameCutter {
  const bundles = startBundleWatch(out.notice);
  const write = (payload: Uint8Array, pts: number, arrivedAtMs: number, ticks: number) => {
    out.write({ kind: "audio", pts, payload, arrivedAtMs });
    bundles.frame(ticks);
  };
  const track = startTrack();
  return {
    take(payload, pts, arrivedAtMs) {
      track.take(payload, pts, arrivedAtMs);
      bundles.pesEnds();
    },
    lost: track.lost,
  };

  function startTrack(): FrameCutter {
    if (kind.form === "opus") return startOpusTrack(kind.channels, out, write);
    return kind.form === "adts" ? startAdtsTrack(out, write) : startLatmTrack(out, write);
  }
}

type Write = (payload: Uint8Array, pts: number, arrivedAtMs: number, ticks: number) => void;

function startAdtsTrack(out: SoundOut, write: Write): FrameCutter {
  return startFrameCutter(
    {
      headerBytes: ADTS_HEADER_BYTES,
      firstByte: 0xff,
      lengthOf: (bytes) => parseAdtsHeader(bytes).frameBytes,
      frame(bytes, pts, arrivedAtMs) {
        const header = parseAdtsHeader(bytes);
        const ticks = (header.blocks * AAC_FRAME_SAMPLES * TICKS_PER_SECOND) / header.sampleRate;
        const config = aacConfigOfAdts(header);
        if (config === null || header.blocks > 1) {
          out.notice("The encoder's AAC names no channels in its frames' headers: the sound is left out.");
          return ticks;
        }
        out.format(aacFormat(config));
        write(bytes.subarray(header.headerBytes), pts, arrivedAtMs, ticks);
        return ticks;
      },
    },
    out.skipped,
  );
}

function startLatmTrack(out: SoundOut, write: Write): FrameCutter {
  let known: LatmConfig | null = null;
  return startFrameCutter(
    {
      headerBytes: LOAS_HEADER_BYTES,
      firstByte: 0x56,
      lengthOf: (bytes) => LOAS_HEADER_BYTES + parseLoasHeader(bytes),
      frame(bytes, pts, arrivedAtMs) {
        const element = parseLatmElement(bytes.subarray(LOAS_HEADER_BYTES), known);
        if (element === null) return 0; // the configuration comes again within a second
        known = element.config;
        const { sampleRate, sbr } = known.aac;
        // Where SBR is signalled the rate is that of what comes out: twice the core's.
        const ticks = (AAC_FRAME_SAMPLES * (sbr ? 2 : 1) * TICKS_PER_SECOND) / sampleRate;
        out.format(aacFormat(known.config));
        for (const [n, frame] of element.frames.entries()) {
          write(frame, Math.round(pts + n * ticks), arrivedAtMs, ticks);
        }
        return element.frames.length * ticks;
      },
    },
    out.skipped,
  );
}

/** Opus packets have no sync word: a PES is read as a whole, and an access unit does not go over its end. */
function startOpusTrack(channels: number, out: SoundOut, write: Write): FrameCutter {
  let next: number | null = null;
  return {
    take(payload, pts, arrivedAtMs) {
      next = pts ?? next;
      if (next === null) return; // nothing has said when it is to be heard
      for (const { packet } of parseOpusTs(payload)) {
        out.format({ codec: "opus", sampleRate: OPUS_SAMPLE_RATE, channels, config: NO_CONFIG });
        const ticks = opusSamples(packet) * TICKS_PER_SAMPLE;
        write(packet, Math.round(next), arrivedAtMs, ticks);
        next += ticks;
      }
    },
    lost() {
      next = null;
    },
  };
}

function aacFormat(config: Uint8Array): AudioFormat {
  const { sampleRate, channels } = parseAacConfig(config);
  return { codec: "aac", sampleRate, channels, config };
}

/** So many PES are looked at before anything is said of them. */
const WATCHED_PES = 16;

/** Three frames of AAC at 48 kHz are 64 ms; ffmpeg packs six to eight. */
const BUNDLE_MS = 80;

/** Finds out whether the sound is late because the encoder waits until it has much of it. */
function startBundleWatch(notice: (text: string) => void) {
  let ticks = 0;
  let packets = 0;
  return {
    frame(lasts: number): void {
      ticks += lasts;
    },
    pesEnds(): void {
      if (packets >= WATCHED_PES || ticks === 0) return;
      packets++;
      if (packets < WATCHED_PES) return;
      const ms = Math.round(ticks / 90 / packets);
      if (ms < BUNDLE_MS) return;
      notice(
        `The encoder sends the sound in bundles of ${ms} ms, so it comes that much after the picture. ` +
          "From ffmpeg the option -pes_payload_size 0 cures it.",
      );
    },
  };
}
