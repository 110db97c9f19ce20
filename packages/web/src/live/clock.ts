/** Time as the player and the realtime client see it; tests bring a virtual one. */
export type Clock = {
  /** Milliseconds since 1970, never going back while the page lives. */
  now(): number;
  /** Calls back once; returns how to cancel. */
  after(ms: number, call: () => void): () => void;
};

/** The browser's clock: wall time at page load plus the monotonic time since, to a fraction of a millisecond. */
export const browserClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
