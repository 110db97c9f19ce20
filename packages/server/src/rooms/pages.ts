const GRACE_MS = 3_000; // a page that is loaded anew is back by then, and nobody saw it go

/** Somebody's open pages in a room: two of them are one person. */
export type Pages = {
  /** One more has opened; call the answer when it has gone. */
  open(): () => void;
  /** Nobody counts any more. */
  end(): void;
};

/** Counts pages; `onGone` is called 3 s after the last one, where none has opened since. */
export function countPages(onGone: () => void): Pages {
  let count = 0;
  let leaving: NodeJS.Timeout | undefined;
  return {
    open: () => {
      clearTimeout(leaving);
      count += 1;
      let hasLeft = false;
      return () => {
        if (hasLeft) return;
        hasLeft = true;
        count -= 1;
        if (count > 0) return;
        leaving = setTimeout(onGone, GRACE_MS);
        leaving.unref();
      };
    },
    end: () => clearTimeout(leaving),
  };
}
