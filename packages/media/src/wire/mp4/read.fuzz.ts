import type { FuzzTarget } from "../fuzz.js";
import { joined } from "./box.js";
import { writeFragment } from "./fragment.js";
import { FRAGMENTS, PLAIN_MOVIES } from "./read.cases.js";
import { readBoxes } from "./read-box.js";
import { parseFragment } from "./read-fragment.js";
import { parsePlainMovie } from "./read-movie.js";

/** A `moov` of a plain file, as it is read back to compare it with what was recorded. */
const movie: FuzzTarget = {
  name: "mp4 movie",
  seeds: PLAIN_MOVIES.map(([, bytes]) => bytes),
  run: (input) => {
    for (const { sizes, chunks } of parsePlainMovie(input)) {
      const inChunks = chunks.reduce((sum, chunk) => sum + chunk.samples, 0);
      if (inChunks !== sizes.length) throw new Error(`${inChunks} samples in chunks of ${sizes.length}`);
    }
  },
};

/** A `moof`, perhaps cut off or overwritten when the machine went down. */
const fragment: FuzzTarget = {
  name: "mp4 fragment",
  seeds: FRAGMENTS.map(([, given]) => joined(writeFragment(given)).subarray(8)),
  run: (input) => {
    for (const run of parseFragment(input)) {
      if (run.samples.length * 12 > input.length) throw new Error("more samples than bytes could say");
    }
  },
};

/** Boxes behind each other: together they are as long as what they were read from. */
const boxes: FuzzTarget = {
  name: "mp4 boxes",
  seeds: PLAIN_MOVIES.map(([, bytes]) => bytes),
  run: (input) => {
    const length = readBoxes(input).reduce((sum, { whole }) => sum + whole.length, 0);
    if (length !== input.length) throw new Error(`boxes of ${length} bytes in ${input.length}`);
  },
};

export const targets: readonly FuzzTarget[] = [movie, fragment, boxes];
