import type { Codec, CodecContext, Frame, SoftwareResampleContext } from "node-av/lib";
import type { AudioFormat } from "../hub/access-unit.js";
import type { CodedFrame } from "./messages.js";
import { createSoundTimeline, OPUS_RATE } from "./timeline.js";

/** The codec library, loaded by whoever calls: it is an optional part of an installation. */
export type CodecLibrary = typeof import("node-av/lib");

const BITS_PER_CHANNEL = 128_000; // 256 kb/s stereo: transparent, and no reason to save beside 20 Mb/s of picture
const MAX_BAD_FRAMES = 50; // in a row, 1 s: this is not AAC that we can decode

// Constants of libavutil and libavcodec, stable parts of their ABI.
const CODEC_ID_AAC = 86_018;
const SAMPLE_FORMAT_FLOAT = 3; // AV_SAMPLE_FMT_FLT: interleaved
const CHANNEL_ORDER_NATIVE = 1;
const LAYOUT_MONO = 0x4n;
const LAYOUT_STEREO = 0x3n;
const TICKS_PER_SAMPLE = 90_000 / OPUS_RATE;

/** This AAC cannot be turned into Opus. */
export class UnsupportedSound extends Error {}

/** One stream's AAC → Opus. */
export type AacToOpus = {
  /** The Opus packets that this AAC frame completes. Throws `UnsupportedSound`. */
  write(frame: CodedFrame): CodedFrame[];
};

const must = (result: number, what: string): void => {
  if (result < 0) throw new UnsupportedSound(`${what} failed with ${result}`);
};

const layoutOf = (channels: number) => ({
  nbChannels: channels,
  order: CHANNEL_ORDER_NATIVE,
  mask: channels === 1 ? LAYOUT_MONO : LAYOUT_STEREO,
});

const openDecoder = (av: CodecLibrary, format: AudioFormat): CodecContext => {
  const codec = av.Codec.findDecoder(CODEC_ID_AAC as never);
  if (codec === null) throw new UnsupportedSound("the codec library has no AAC decoder");
  const context = new av.CodecContext();
  context.allocContext3(codec);
  context.extraData = Buffer.from(format.config);
  context.sampleRate = format.sampleRate;
  context.threadCount = 1;
  must(context.open2Sync(codec, null), "opening the AAC decoder");
  return context;
};

const openEncoder = (av: CodecLibrary, channels: number): CodecContext => {
  const codec: Codec | null = av.Codec.findEncoderByName("libopus" as never);
  if (codec === null) throw new UnsupportedSound("the codec library has no Opus encoder");
  const context = new av.CodecContext();
  context.allocContext3(codec);
  context.sampleRate = OPUS_RATE;
  context.sampleFormat = SAMPLE_FORMAT_FLOAT as never;
  context.channelLayout = layoutOf(channels) as never;
  context.bitRate = BigInt(BITS_PER_CHANNEL * channels);
  context.timeBase = new av.Rational(1, OPUS_RATE);
  context.threadCount = 1;
  // Options are set one by one: a Dictionary given to open2Sync is freed twice (node-av 6.1.1).
  // lowdelay: 2.5 ms look-ahead where `audio` takes 6.5 ms. What it leaves out is SILK, which is for speech at
  // bitrates far below ours.
  must(context.setOption("application", "lowdelay"), "setting application");
  must(context.setOption("frame_duration", "10"), "setting frame_duration");
  must(context.setOption("vbr", "constrained"), "setting vbr");
  must(context.open2Sync(codec, null), "opening the Opus encoder");
  return context;
};

/** Opus look-ahead of `lowdelay`: 1/400 s. A packet's sound begins so much before the samples that went into it. */
const LOOK_AHEAD_TICKS = 90_000 / 400;

