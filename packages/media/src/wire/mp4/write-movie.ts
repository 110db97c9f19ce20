import { ascii, box, fullBox, joined, u16, u32, u64 } from "./box.js";
import { createNumberList } from "./number-list.js";
import { contentOf, readBoxes } from "./read-box.js";
import type { MovieTrack } from "./read-movie.js";

/** The samples of one track, in decoding order; times in the track's units. */
export type SampleTables = {
  readonly sizes: Uint32Array;
  readonly decodeTimes: Float64Array;
  readonly compositionOffsets: Int32Array;
  /** 1 where a decoder can start. */
  readonly keyframes: Uint8Array;
  /** How long the last one lasts. */
  readonly lastDuration: number;
  /** How many samples lie one behind the other, and where in the file they begin. */
  readonly chunkSamples: Uint32Array;
  readonly chunkOffsets: Float64Array;
};

/** A track with its samples. */
export type FullTrack = { readonly track: MovieTrack; readonly tables: SampleTables };

const MOVIE_TIMESCALE = 1000;
const MAX_SHORT_OFFSET = 2 ** 32;

/** The beginning of a plain MP4 (ISO/IEC 14496-12 §4.3). */
export function writePlainFileType(): Uint8Array {
  return box("ftyp", ascii("isom"), u32(0x200), ascii("isomiso2mp41"));
}

/** The head of an `mdat` of so many bytes; 16 bytes long in every case, so that it can be planned with. */
export function writeDataHead(bytes: number): Uint8Array {
  return joined([u32(1), ascii("mdat"), u64(bytes + 16)]);
}

/** Of everything that is shown, ms. */
export function movieDurationMs(tracks: readonly FullTrack[]): number {
  const zero = zeroOf(tracks);
  const ends = tracks.map(({ track, tables }) => secondsOf(track, endOf(tables)) - zero);
  return Math.max(0, Math.round(Math.max(0, ...ends) * 1000));
}

/**
 * The `moov` of a plain MP4 over the tracks of a fragmented one: their sample entries (with colour and the shape of the
 * pixels) are taken over byte for byte. The first picture is at 0: an edit list says so where pictures are reordered,
 * and cuts off or delays the sound by as much. `shift` is added to every offset.
 */
export function writeMovie(tracks: readonly FullTrack[], shift: number): Uint8Array {
  const duration = movieDurationMs(tracks);
  const zero = zeroOf(tracks);
  const nextId = Math.max(0, ...tracks.map(({ track }) => track.id)) + 1;
  const header = fullBox(
    "mvhd",
    0,
    0,
    u32(0, 0, MOVIE_TIMESCALE, duration, 0x10000),
    u16(0x100, 0),
    u32(0, 0, 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000, 0, 0, 0, 0, 0, 0, nextId),
  );
  return box("moov", header, ...tracks.map((one) => writeTrack(one, zero, shift)));
}

/** When the movie begins on the tracks' own clock, seconds: with the first picture, else the first sound. */
function zeroOf(tracks: readonly FullTrack[]): number {
  const first = tracks.find(({ track }) => track.kind === "video") ?? tracks[0];
  return first === undefined ? 0 : secondsOf(first.track, startOf(first.tables));
}

function writeTrack({ track, tables }: FullTrack, zero: number, shift: number): Uint8Array {
  const { trak, timescale } = track;
  const start = secondsOf(track, startOf(tables)) - zero;
  const shownMs = Math.max(
    0,
    Math.round((secondsOf(track, endOf(tables)) - zero - Math.max(0, start)) * 1000),
  );
  const delayMs = Math.max(0, Math.round(start * 1000));
  // Times in the tables begin at 0 with the first to be decoded.
  const base = tables.decodeTimes[0] ?? 0;
  const mediaTime = Math.max(0, Math.round((start < 0 ? zero * timescale : startOf(tables)) - base));

  const header = Uint8Array.from(contentOf(trak, "tkhd")); // a copy, also where it is a Buffer
  new DataView(header.buffer).setUint32(20, delayMs + shownMs); // version 0, as we write it
  const media = fullBox(
    "mdhd",
    1,
    0,
    u64(0),
    u64(0),
    u32(timescale),
    u64(Math.round(lastDecodeEnd(tables) - base)),
    u16(0x55c4, 0), // no language
  );
  const delay = delayMs > 0 ? [u32(delayMs, 0xffff_ffff, 0x10000)] : []; // -1: an empty edit
  const edits = fullBox("elst", 0, 0, u32(delay.length + 1), ...delay, u32(shownMs, mediaTime, 0x10000));
  const information = contentOf(trak, "mdia/minf");
  const kept = readBoxes(information).filter(({ type }) => type !== "stbl");
  const entries = box("stsd", contentOf(trak, "mdia/minf/stbl/stsd"));
  return box(
    "trak",
    box("tkhd", header),
    box("edts", edits),
    box(
      "mdia",
      media,
      box("hdlr", contentOf(trak, "mdia/hdlr")),
      box("minf", ...kept.map(({ whole }) => whole), box("stbl", entries, ...writeTables(tables, shift))),
    ),
  );
}

