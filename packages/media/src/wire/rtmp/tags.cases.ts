import { fromHex } from "../hex.js";
import type { AudioTag } from "./audio-tag.js";
import type { TrackPacket } from "./enhanced.js";
import type { VideoTag } from "./video-tag.js";

const packet = (codec: string, payload: string, compositionMs = 0, trackId = 0): TrackPacket => ({
  trackId,
  codec,
  compositionMs,
  payload: fromHex(payload),
});

const video = (part: Partial<Extract<VideoTag, { is: "packets" }>>): VideoTag => ({
  is: "packets",
  framing: "enhanced",
  holds: "frame",
  frameType: 1,
  multitrack: null,
  nanoOffset: 0,
  packets: [],
  ...part,
});

const audio = (part: Partial<Extract<AudioTag, { is: "packets" }>>): AudioTag => ({
  is: "packets",
  framing: "enhanced",
  holds: "frame",
  multitrack: null,
  nanoOffset: 0,
  packets: [],
  ...part,
});

/** Video messages, read and written. "hvc1" is 68766331, "avc1" 61766331, "av01" 61763031. */
export const VIDEO_TAGS: readonly (readonly [name: string, bytes: Uint8Array, tag: VideoTag])[] = [
  ["nothing", fromHex(""), { is: "empty" }],
  [
    "AVC sequence header",
    fromHex("17 00 000000 0164"),
    video({ framing: "legacy", holds: "config", packets: [packet("avc1", "0164")] }),
  ],
  [
    "AVC key frame, composed 80 ms later",
    fromHex("17 01 000050 0001"),
    video({ framing: "legacy", packets: [packet("avc1", "0001", 80)] }),
  ],
  [
    "AVC frame with a negative composition time",
    fromHex("27 01 ffffd8 0001"),
    video({ framing: "legacy", frameType: 2, packets: [packet("avc1", "0001", -40)] }),
  ],
  [
    "AVC end of sequence",
    fromHex("17 02 000000"),
    video({ framing: "legacy", holds: "end", packets: [packet("avc1", "")] }),
  ],
  [
    "HEVC under codec id 12",
    fromHex("1c 01 000000 0001"),
    video({ framing: "legacy", packets: [packet("hvc1", "0001")] }),
  ],
  ["a seek command", fromHex("57 00"), { is: "command", tag: fromHex("57 00") }],
  [
    "Sorenson H.263",
    fromHex("12 0000"),
    { is: "unsupported", what: "video codec id 2", tag: fromHex("12 0000") },
  ],
  [
    "E-RTMP HEVC SequenceStart",
    fromHex("90 68766331 0102"),
    video({ holds: "config", packets: [packet("hvc1", "0102")] }),
  ],
  [
    "E-RTMP HEVC CodedFrames",
    fromHex("91 68766331 000028 0a0b"),
    video({ packets: [packet("hvc1", "0a0b", 40)] }),
  ],
  [
    "E-RTMP HEVC CodedFramesX",
    fromHex("a3 68766331 0a0b"),
    video({ frameType: 2, packets: [packet("hvc1", "0a0b")] }),
  ],
  ["E-RTMP AV1 frame", fromHex("93 61763031 0a0b"), video({ packets: [packet("av01", "0a0b")] })],
  ["E-RTMP SequenceEnd", fromHex("92 68766331"), video({ holds: "end", packets: [packet("hvc1", "")] })],
  [
    "E-RTMP colour metadata",
    fromHex("94 68766331 02000161"),
    video({ holds: "metadata", packets: [packet("hvc1", "02000161")] }),
  ],
  [
    "one track of many",
    fromHex("96 03 61766331 05 0a0b"),
    video({ multitrack: "one", packets: [packet("avc1", "0a0b", 0, 5)] }),
  ],
  [
    "many tracks of one codec",
    fromHex("96 11 61766331 00 000004 000028 0a 01 000004 000000 0b"),
    video({ multitrack: "many", packets: [packet("avc1", "0a", 40, 0), packet("avc1", "0b", 0, 1)] }),
  ],
  [
    "many tracks with a codec each",
    fromHex("96 23 61766331 00 000001 0a 68766331 01 000001 0b"),
    video({ multitrack: "many-codecs", packets: [packet("avc1", "0a"), packet("hvc1", "0b", 0, 1)] }),
  ],
  [
    "a nanosecond offset by ModEx",
    fromHex("97 02 07a120 03 61763031 0a"),
    video({ nanoOffset: 500_000, packets: [packet("av01", "0a")] }),
  ],
];

/** Audio messages, read and written. "mp4a" is 6d703461, "Opus" 4f707573. */
export const AUDIO_TAGS: readonly (readonly [name: string, bytes: Uint8Array, tag: AudioTag])[] = [
  ["nothing", fromHex(""), { is: "empty" }],
  [
    "AAC sequence header",
    fromHex("af 00 1210"),
    audio({ framing: "legacy", holds: "config", packets: [packet("mp4a", "1210")] }),
  ],
  ["AAC frame", fromHex("af 01 2110"), audio({ framing: "legacy", packets: [packet("mp4a", "2110")] })],
  [
    "DJI's audio format 15",
    fromHex("ff 00"),
    { is: "unsupported", what: "audio format 15", tag: fromHex("ff 00") },
  ],
  [
    "E-RTMP Opus SequenceStart",
    fromHex("90 4f707573 4f70"),
    audio({ holds: "config", packets: [packet("Opus", "4f70")] }),
  ],
  ["E-RTMP Opus frame", fromHex("91 4f707573 fc"), audio({ packets: [packet("Opus", "fc")] })],
  ["E-RTMP AAC end", fromHex("92 6d703461"), audio({ holds: "end", packets: [packet("mp4a", "")] })],
  [
    "E-RTMP MultichannelConfig",
    fromHex("94 4f707573 01 06 0000003f"),
    audio({ holds: "channels", packets: [packet("Opus", "01060000003f")] }),
  ],
  [
    "many audio tracks",
    fromHex("95 11 6d703461 00 000001 0a 01 000001 0b"),
    audio({ multitrack: "many", packets: [packet("mp4a", "0a"), packet("mp4a", "0b", 0, 1)] }),
  ],
  [
    "a nanosecond offset by ModEx",
    fromHex("97 02 0003e8 01 4f707573 fc"),
    audio({ nanoOffset: 1000, packets: [packet("Opus", "fc")] }),
  ],
];
