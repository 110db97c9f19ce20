/** How many questions of those who have proved nothing yet are looked at. */
export type FloodLimit = {
  /** Counts one from there; false when there were too many within this second. */
  mayRead(from: string): boolean;
};

/** Questions within a second. */
export type FloodBounds = {
  /** From one place, and from all that share its bucket. */
  readonly perBucket: number;
  readonly inAll: number;
};

const BUCKETS = 1024;

/**
 * Counts in a table of fixed size, so that a flood from invented addresses takes no memory. Which places share a bucket
 * depends on `seed` and cannot be foreseen.
 */
export function createFloodLimit(
  { perBucket, inAll }: FloodBounds,
  seed: Uint8Array,
  now: () => number,
): FloodLimit {
  const counts = new Uint16Array(BUCKETS);
  const start = seed.reduce((sum, byte) => (sum << 8) | byte, 0);
  let together = 0;
  let second = Number.NEGATIVE_INFINITY;

  return {
    mayRead(from) {
      const current = Math.floor(now() / 1000);
      if (current !== second) {
        second = current;
        together = 0;
        counts.fill(0);
      }
      const bucket = fnv1a(from, start) % BUCKETS;
      const count = counts[bucket] ?? 0;
      if (count >= perBucket || together >= inAll) return false;
      counts[bucket] = count + 1;
      together++;
      return true;
    },
  };
}

function fnv1a(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