function writeTables(tables: SampleTables, shift: number): Uint8Array[] {
  const { sizes, compositionOffsets, keyframes, chunkSamples, chunkOffsets } = tables;
  const isReordered = compositionOffsets.some((offset) => offset !== 0);
  const sync = createNumberList(Uint32Array);
  for (let at = 0; at < keyframes.length; at += 1) if (keyframes[at] === 1) sync.push(at + 1);
  const isAllSync = sync.list().length === keyframes.length;
  const last = (chunkOffsets.at(-1) ?? 0) + shift;
  return [
    fullBox("stts", 0, 0, runTable(runsOf(durationsOf(tables)))),
    // Version 1: pictures may come before the time at which they are decoded (§8.6.1.3).
    ...(isReordered ? [fullBox("ctts", 1, 0, runTable(runsOf(compositionOffsets)))] : []),
    ...(isAllSync ? [] : [fullBox("stss", 0, 0, u32(sync.list().length), table(sync.list()))]),
    fullBox("stsc", 0, 0, chunkTable(runsOf(chunkSamples))),
    fullBox("stsz", 0, 0, u32(0, sizes.length), table(sizes)),
    last < MAX_SHORT_OFFSET
      ? fullBox("stco", 0, 0, u32(chunkOffsets.length), table(chunkOffsets.map((offset) => offset + shift)))
      : fullBox("co64", 0, 0, u32(chunkOffsets.length), longTable(chunkOffsets, shift)),
  ];
}

/** Lengths from one to the next: a pause of the encoder is a long picture. */
function durationsOf({ decodeTimes, lastDuration }: SampleTables): Float64Array {
  return decodeTimes.map((time, at) => {
    const next = decodeTimes[at + 1];
    return next === undefined ? lastDuration : Math.max(0, next - time);
  });
}

/** Equal values in a row: how many, which. */
type Runs = { readonly counts: Uint32Array; readonly values: Float64Array };

function runsOf(values: ArrayLike<number>): Runs {
  const counts = createNumberList(Uint32Array);
  const kept = createNumberList(Float64Array);
  let count = 0;
  for (let at = 0; at < values.length; at += 1) {
    count += 1;
    const value = values[at] ?? 0;
    if (values[at + 1] === value) continue;
    counts.push(count);
    kept.push(value);
    count = 0;
  }
  return { counts: counts.list(), values: kept.list() };
}

function runTable({ counts, values }: Runs): Uint8Array {
  const entries = numbers(1 + counts.length * 2);
  entries.set(0, counts.length);
  for (let at = 0; at < counts.length; at += 1) {
    entries.set(1 + at * 2, counts[at] ?? 0);
    entries.set(2 + at * 2, values[at] ?? 0);
  }
  return entries.bytes;
}

/** From which chunk on there are how many samples in each (§8.7.4). */
function chunkTable({ counts, values }: Runs): Uint8Array {
  const entries = numbers(1 + counts.length * 3);
  entries.set(0, counts.length);
  let first = 1;
  for (let at = 0; at < counts.length; at += 1) {
    entries.set(1 + at * 3, first);
    entries.set(2 + at * 3, values[at] ?? 0);
    entries.set(3 + at * 3, 1); // the one sample entry
    first += counts[at] ?? 0;
  }
  return entries.bytes;
}

function table(values: ArrayLike<number>): Uint8Array {
  const entries = numbers(values.length);
  for (let at = 0; at < values.length; at += 1) entries.set(at, values[at] ?? 0);
  return entries.bytes;
}

function longTable(offsets: Float64Array, shift: number): Uint8Array {
  const bytes = new Uint8Array(offsets.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [at, offset] of offsets.entries()) view.setBigUint64(at * 8, BigInt(offset + shift));
  return bytes;
}

/** Room for so many numbers of four bytes: a table of hours is too long to be handed on as arguments. */
function numbers(count: number): { readonly bytes: Uint8Array; set(at: number, value: number): void } {
  const bytes = new Uint8Array(count * 4);
  const view = new DataView(bytes.buffer);
  return { bytes, set: (at, value) => view.setUint32(at * 4, value >>> 0) };
}

/** When the first one to be shown is shown, in the track's units. Reordering is within a second of the beginning. */
function startOf({ decodeTimes, compositionOffsets }: SampleTables): number {
  let start = Number.POSITIVE_INFINITY;
  for (let at = 0; at < Math.min(decodeTimes.length, MAX_REORDERED); at += 1)
    start = Math.min(start, (decodeTimes[at] ?? 0) + (compositionOffsets[at] ?? 0));
  return Number.isFinite(start) ? start : 0;
}

const MAX_REORDERED = 64;

function endOf(tables: SampleTables): number {
  const { decodeTimes, compositionOffsets, lastDuration } = tables;
  let end = 0;
  for (let at = Math.max(0, decodeTimes.length - MAX_REORDERED); at < decodeTimes.length; at += 1)
    end = Math.max(end, (decodeTimes[at] ?? 0) + (compositionOffsets[at] ?? 0) + lastDuration);
  return end;
}

function lastDecodeEnd({ decodeTimes, lastDuration }: SampleTables): number {
  return (decodeTimes.at(-1) ?? 0) + lastDuration;
}

function secondsOf({ timescale }: MovieTrack, time: number): number {
  return time / timescale;
}
