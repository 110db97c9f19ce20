/** A token bucket: what may pass now. */
export type Rate = { take(amount: number): boolean };

/** Fills by `perSecond`, holds `burst` at most and begins full. */
export function createRate(perSecond: number, burst: number, now: () => number): Rate {
  let left = burst;
  let at = now();
  return {
    take(amount) {
      const current = now();
      left = Math.min(burst, left + ((current - at) * perSecond) / 1000);
      at = current;
      if (left < amount) return false;
      left -= amount;
      return true;
    },
  };
}