/** Opens decoder and encoder for one stream. Throws `UnsupportedSound`. */
export function openAacToOpus(av: CodecLibrary, format: AudioFormat): AacToOpus {
  const channels = format.channels === 1 ? 1 : 2;
  const decoder = openDecoder(av, format);
  const encoder = openEncoder(av, channels);
  const timeline = createSoundTimeline(channels);
  const packet = new av.Packet();
  const encoded = new av.Packet();
  const decoded = new av.Frame();
  packet.alloc();
  encoded.alloc();
  decoded.alloc();
  const ptsOf: { pts: number; arrivedAtMs: number }[] = []; // of frames inside the encoder: none or one
  let badInRow = 0;
  let converter: { resampler: SoftwareResampleContext; key: string } | null = null;

  /** The resampler for what the decoder gives: SBR and PS show only in its frames. */
  const resamplerFor = (frame: Frame): SoftwareResampleContext => {
    const key = `${frame.sampleRate} ${frame.format} ${frame.channelLayout.nbChannels} ${frame.channelLayout.mask}`;
    if (converter?.key === key) return converter.resampler;
    converter?.resampler.free();
    const resampler = new av.SoftwareResampleContext();
    must(
      resampler.allocSetOpts2(
        layoutOf(channels) as never,
        SAMPLE_FORMAT_FLOAT as never,
        OPUS_RATE,
        frame.channelLayout,
        frame.format as never,
        frame.sampleRate,
      ),
      "setting up the resampler",
    );
    must(resampler.init(), "opening the resampler");
    converter = { resampler, key };
    return resampler;
  };

  const toSamples = (frame: Frame): { samples: Float32Array; delayTicks: number } => {
    const resampler = resamplerFor(frame);
    const delayTicks = Number(resampler.getDelay(BigInt(OPUS_RATE))) * TICKS_PER_SAMPLE;
    const output = new av.Frame();
    output.alloc();
    output.format = SAMPLE_FORMAT_FLOAT as never;
    output.sampleRate = OPUS_RATE;
    output.channelLayout = layoutOf(channels) as never;
    must(resampler.convertFrame(output, frame), "resampling");
    const plane = output.data?.[0];
    const length = output.nbSamples * channels;
    const samples = new Float32Array(length);
    if (plane !== undefined) {
      Buffer.from(samples.buffer).set(plane.subarray(0, length * Float32Array.BYTES_PER_ELEMENT));
    }
    output.free();
    return { samples, delayTicks };
  };

  const encode = (samples: Float32Array, pts: number, arrivedAtMs: number, out: CodedFrame[]): void => {
    const frame = av.Frame.fromAudioBuffer(
      Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength),
      {
        nbSamples: samples.length / channels,
        format: SAMPLE_FORMAT_FLOAT as never,
        sampleRate: OPUS_RATE,
        channelLayout: layoutOf(channels) as never,
        timeBase: { num: 1, den: OPUS_RATE },
      },
    );
    must(encoder.sendFrameSync(frame), "encoding Opus");
    frame.free();
    ptsOf.push({ pts, arrivedAtMs });
    while (encoder.receivePacketSync(encoded) >= 0) {
      const times = ptsOf.shift();
      const bytes = encoded.data;
      if (times !== undefined && bytes !== null) {
        out.push({
          pts: times.pts - LOOK_AHEAD_TICKS,
          payload: new Uint8Array(bytes), // a copy: the library uses its buffer again
          arrivedAtMs: times.arrivedAtMs,
        });
      }
      encoded.unref();
    }
  };

  return {
    write: ({ pts, payload, arrivedAtMs }) => {
      packet.data = Buffer.from(payload);
      packet.pts = BigInt(Math.round(pts));
      decoder.sendPacketSync(packet); // refused or not: what counts is whether sound comes out
      packet.unref();
      badInRow += 1;
      const opus: CodedFrame[] = [];
      while (decoder.receiveFrameSync(decoded) >= 0) {
        badInRow = 0;
        const { samples, delayTicks } = toSamples(decoded);
        timeline.push(samples, Number(decoded.pts) - delayTicks, arrivedAtMs);
        for (let frame = timeline.pull(); frame !== null; frame = timeline.pull()) {
          encode(frame.samples, frame.pts, frame.arrivedAtMs, opus);
        }
        decoded.unref();
      }
      if (badInRow >= MAX_BAD_FRAMES)
        throw new UnsupportedSound(`${badInRow} AAC frames in a row gave no sound`);
      return opus;
    },
  };
}
