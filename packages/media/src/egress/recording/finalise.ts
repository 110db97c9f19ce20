import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { createNumberList, type NumberList } from "../../wire/mp4/number-list.js";
import { contentOf } from "../../wire/mp4/read-box.js";
import { parseFragment, type ReadRun } from "../../wire/mp4/read-fragment.js";
import { type MovieTrack, parseMovie, parsePlainMovie } from "../../wire/mp4/read-movie.js";
import {
  type FullTrack,
  movieDurationMs,
  type SampleTables,
  writeDataHead,
  writeMovie,
  writePlainFileType,
} from "../../wire/mp4/write-movie.js";
import { ProtocolError } from "../../wire/protocol-error.js";
import { boxesOf, readAt } from "./file-reader.js";

const MAX_FRAGMENT_BYTES = 256 * 1024 * 1024; // ours are half a second; more is not ours, or damaged
const MAX_MOVIE_BYTES = 256 * 1024 * 1024; // four hours are 20 MB

/** What a fragmented file holds, up to where it is damaged. */
export type Fragmented = {
  readonly tracks: readonly FullTrack[];
  /** Contents of its `mdat`s, in order. */
  readonly data: readonly { readonly at: number; readonly bytes: number }[];
  readonly dataBytes: number;
  readonly durationMs: number;
};

type Growing = {
  readonly track: MovieTrack;
  readonly sizes: NumberList<Uint32Array>;
  readonly decodeTimes: NumberList<Float64Array>;
  readonly compositionOffsets: NumberList<Int32Array>;
  readonly keyframes: NumberList<Uint8Array>;
  readonly chunkSamples: NumberList<Uint32Array>;
  readonly chunkOffsets: NumberList<Float64Array>;
  lastDuration: number;
};

