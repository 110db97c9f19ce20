import { ascii, box, fullBox, joined, u32, u64 } from "./box.js";

/** One coded picture or one frame of sound. Times in the track's units. */
export type Sample = {
  readonly duration: number;
  readonly isKeyframe: boolean;
  /** Presentation time less decoding time; above or below 0 where pictures are reordered. */
  readonly compositionOffset: number;
  /** Its bytes, one piece after the other. */
  readonly pieces: readonly Uint8Array[];
};

/** Samples of one track that follow each other in decoding order. */
export type Run = {
  readonly trackId: number;
  /** Decoding time of the first sample. */
  readonly baseDecodeTime: number;
  readonly samples: readonly Sample[];
};

/** Flags of a sample (ISO/IEC 14496-12 §8.8.3.1): it depends on none; it depends on others and is no sync sample. */
const KEYFRAME_FLAGS = 0x0200_0000;
const OTHER_FLAGS = 0x0101_0000;

const DEFAULT_BASE_IS_MOOF = 0x02_0000;

/** Fields of a track run (ISO/IEC 14496-12 §8.8.8). */
const TRUN = {
  dataOffset: 0x1,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  compositionOffset: 0x800,
} as const;

/**
 * A fragment (moof and mdat, ISO/IEC 14496-12 §8.8): its headers first, then the samples' own pieces, not copied.
 * Runs without samples are left out.
 */
export function writeFragment(fragment: {
  readonly sequence: number;
  readonly runs: readonly Run[];
}): Uint8Array[] {
  const runs = fragment.runs.filter((run) => run.samples.length > 0);
  const sizes = runs.map((run) => run.samples.map(sizeOf));
  const lengthOf = (index: number) => (sizes[index] ?? []).reduce((sum, size) => sum + size, 0);

  const movieFragment = (headerLength: number): Uint8Array => {
    let dataAt = headerLength + 8; // mdat's own header
    const tracks = runs.map((run, index) => {
      const written = trackFragment(run, sizes[index] ?? [], dataAt);
      dataAt += lengthOf(index);
      return written;
    });
    return box("moof", fullBox("mfhd", 0, 0, u32(fragment.sequence)), ...tracks);
  };
  const header = movieFragment(movieFragment(0).length); // where the data begins depends on the header's length only
  const dataLength = runs.reduce((sum, _run, index) => sum + lengthOf(index), 0);
  const dataHeader = joined([u32(dataLength + 8), ascii("mdat")]);
  return [header, dataHeader, ...runs.flatMap((run) => run.samples.flatMap((sample) => sample.pieces))];
}

function trackFragment(run: Run, sizes: readonly number[], dataOffset: number): Uint8Array {
  const isReordered = run.samples.some((sample) => sample.compositionOffset !== 0);
  const flags =
    TRUN.dataOffset | TRUN.duration | TRUN.size | TRUN.flags | (isReordered ? TRUN.compositionOffset : 0);
  const fields = run.samples.flatMap((sample, index) => [
    sample.duration,
    sizes[index] ?? 0,
    sample.isKeyframe ? KEYFRAME_FLAGS : OTHER_FLAGS,
    ...(isReordered ? [sample.compositionOffset] : []),
  ]);
  return box(
    "traf",
    fullBox("tfhd", 0, DEFAULT_BASE_IS_MOOF, u32(run.trackId)),
    fullBox("tfdt", 1, 0, u64(run.baseDecodeTime)),
    fullBox("trun", 1, flags, u32(run.samples.length, dataOffset, ...fields)), // version 1: offsets have a sign
  );
}

function sizeOf(sample: Sample): number {
  return sample.pieces.reduce((sum, piece) => sum + piece.length, 0);
}
