/** Time as it is passed in: the hub and the egress never ask the machine for it. */
export type Clock = {
  /** Monotonic milliseconds, the same count as `arrivedAtMs` (`performance.now()` in the engine). */
  now(): number;
  /** Wall clock, milliseconds since 1970; may jump. Only for what people or browsers see. */
  wall(): number;
  /** Calls `then` once after `ms`; the returned function cancels it. */
  after(ms: number, then: () => void): () => void;
};
