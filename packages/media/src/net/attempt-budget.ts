/** How many failed attempts an address has left; what it knows of an address is forgotten after the window. */
export type AttemptBudget = {
  /** Counts one failed attempt. */
  spend(address: string): void;
  /** True when the address has had all its attempts in this window. */
  isSpent(address: string): boolean;
};

/** Addresses remembered at once. A flood from more than these makes the oldest forgotten: their window starts anew. */
const MAX_ADDRESSES = 10_000;

/** A budget of `attempts` per address in windows of `windowMs`, each beginning with its first failed attempt. */
export function attemptBudget(attempts: number, windowMs: number, now: () => number): AttemptBudget {
  const spent = new Map<string, { count: number; untilMs: number }>(); // in order of their windows' ends

  function current(address: string): { count: number; untilMs: number } | undefined {
    const entry = spent.get(address);
    if (entry === undefined || entry.untilMs > now()) return entry;
    spent.delete(address);
    return undefined;
  }

  return {
    spend(address) {
      const entry = current(address);
      if (entry !== undefined) {
        entry.count++;
        return;
      }
      if (spent.size >= MAX_ADDRESSES) {
        const oldest = spent.keys().next();
        if (!oldest.done) spent.delete(oldest.value);
      }
      spent.set(address, { count: 1, untilMs: now() + windowMs });
    },
    isSpent: (address) => (current(address)?.count ?? 0) >= attempts,
  };
}
