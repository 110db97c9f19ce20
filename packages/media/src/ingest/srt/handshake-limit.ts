/** How many handshakes of callers that have proved nothing yet are looked at. */
export type HandshakeLimit = {
  /** Counts one; false when there were too many within this second. */
  mayRead(address: string, port: number): boolean;
};

/** A caller asks 4 times a second. */
const PER_BUCKET = 128;

/** Each costs an HMAC and perhaps a datagram, together some 25 µs: a tenth of a core. */
const IN_ALL = 4_000;

const BUCKETS = 1024;

/**
 * Counts in a table of fixed size, so that a flood from invented addresses takes no memory. Which callers share a
 * bucket depends on `seed` and cannot be foreseen; the port counts too, so that nobody can shut out an encoder by sending
 * in its address's name.
 */
export function createHandshakeLimit(seed: Uint8Array, now: () => number): HandshakeLimit {
  const counts = new Uint16Array(BUCKETS);
  const start = seed.reduce((sum, byte) => (sum << 8) | byte, 0);
  let inAll = 0;
  let second = Number.NEGATIVE_INFINITY;

  return {
    mayRead(address, port) {
      const current = Math.floor(now() / 1000);
      if (current !== second) {
        second = current;
        inAll = 0;
        counts.fill(0);
      }
      const bucket = fnv1a(address, start ^ port) % BUCKETS;
      const count = counts[bucket] ?? 0;
      if (count >= PER_BUCKET || inAll >= IN_ALL) return false;
      counts[bucket] = count + 1;
      inAll++;
      return true;
    },
  };
}

function fnv1a(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
