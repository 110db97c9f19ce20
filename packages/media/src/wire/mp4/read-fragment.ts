import { ByteReader } from "../byte-reader.js";
import { ProtocolError } from "../protocol-error.js";
import { contentOf, readBoxes } from "./read-box.js";

/** Samples of one track in a fragment, as `writeFragment` writes them. */
export type ReadRun = {
  readonly trackId: number;
  readonly baseDecodeTime: number;
  /** From the first byte of `moof`. */
  readonly dataOffset: number;
  readonly samples: readonly ReadSample[];
};

/** One sample's line in its run. */
export type ReadSample = {
  readonly duration: number;
  readonly bytes: number;
  readonly isKeyframe: boolean;
  readonly compositionOffset: number;
};

const DEFAULT_BASE_IS_MOOF = 0x02_0000;
const NEEDED = 0x1 | 0x100 | 0x200 | 0x400; // offset; duration, size, flags of each sample
const COMPOSITION_OFFSET = 0x800;
const IS_NO_SYNC_SAMPLE = 0x1_0000;

/** Reads a `moof` (its content) that `writeFragment` wrote: one run a track, everything said of each sample. */
export function parseFragment(moof: Uint8Array): ReadRun[] {
  return readBoxes(moof)
    .filter(({ type }) => type === "traf")
    .map(({ content }) => parseTrackFragment(content));
}

function parseTrackFragment(traf: Uint8Array): ReadRun {
  const header = new ByteReader("mp4", contentOf(traf, "tfhd"));
  if (header.u32() !== DEFAULT_BASE_IS_MOOF) throw new ProtocolError("mp4", "a tfhd that we do not write");
  const trackId = header.u32();
  const time = new ByteReader("mp4", contentOf(traf, "tfdt"));
  if (time.u8() !== 1) throw new ProtocolError("mp4", "a tfdt that we do not write");
  time.skip(3);
  const baseDecodeTime = time.u32() * 2 ** 32 + time.u32();
  if (baseDecodeTime > Number.MAX_SAFE_INTEGER) throw new ProtocolError("mp4", "a time beyond all times");

  const run = new ByteReader("mp4", contentOf(traf, "trun"));
  const flags = run.u32() & 0xff_ffff;
  const hasOffsets = (flags & COMPOSITION_OFFSET) !== 0;
  if ((flags & ~COMPOSITION_OFFSET) !== NEEDED) throw new ProtocolError("mp4", "a trun that we do not write");
  const count = run.u32();
  const dataOffset = run.u32();
  if (count * (hasOffsets ? 16 : 12) > run.left)
    throw new ProtocolError("mp4", `${count} samples in ${run.left} bytes`);
  const samples: ReadSample[] = [];
  for (let index = 0; index < count; index += 1) {
    samples.push({
      duration: run.u32(),
      bytes: run.u32(),
      isKeyframe: (run.u32() & IS_NO_SYNC_SAMPLE) === 0,
      compositionOffset: hasOffsets ? run.u32() | 0 : 0, // signed, as the run's version 1 says
    });
  }
  return { trackId, baseDecodeTime, dataOffset, samples };
}
