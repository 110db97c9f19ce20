import type { ByteReader } from "../byte-reader.js";
import { sequenceDistance } from "./sequence.js";

/** Packets from `first` to `last`, both included, that are missing. */
export type LossRange = readonly [first: number, last: number];

/** Says that the number beside it is the last one of a range. */
const RANGE = 0x80000000;

/** Reads a loss report's list (draft-sharabayko-srt Appendix A): as many ranges as there are, at most 364 in a datagram. */
export function parseLossList(list: ByteReader): LossRange[] {
  const ranges: LossRange[] = [];
  while (list.left >= 4) {
    const word = list.u32();
    if (word < RANGE) {
      ranges.push([word, word]);
      continue;
    }
    const first = word - RANGE;
    const last = list.u32();
    if (last >= RANGE) list.fail("a range whose end is the start of another one");
    if (sequenceDistance(first, last) < 0) list.fail(`a range that goes back, from ${first} to ${last}`);
    ranges.push([first, last]);
  }
  return ranges;
}

/** Writes a list; a range of one packet is one number. */
export function writeLossList(ranges: readonly LossRange[]): number[] {
  return ranges.flatMap(([first, last]) => (first === last ? [first] : [first + RANGE, last]));
}
