import { OPUS_REGISTRATION, opusTsChannels } from "../../wire/codecs/opus-ts.js";
import type { ElementaryStream } from "../../wire/mpegts/psi.js";

/** What a track of a programme is. */
export type TrackKind =
  | { readonly is: "video"; readonly codec: "h264" | "h265" }
  | { readonly is: "audio"; readonly form: "adts" | "latm" }
  | { readonly is: "audio"; readonly form: "opus"; readonly channels: number }
  /** Picture or sound in a codec that cannot be passed on. */
  | { readonly is: "foreign"; readonly of: "video" | "audio"; readonly name: string }
  /** Subtitles, teletext, tables, time code: nobody misses them. */
  | { readonly is: "other" };

/** Codecs by stream_type (ISO/IEC 13818-1 table 2-34, and what ATSC and others have registered). */
const STREAM_TYPES: ReadonlyMap<number, TrackKind> = new Map<number, TrackKind>([
  [0x1b, { is: "video", codec: "h264" }],
  [0x24, { is: "video", codec: "h265" }],
  [0x0f, { is: "audio", form: "adts" }],
  [0x11, { is: "audio", form: "latm" }],
  [0x01, foreign("video", "MPEG-1")],
  [0x02, foreign("video", "MPEG-2")],
  [0x10, foreign("video", "MPEG-4 part 2")],
  [0x21, foreign("video", "JPEG 2000")],
  [0x32, foreign("video", "JPEG XS")],
  [0x33, foreign("video", "H.266")],
  [0xd1, foreign("video", "Dirac")],
  [0xea, foreign("video", "VC-1")],
  [0x03, foreign("audio", "MPEG audio")],
  [0x04, foreign("audio", "MPEG audio")],
  [0x80, foreign("audio", "uncompressed PCM")],
  [0x81, foreign("audio", "AC-3")],
  [0x82, foreign("audio", "DTS")],
  [0x83, foreign("audio", "Dolby TrueHD")],
  [0x84, foreign("audio", "E-AC-3")],
  [0x87, foreign("audio", "E-AC-3")],
]);

const PRIVATE_PES = 0x06;

/** Tags of descriptors. */
const REGISTRATION = 0x05;
const EXTENSION = 0x7f;
const OPUS_EXTENSION = 0x80;

/** Codecs of private PES streams by their descriptor's tag (ETSI EN 300 468 §6.1). */
const DESCRIPTORS: ReadonlyMap<number, TrackKind> = new Map([
  [0x6a, foreign("audio", "AC-3")],
  [0x7a, foreign("audio", "E-AC-3")],
  [0x7b, foreign("audio", "DTS")],
]);

/** The same by their registration descriptor's four letters. */
const REGISTRATIONS: ReadonlyMap<string, TrackKind> = new Map([
  ["AC-3", foreign("audio", "AC-3")],
  ["EAC3", foreign("audio", "E-AC-3")],
  ["AC-4", foreign("audio", "AC-4")],
  ["BSSD", foreign("audio", "SMPTE 302M")],
  ["DTS1", foreign("audio", "DTS")],
  ["DTS2", foreign("audio", "DTS")],
  ["DTS3", foreign("audio", "DTS")],
  ["AV01", foreign("video", "AV1")],
  ["VP09", foreign("video", "VP9")],
  ["VC-1", foreign("video", "VC-1")],
  ["drac", foreign("video", "Dirac")],
]);

function foreign(of: "video" | "audio", name: string): TrackKind {
  return { is: "foreign", of, name };
}

/** What this track is. */
export function trackKindOf(stream: ElementaryStream): TrackKind {
  if (stream.streamType !== PRIVATE_PES) return STREAM_TYPES.get(stream.streamType) ?? { is: "other" };
  for (const { tag, body } of stream.descriptors) {
    if (tag === REGISTRATION && wordOf(body) === OPUS_REGISTRATION) return opusTrack(stream);
    const kind =
      tag === REGISTRATION
        ? REGISTRATIONS.get(String.fromCharCode(...body.subarray(0, 4)))
        : DESCRIPTORS.get(tag);
    if (kind !== undefined) return kind;
  }
  return { is: "other" };
}

/** Without its own descriptor an Opus track is stereo. */
function opusTrack({ descriptors }: ElementaryStream): TrackKind {
  const extension = descriptors.find(({ tag, body }) => tag === EXTENSION && body[0] === OPUS_EXTENSION);
  const channels = opusTsChannels(extension?.body[1] ?? 2);
  if (channels === null) return foreign("audio", "Opus with its own channel mapping");
  return { is: "audio", form: "opus", channels };
}

function wordOf(body: Uint8Array): number {
  return body.subarray(0, 4).reduce((word, byte) => word * 256 + byte, 0);
}

/** The codec's name for people. */
export function codecName(kind: TrackKind): string {
  if (kind.is === "video") return kind.codec === "h264" ? "H.264" : "HEVC";
  if (kind.is === "audio") return kind.form === "opus" ? "Opus" : "AAC";
  return kind.is === "foreign" ? kind.name : "something else";
}
