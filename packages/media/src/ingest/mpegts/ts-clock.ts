import { type PesHeader, unwrapPesClock } from "../../wire/mpegts/pes.js";

/** Turns the 33-bit time stamps of a programme into ticks that do not wrap, the same for all its tracks. */
export type TsClock = {
  track(): {
    /** Null before the first stamp. A PES without one follows the last by as much as that followed the one before. */
    place(header: PesHeader): { readonly pts: number; readonly dts: number } | null;
  };
};

/** Starts at the first time stamp that any track brings. */
export function startTsClock(): TsClock {
  let reference: number | null = null;

  function unwrap(stamp: number): number {
    reference = reference === null ? stamp : unwrapPesClock(reference, stamp);
    return reference;
  }

  return {
    track() {
      let last: number | null = null;
      let step = 0;
      return {
        place({ pts, dts }) {
          const unwrapped = dts === null ? null : unwrap(dts);
          const at: number | null = unwrapped ?? (last === null ? null : last + step);
          if (at === null) return null;
          if (last !== null) step = at - last;
          last = at;
          return { dts: at, pts: pts === null ? at : unwrapPesClock(at, pts) };
        },
      };
    },
  };
}