/** Reads where everything lies; the pictures themselves are not read. Null: not one whole fragment is there. */
export async function readFragmented(file: FileHandle): Promise<Fragmented | null> {
  const { size } = await file.stat();
  let tracks: Growing[] | null = null;
  let moof: { readonly at: number; readonly runs: readonly ReadRun[] } | null = null;
  const data: { at: number; bytes: number }[] = [];
  let dataBytes = 0;
  try {
    for await (const box of boxesOf(file, size)) {
      const bytes = box.endsAt - box.contentAt;
      if (bytes > MAX_FRAGMENT_BYTES) break;
      if (box.type === "moov") {
        tracks = parseMovie(await readAt(file, box.contentAt, bytes)).map(growing);
      } else if (box.type === "moof") {
        moof = { at: box.at, runs: parseFragment(await readAt(file, box.contentAt, bytes)) };
      } else if (box.type === "mdat" && moof !== null && tracks !== null) {
        // An offset counts from `moof`; in the plain file it counts from the first byte of all data.
        const shift = dataBytes + moof.at - box.contentAt;
        for (const run of moof.runs) addRun(tracks, run, shift, dataBytes + bytes);
        data.push({ at: box.contentAt, bytes });
        dataBytes += bytes;
        moof = null;
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error; // damaged from here on: what was read until now is good
  }
  if (tracks === null || data.length === 0) return null;
  const full = tracks.filter(({ sizes }) => sizes.list().length > 0).map(finished);
  return { tracks: full, data, dataBytes, durationMs: movieDurationMs(full) };
}

/** Writes the plain file, data and all, safe on disk; gives each track's hash over what was written as it was read. */
export async function writePlain(from: FileHandle, to: FileHandle, what: Fragmented): Promise<string[]> {
  const type = writePlainFileType();
  const head = writeDataHead(what.dataBytes);
  // The movie's length depends on the offsets only by whether they are long: planned with the largest there can be.
  let movie = writeMovie(what.tracks, type.length + head.length);
  for (let planned = 0; planned !== movie.length; ) {
    planned = movie.length;
    movie = writeMovie(what.tracks, type.length + planned + head.length);
  }
  let at = 0;
  const append = async (bytes: Uint8Array): Promise<void> => {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await to.write(bytes, done, bytes.length - done, at + done);
      done += bytesWritten;
    }
    at += bytes.length;
  };
  for (const part of [type, movie, head]) await append(part);
  const hashes = what.tracks.map(({ tables }) => trackHash(tables.sizes, tables.chunkSamples));
  let dataAt = 0;
  for (const { at: fromAt, bytes } of what.data) {
    const payload = await readAt(from, fromAt, bytes);
    for (const [index, { tables }] of what.tracks.entries()) hashes[index]?.take(payload, dataAt, tables);
    await append(payload);
    dataAt += bytes;
  }
  await to.sync();
  return hashes.map((hash) => hash.digest());
}

/** The hash of each track of a plain file, by its own tables: nothing of how it was made counts. */
export async function hashPlain(file: FileHandle): Promise<string[]> {
  const tracks = await readPlain(file);
  const digests: string[] = [];
  for (const { sizes, chunks } of tracks) {
    const hash = createHash("md5");
    let sample = 0;
    for (const chunk of chunks) {
      const inChunk = sizes.subarray(sample, sample + chunk.samples);
      const bytes = inChunk.reduce((sum, size) => sum + size, 0);
      if (bytes > MAX_FRAGMENT_BYTES) throw new ProtocolError("mp4", `a chunk of ${bytes} bytes`);
      hashSamples(hash, await readAt(file, chunk.offset, bytes), inChunk);
      sample += chunk.samples;
    }
    digests.push(hash.digest("hex"));
  }
  return digests;
}

/** The tracks of a plain file. Throws `ProtocolError` when it is none. */
export async function readPlain(file: FileHandle): Promise<ReturnType<typeof parsePlainMovie>> {
  const { size } = await file.stat();
  for await (const box of boxesOf(file, size)) {
    const bytes = box.endsAt - box.contentAt;
    if (box.type !== "moov" || bytes > MAX_MOVIE_BYTES) continue;
    return parsePlainMovie(await readAt(file, box.contentAt, bytes));
  }
  throw new ProtocolError("mp4", "a file without moov");
}

/** How long a plain file says that it is, ms. */
export async function plainDurationMs(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  for await (const box of boxesOf(file, size)) {
    if (box.type !== "moov") continue;
    const header = contentOf(await readAt(file, box.contentAt, box.endsAt - box.contentAt), "mvhd");
    return new DataView(header.buffer, header.byteOffset, header.length).getUint32(16);
  }
  return 0;
}

/** One track's samples as they come by in the file's order: chunks in order, each whole in one piece of data. */
function trackHash(sizes: Uint32Array, chunkSamples: Uint32Array) {
  const hash = createHash("md5");
  let chunk = 0;
  let sample = 0;
  return {
    take(payload: Buffer, payloadAt: number, { chunkOffsets }: SampleTables): void {
      for (;;) {
        const offset = (chunkOffsets[chunk] ?? Number.POSITIVE_INFINITY) - payloadAt;
        if (offset >= payload.length) return;
        const samples = chunkSamples[chunk] ?? 0;
        const inChunk = sizes.subarray(sample, sample + samples);
        hashSamples(hash, payload.subarray(offset), inChunk);
        sample += samples;
        chunk += 1;
      }
    },
    digest: () => hash.digest("hex"),
  };
}

/** Each sample behind its length, so that bytes cannot move from one to the next unseen. */
function hashSamples(hash: Hash, bytes: Buffer, sizes: Uint32Array): void {
  let at = 0;
  for (const size of sizes) {
    hash.update(`${size}:`);
    hash.update(bytes.subarray(at, at + size));
    at += size;
  }
}

function growing(track: MovieTrack): Growing {
  return {
    track,
    sizes: createNumberList(Uint32Array),
    decodeTimes: createNumberList(Float64Array),
    compositionOffsets: createNumberList(Int32Array),
    keyframes: createNumberList(Uint8Array),
    chunkSamples: createNumberList(Uint32Array),
    chunkOffsets: createNumberList(Float64Array),
    lastDuration: 0,
  };
}

function addRun(tracks: readonly Growing[], run: ReadRun, shift: number, dataEnd: number): void {
  const track = tracks.find((one) => one.track.id === run.trackId);
  if (track === undefined)
    throw new ProtocolError("mp4", `a fragment of track ${run.trackId}, which is none`);
  const offset = run.dataOffset + shift;
  const bytes = run.samples.reduce((sum, sample) => sum + sample.bytes, 0);
  if (offset < 0 || offset + bytes > dataEnd) throw new ProtocolError("mp4", "a run beyond its data");
  let time = run.baseDecodeTime;
  for (const sample of run.samples) {
    track.sizes.push(sample.bytes);
    track.decodeTimes.push(time);
    track.compositionOffsets.push(sample.compositionOffset);
    track.keyframes.push(sample.isKeyframe ? 1 : 0);
    track.lastDuration = sample.duration;
    time += sample.duration;
  }
  if (run.samples.length === 0) return;
  track.chunkSamples.push(run.samples.length);
  track.chunkOffsets.push(offset);
}

function finished({ track, lastDuration, ...lists }: Growing): FullTrack {
  return {
    track,
    tables: {
      sizes: lists.sizes.list(),
      decodeTimes: lists.decodeTimes.list(),
      compositionOffsets: lists.compositionOffsets.list(),
      keyframes: lists.keyframes.list(),
      lastDuration,
      chunkSamples: lists.chunkSamples.list(),
      chunkOffsets: lists.chunkOffsets.list(),
    },
  };
}

/** Opens a file for reading; null when it is not there. */
export async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
