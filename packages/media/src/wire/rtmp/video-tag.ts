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

/** What a video message carries (FLV 10.1 §E.4.3.1; Enhanced RTMP v2, "Enhanced Video"). */
export type VideoTag =
  | {
      readonly is: "packets";
      /** A codec id in the first byte, or Enhanced RTMP's fourCC. */
      readonly framing: "legacy" | "enhanced";
      /** A configuration record, a coded frame, the end of the sequence, or AMF with colour metadata. */
      readonly holds: "config" | "frame" | "end" | "metadata";
      /** 1 key, 2 inter, 3 disposable, 4 generated key. */
      readonly frameType: number;
      readonly multitrack: Multitrack | null;
      readonly nanoOffset: number;
      readonly packets: readonly TrackPacket[];
    }
  /** A seek command to a player: nothing to show. */
  | { readonly is: "command"; readonly tag: Uint8Array }
  /** No bytes at all: some encoders keep the connection alive so. */
  | { readonly is: "empty" }
  | { readonly is: "unsupported"; readonly what: string; readonly tag: Uint8Array };

/** VideoPacketType of Enhanced RTMP. */
const TYPE = {
  sequenceStart: 0,
  codedFrames: 1,
  sequenceEnd: 2,
  codedFramesX: 3,
  metadata: 4,
  multitrack: 6,
  modEx: 7,
} as const;

const HOLDS = new Map<number, "config" | "frame" | "end" | "metadata">([
  [TYPE.sequenceStart, "config"],
  [TYPE.codedFrames, "frame"],
  [TYPE.sequenceEnd, "end"],
  [TYPE.codedFramesX, "frame"],
  [TYPE.metadata, "metadata"],
]);

/** Legacy codec ids; 12 is what Chinese vendors (and older OBS forks) use for HEVC. */
const LEGACY = new Map([
  [7, "avc1"],
  [12, "hvc1"],
]);

const COMMAND_FRAME = 5;

/** Codecs whose coded frames begin with a composition time in Enhanced RTMP. */
const WITH_COMPOSITION = new Set(["avc1", "hvc1", "vvc1"]);

/** Reads a video message's payload. */
export function parseVideoTag(tag: Uint8Array): VideoTag {
  const reader = new ByteReader("flv video", tag);
  if (reader.left === 0) return { is: "empty" };
  const first = reader.u8();
  if ((first & 0x80) !== 0) return parseEnhanced(reader, first, tag);

  const frameType = first >> 4;
  if (frameType === COMMAND_FRAME) return { is: "command", tag };
  const codec = LEGACY.get(first & 0xf);
  if (codec === undefined) return { is: "unsupported", what: `video codec id ${first & 0xf}`, tag };
  const packetType = reader.u8();
  const compositionMs = reader.i24();
  const holds = (["config", "frame", "end"] as const)[packetType];
  if (holds === undefined) return reader.fail(`AVC packet type ${packetType} is not known`);
  const packets = [{ trackId: 0, codec, compositionMs, payload: reader.rest() }];
  return { is: "packets", framing: "legacy", holds, frameType, multitrack: null, nanoOffset: 0, packets };
}

/** Writes a video message's payload. */
export function writeVideoTag(tag: VideoTag): Uint8Array {
  if (tag.is === "empty") return new Uint8Array(0);
  if (tag.is !== "packets") return tag.tag;
  if (tag.framing === "legacy") return writeLegacy(tag);

  const immediate = tag.packets.every((packet) => packet.compositionMs === 0);
  const frames = immediate ? TYPE.codedFramesX : TYPE.codedFrames;
  const type = { config: TYPE.sequenceStart, frame: frames, end: TYPE.sequenceEnd, metadata: TYPE.metadata }[
    tag.holds
  ];
  const outer = tag.multitrack === null ? type : TYPE.multitrack;
  const high = 0x80 | (tag.frameType << 4);
  const head =
    tag.nanoOffset > 0 ? [high | TYPE.modEx, ...writeModEx(tag.nanoOffset), outer] : [high | outer];
  if (tag.multitrack !== null) head.push(multitrackByte(tag.multitrack, type));
  const body = writeTracks(tag.multitrack, tag.packets, (packet) =>
    type === TYPE.codedFrames && WITH_COMPOSITION.has(packet.codec)
      ? joined([i24(packet.compositionMs), packet.payload])
      : packet.payload,
  );
  return joined([Uint8Array.from(head), body]);
}

function parseEnhanced(reader: ByteReader, first: number, tag: Uint8Array): VideoTag {
  const frameType = (first >> 4) & 7;
  const modified = readModEx(reader, first & 0xf, TYPE.modEx);
  if (frameType === COMMAND_FRAME && modified.packetType !== TYPE.metadata) return { is: "command", tag };
  const layout = readLayout(reader, modified.packetType, TYPE.multitrack);
  const holds = HOLDS.get(layout.packetType);
  if (holds === undefined) return { is: "unsupported", what: `video packet type ${layout.packetType}`, tag };
  const packets = readTracks(reader, layout, (codec, body) => {
    if (layout.packetType !== TYPE.codedFrames || !WITH_COMPOSITION.has(codec)) {
      return { compositionMs: 0, payload: body };
    }
    const inner = new ByteReader("flv video", body);
    return { compositionMs: inner.i24(), payload: inner.rest() };
  });
  const { multitrack } = layout;
  const { nanoOffset } = modified;
  return { is: "packets", framing: "enhanced", holds, frameType, multitrack, nanoOffset, packets };
}

function writeLegacy(tag: Extract<VideoTag, { is: "packets" }>): Uint8Array {
  const packet = tag.packets[0];
  const id = packet?.codec === "hvc1" ? 12 : 7;
  const type = { config: 0, frame: 1, end: 2, metadata: 0 }[tag.holds];
  const head = Uint8Array.of((tag.frameType << 4) | id, type);
  return joined([head, i24(packet?.compositionMs ?? 0), packet?.payload ?? new Uint8Array(0)]);
}

function i24(value: number): Uint8Array {
  return Uint8Array.of((value >> 16) & 255, (value >> 8) & 255, value & 255);
}
