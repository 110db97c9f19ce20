/** Whether a sign that something ends has always been right so far. */
export type Trust = {
  /** What was found out about one sign: it was right, or it was not. */
  see(wasRight: boolean): void;
  isEarned(): boolean;
};

/** So many signs in a row have to be right; one that is wrong ends the trust for good. */
const RIGHT_IN_A_ROW = 8;

/** Starts without trust. */
export function startTrust(): Trust {
  let right = 0;
  let isBroken = false;
  return {
    see(wasRight) {
      if (wasRight) right = Math.min(right + 1, RIGHT_IN_A_ROW);
      else isBroken = true;
    },
    isEarned: () => !isBroken && right >= RIGHT_IN_A_ROW,
  };
}
