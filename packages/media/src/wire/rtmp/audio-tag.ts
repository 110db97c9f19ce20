import { ByteReader } from "../byte-reader.js";
import {
  joined,
  type Multitrack,
  multitrackByte,
  readLayout,
  readModEx,
  readTracks,
  type TrackPacket,
  writeModEx,
  writeTracks,
} from "./enhanced.js";

/** What an audio message carries (FLV 10.1 §E.4.2.1; Enhanced RTMP v2, "Enhanced Audio"). */
export type AudioTag =
  | {
      readonly is: "packets";
      readonly framing: "legacy" | "enhanced";
      /** A configuration, a coded frame, the end of the sequence, or where each channel belongs. */
      readonly holds: "config" | "frame" | "end" | "channels";
      readonly multitrack: Multitrack | null;
      readonly nanoOffset: number;
      readonly packets: readonly TrackPacket[];
    }
  | { readonly is: "empty" }
  | { readonly is: "unsupported"; readonly what: string; readonly tag: Uint8Array };

/** AudioPacketType of Enhanced RTMP. */
const TYPE = {
  sequenceStart: 0,
  codedFrames: 1,
  sequenceEnd: 2,
  multichannelConfig: 4,
  multitrack: 5,
  modEx: 7,
} as const;

const HOLDS = new Map<number, "config" | "frame" | "end" | "channels">([
  [TYPE.sequenceStart, "config"],
  [TYPE.codedFrames, "frame"],
  [TYPE.sequenceEnd, "end"],
  [TYPE.multichannelConfig, "channels"],
]);

/** SoundFormat: 9 switches to Enhanced RTMP, 10 is AAC. */
const ENHANCED = 9;
const AAC = 10;

/** AAC's first byte says 44.1 kHz, 16 bit, stereo whatever the AudioSpecificConfig says (§E.4.2.1). */
const AAC_FIRST_BYTE = 0xaf;

/** Reads an audio message's payload. */
export function parseAudioTag(tag: Uint8Array): AudioTag {
  const reader = new ByteReader("flv audio", tag);
  if (reader.left === 0) return { is: "empty" };
  const first = reader.u8();
  const format = first >> 4;
  if (format === ENHANCED) return parseEnhanced(reader, first, tag);
  if (format !== AAC) return { is: "unsupported", what: `audio format ${format}`, tag };
  const holds = (["config", "frame"] as const)[reader.u8()];
  if (holds === undefined) return reader.fail("AAC packet type is neither 0 nor 1");
  const packets = [{ trackId: 0, codec: "mp4a", compositionMs: 0, payload: reader.rest() }];
  return { is: "packets", framing: "legacy", holds, multitrack: null, nanoOffset: 0, packets };
}

/** Writes an audio message's payload. */
export function writeAudioTag(tag: AudioTag): Uint8Array {
  if (tag.is === "empty") return new Uint8Array(0);
  if (tag.is === "unsupported") return tag.tag;
  if (tag.framing === "legacy") {
    const head = Uint8Array.of(AAC_FIRST_BYTE, tag.holds === "config" ? 0 : 1);
    return joined([head, tag.packets[0]?.payload ?? new Uint8Array(0)]);
  }
  const type = {
    config: TYPE.sequenceStart,
    frame: TYPE.codedFrames,
    end: TYPE.sequenceEnd,
    channels: TYPE.multichannelConfig,
  }[tag.holds];
  const outer = tag.multitrack === null ? type : TYPE.multitrack;
  const high = ENHANCED << 4;
  const head =
    tag.nanoOffset > 0 ? [high | TYPE.modEx, ...writeModEx(tag.nanoOffset), outer] : [high | outer];
  if (tag.multitrack !== null) head.push(multitrackByte(tag.multitrack, type));
  return joined([
    Uint8Array.from(head),
    writeTracks(tag.multitrack, tag.packets, (packet) => packet.payload),
  ]);
}

/** MultichannelConfig: how many channels, and where they belong when the order is not the codec's own. */
export type MultichannelConfig = {
  readonly order: "unspecified" | "native" | "custom";
  readonly channels: number;
};

/** Reads the body of a MultichannelConfig packet. */
export function parseMultichannelConfig(body: Uint8Array): MultichannelConfig {
  const reader = new ByteReader("multichannel config", body);
  const code = reader.u8();
  const order = (["unspecified", "native", "custom"] as const)[code];
  if (order === undefined) return reader.fail(`channel order ${code} is not known`);
  const channels = reader.u8();
  if (order === "custom") reader.skip(channels);
  if (order === "native") reader.skip(4);
  return { order, channels };
}

function parseEnhanced(reader: ByteReader, first: number, tag: Uint8Array): AudioTag {
  const modified = readModEx(reader, first & 0xf, TYPE.modEx);
  const layout = readLayout(reader, modified.packetType, TYPE.multitrack);
  const holds = HOLDS.get(layout.packetType);
  if (holds === undefined) return { is: "unsupported", what: `audio packet type ${layout.packetType}`, tag };
  const packets = readTracks(reader, layout, (_codec, payload) => ({ compositionMs: 0, payload }));
  const { multitrack } = layout;
  return { is: "packets", framing: "enhanced", holds, multitrack, nanoOffset: modified.nanoOffset, packets };
}
