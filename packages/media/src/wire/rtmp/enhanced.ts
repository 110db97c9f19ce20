import type { ByteReader } from "../byte-reader.js";

/** The parts of Enhanced RTMP v2 that audio and video tags share ("Enhanced RTMP", veovera.org, v2-2025). */

/** One track's piece of a tag; outside of multitrack there is one, with track id 0. */
export type TrackPacket = {
  readonly trackId: number;
  /** A fourCC; legacy codec ids are given as the fourCC that means the same. */
  readonly codec: string;
  /** Presentation minus decoding time in ms, signed; 0 for audio. */
  readonly compositionMs: number;
  readonly payload: Uint8Array;
};

/** How several tracks share a tag: one only, many of one codec, many with a codec each. */
export type Multitrack = "one" | "many" | "many-codecs";

const MULTITRACK: readonly Multitrack[] = ["one", "many", "many-codecs"];

/** What ModEx prefixes add: nanoseconds to the message's time (TimestampOffsetNano). */
export type Modified = { readonly packetType: number; readonly nanoOffset: number };

const TIMESTAMP_OFFSET_NANO = 0;

/** Reads ModEx prefixes one after the other until another packet type comes. */
export function readModEx(reader: ByteReader, packetType: number, modEx: number): Modified {
  let nanoOffset = 0;
  let type = packetType;
  while (type === modEx) {
    let size = reader.u8() + 1;
    if (size === 256) size = reader.u16() + 1;
    const value = reader.slice(size);
    const next = reader.u8();
    if (next >> 4 === TIMESTAMP_OFFSET_NANO && size >= 3) {
      nanoOffset = ((value[0] ?? 0) << 16) | ((value[1] ?? 0) << 8) | (value[2] ?? 0);
    }
    type = next & 0xf;
  }
  return { packetType: type, nanoOffset };
}

/** The bytes of a ModEx prefix with a nanosecond offset, up to the nibble of the packet type that follows. */
export function writeModEx(nanoOffset: number): number[] {
  return [2, nanoOffset >> 16, (nanoOffset >> 8) & 255, nanoOffset & 255];
}

/** What stands before the tracks' bodies. */
export type TrackLayout = {
  readonly packetType: number;
  readonly multitrack: Multitrack | null;
  readonly codec: string | null;
};

/** Reads the multitrack header, or only the fourCC when it is an ordinary tag. */
export function readLayout(reader: ByteReader, packetType: number, multitrackType: number): TrackLayout {
  if (packetType !== multitrackType) return { packetType, multitrack: null, codec: readFourCc(reader) };
  const byte = reader.u8();
  const multitrack = MULTITRACK[byte >> 4];
  if (multitrack === undefined) return reader.fail(`multitrack type ${byte >> 4} is not known`);
  const inner = byte & 0xf;
  if (inner === multitrackType) reader.fail("a multitrack tag inside a multitrack tag");
  return { packetType: inner, multitrack, codec: multitrack === "many-codecs" ? null : readFourCc(reader) };
}

/** The first byte of a multitrack header. */
export function multitrackByte(multitrack: Multitrack, packetType: number): number {
  return (MULTITRACK.indexOf(multitrack) << 4) | packetType;
}

/** Reads each track's fourCC (where it has its own), id and size, and gives its body to `readBody`. */
export function readTracks(
  reader: ByteReader,
  layout: TrackLayout,
  readBody: (codec: string, body: Uint8Array) => { compositionMs: number; payload: Uint8Array },
): TrackPacket[] {
  if (layout.multitrack === null) {
    const codec = layout.codec ?? "";
    return [{ trackId: 0, codec, ...readBody(codec, reader.rest()) }];
  }
  const packets: TrackPacket[] = [];
  do {
    const codec = layout.codec ?? readFourCc(reader);
    const trackId = reader.u8();
    const body = layout.multitrack === "one" ? reader.rest() : reader.slice(reader.u24());
    packets.push({ trackId, codec, ...readBody(codec, body) });
    if (packets.length > 256) reader.fail("more than 256 tracks in a tag");
  } while (reader.left > 0);
  return packets;
}

/** Writes what `readTracks` reads, from the fourCC on. */
export function writeTracks(
  multitrack: Multitrack | null,
  packets: readonly TrackPacket[],
  writeBody: (packet: TrackPacket) => Uint8Array,
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [i, packet] of packets.entries()) {
    const body = writeBody(packet);
    const head: number[] = [];
    if (multitrack === "many-codecs" || i === 0) head.push(...fourCcBytes(packet.codec));
    if (multitrack !== null) head.push(packet.trackId);
    if (multitrack === "many" || multitrack === "many-codecs") {
      head.push(body.length >> 16, (body.length >> 8) & 255, body.length & 255);
    }
    parts.push(Uint8Array.from(head), body);
  }
  return joined(parts);
}

/** One array of all the parts. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function readFourCc(reader: ByteReader): string {
  return String.fromCharCode(...reader.slice(4));
}

function fourCcBytes(codec: string): number[] {
  return Array.from({ length: 4 }, (_, i) => codec.charCodeAt(i) & 255);
}
