/** Finds out from presentation times how many frames a decoder has to hold back. */
export type ReorderWatch = {
  /** Takes the frames in decoding order; gives the deepest reordering seen so far. */
  see(pts: number, isKeyframe: boolean): number;
};

/** No codec here reorders over more frames (ITU-T H.264 §A.3.1: max_dec_frame_buffering is at most 16). */
const MAX_REORDER = 16;

/** For bitstreams that do not say it. A constant composition offset alone is no reordering: some encoders add one. */
export function startReorderWatch(): ReorderWatch {
  let recent: number[] = [];
  let deepest = 0;
  return {
    see(pts, isKeyframe) {
      if (isKeyframe) recent = [];
      const later = recent.filter((earlier) => earlier > pts).length;
      deepest = Math.max(deepest, later);
      recent.push(pts);
      if (recent.length > MAX_REORDER) recent.shift();
      return deepest;
    },
  };
}
