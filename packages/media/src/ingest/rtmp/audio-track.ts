import type { AudioCodec, AudioFormat } from "../../hub/access-unit.js";
import { parseAacConfig } from "../../wire/codecs/aac.js";
import { OPUS_SAMPLE_RATE, parseOpusHead } from "../../wire/codecs/opus.js";

const CODECS: ReadonlyMap<string, AudioCodec> = new Map([
  ["mp4a", "aac"],
  ["Opus", "opus"],
]);

/** The codec of a fourCC; null when it is not one of ours. */
export function audioCodecOf(fourCc: string): AudioCodec | null {
  return CODECS.get(fourCc) ?? null;
}

/** The format that a sequence start's body describes: AudioSpecificConfig or OpusHead. */
export function audioFormatOf(codec: AudioCodec, body: Uint8Array): AudioFormat {
  if (codec === "opus") {
    return {
      codec,
      sampleRate: OPUS_SAMPLE_RATE,
      channels: parseOpusHead(body).channels,
      config: new Uint8Array(0),
    };
  }
  const { sampleRate, channels } = parseAacConfig(body);
  return { codec, sampleRate, channels, config: body };
}

/** Opus without OpusHead is stereo (RFC 7587 §6.1); AAC without its configuration cannot be played. */
export function assumedAudioFormat(codec: AudioCodec, channels: number | null): AudioFormat | null {
  if (codec === "aac") return null;
  return { codec, sampleRate: OPUS_SAMPLE_RATE, channels: channels ?? 2, config: new Uint8Array(0) };
}
