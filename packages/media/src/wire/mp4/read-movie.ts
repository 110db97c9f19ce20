import { ByteReader } from "../byte-reader.js";
import { ProtocolError } from "../protocol-error.js";
import { contentOf, readBoxes } from "./read-box.js";

/** A track as a file's `moov` has it. */
export type MovieTrack = {
  readonly id: number;
  readonly kind: "video" | "audio";
  /** Units a second. */
  readonly timescale: number;
  /** The sample entry's name, such as `avc1`. */
  readonly entry: string;
  /** Of pictures; 0 for sound. */
  readonly width: number;
  readonly height: number;
  /** Content of `trak`. */
  readonly trak: Uint8Array;
};

/** Where samples of one track lie one behind the other. */
export type Chunk = { readonly offset: number; readonly samples: number };

/** A track of a plain MP4 with where its samples lie. */
export type PlainTrack = MovieTrack & { readonly sizes: Uint32Array; readonly chunks: readonly Chunk[] };

const MAX_TRACKS = 16;

/** Reads the tracks of a `moov` (its content). */
export function parseMovie(moov: Uint8Array): MovieTrack[] {
  const traks = readBoxes(moov).filter(({ type }) => type === "trak");
  if (traks.length > MAX_TRACKS) throw new ProtocolError("mp4", `${traks.length} tracks`);
  return traks.map(({ content }) => parseTrack(content));
}

function parseTrack(trak: Uint8Array): MovieTrack {
  const header = new ByteReader("mp4", contentOf(trak, "tkhd"));
  header.skip(header.u8() === 1 ? 19 : 11); // flags, times
  const id = header.u32();
  const media = new ByteReader("mp4", contentOf(trak, "mdia/mdhd"));
  media.skip(media.u8() === 1 ? 19 : 11);
  const timescale = media.u32();
  if (timescale === 0) throw new ProtocolError("mp4", "a track of 0 units a second");
  const handler = contentOf(trak, "mdia/hdlr").subarray(8, 12);
  const kind = String.fromCharCode(...handler) === "vide" ? "video" : "audio";
  const [entry] = readBoxes(contentOf(trak, "mdia/minf/stbl/stsd").subarray(8));
  if (entry === undefined) throw new ProtocolError("mp4", "a track without a sample entry");
  const size = new ByteReader("mp4", entry.content);
  if (kind === "video") size.skip(24);
  const [width, height] = kind === "video" ? [size.u16(), size.u16()] : [0, 0];
  return { id, kind, timescale, entry: entry.type, width, height, trak };
}

/** Reads where the samples of a plain MP4 lie: sizes, chunks and their offsets (ISO/IEC 14496-12 §8.7). */
export function parsePlainMovie(moov: Uint8Array): PlainTrack[] {
  return parseMovie(moov).map((track) => {
    const tables = contentOf(track.trak, "mdia/minf/stbl");
    const sizes = parseSizes(contentOf(tables, "stsz"));
    const chunks = parseChunks(tables);
    const inChunks = chunks.reduce((sum, chunk) => sum + chunk.samples, 0);
    if (inChunks !== sizes.length)
      throw new ProtocolError("mp4", `${inChunks} samples in chunks, ${sizes.length} sizes`);
    return { ...track, sizes, chunks };
  });
}

function parseSizes(table: Uint8Array): Uint32Array {
  const reader = new ByteReader("mp4", table);
  reader.skip(4);
  if (reader.u32() !== 0) throw new ProtocolError("mp4", "samples of one size, which we do not write");
  const count = reader.u32();
  needTable(reader, count, 4);
  return Uint32Array.from({ length: count }, () => reader.u32());
}

function parseChunks(tables: Uint8Array): Chunk[] {
  const isLong = readBoxes(tables).some(({ type }) => type === "co64");
  const offsets = new ByteReader("mp4", contentOf(tables, isLong ? "co64" : "stco"));
  offsets.skip(4);
  const count = offsets.u32();
  needTable(offsets, count, isLong ? 8 : 4);
  const runs = new ByteReader("mp4", contentOf(tables, "stsc"));
  runs.skip(4);
  const runCount = runs.u32();
  needTable(runs, runCount, 12);
  const chunks: Chunk[] = [];
  let samples = 0;
  let nextFirst = runCount > 0 ? runs.u32() : Number.POSITIVE_INFINITY;
  let runsLeft = runCount;
  for (let number = 1; number <= count; number += 1) {
    if (number === nextFirst) {
      samples = runs.u32();
      runs.skip(4); // sample description
      runsLeft -= 1;
      nextFirst = runsLeft > 0 ? runs.u32() : Number.POSITIVE_INFINITY;
    }
    const offset = isLong ? offsets.u32() * 2 ** 32 + offsets.u32() : offsets.u32();
    chunks.push({ offset, samples });
  }
  return chunks;
}

function needTable(reader: ByteReader, count: number, entryBytes: number): void {
  if (count * entryBytes > reader.left)
    throw new ProtocolError("mp4", `a table of ${count} entries in ${reader.left} bytes`);
}
