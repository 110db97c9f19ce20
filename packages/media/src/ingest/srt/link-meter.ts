/** What became of the packets of the last ten seconds. */
export type LinkMeter = {
  /** A packet was handed on; `isRepaired`: it had to be sent again. */
  arrived(nowMs: number, isRepaired: boolean, bytes: number): void;
  /** Packets that were given up. */
  missed(nowMs: number, packets: number): void;
  percent(nowMs: number): { readonly lost: number; readonly missing: number };
  /** Over the last whole second. */
  rate(nowMs: number): { readonly packets: number; readonly bytes: number };
};

const SECONDS = 10;

type Second = { at: number; arrived: number; repaired: number; missed: number; bytes: number };

/** Starts with nothing counted. */
export function startLinkMeter(): LinkMeter {
  const seconds: Second[] = Array.from({ length: SECONDS + 1 }, () => emptySecond(Number.NEGATIVE_INFINITY));

  function second(nowMs: number): Second {
    const at = Math.floor(nowMs / 1000);
    const slot = ((at % seconds.length) + seconds.length) % seconds.length;
    let found = seconds[slot];
    if (found?.at !== at) {
      found = emptySecond(at);
      seconds[slot] = found;
    }
    return found;
  }

  return {
    arrived(nowMs, isRepaired, bytes) {
      const now = second(nowMs);
      now.arrived++;
      now.bytes += bytes;
      if (isRepaired) now.repaired++;
    },
    missed(nowMs, packets) {
      second(nowMs).missed += packets;
    },
    percent(nowMs) {
      const since = Math.floor(nowMs / 1000) - SECONDS;
      const recent = seconds.filter(({ at }) => at > since);
      const sum = (of: (one: Second) => number) => recent.reduce((total, one) => total + of(one), 0);
      const missed = sum((one) => one.missed);
      const all = sum((one) => one.arrived) + missed;
      if (all === 0) return { lost: 0, missing: 0 };
      return { lost: (100 * (sum((one) => one.repaired) + missed)) / all, missing: (100 * missed) / all };
    },
    rate(nowMs) {
      const before = Math.floor(nowMs / 1000) - 1;
      const found = seconds.find(({ at }) => at === before);
      return { packets: found?.arrived ?? 0, bytes: found?.bytes ?? 0 };
    },
  };
}

function emptySecond(at: number): Second {
  return { at, arrived: 0, repaired: 0, missed: 0, bytes: 0 };
}
