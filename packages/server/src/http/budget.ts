import type { MonotonicClock } from "../auth/attempts.js";
import { household } from "../net/ip.js";

const PER_SECOND = 50; // a page's first load is some 15 files; a room's page asks less than once a second
const BURST = 400; // an office behind one address opens its pages at once
/** What an address may ask for: so many a second, and after a rest so many at once. */
export type Allowance = { readonly perSecond: number; readonly burst: number };

const MAX_ADDRESSES = 10_000;

/** Takes one request from an address's budget. False: it has none left. */
export type Budget = (address: string) => boolean;

/** A token bucket for each address (for IPv6 its /64), with a bounded memory. */
export function createBudget(
  clock: MonotonicClock,
  { perSecond, burst }: Allowance = { perSecond: PER_SECOND, burst: BURST },
): Budget {
  const buckets = new Map<string, { left: number; at: number }>();
  return (from) => {
    const address = household(from);
    const now = clock();
    const before = buckets.get(address) ?? { left: burst, at: now };
    const left = Math.min(burst, before.left + ((now - before.at) / 1000) * perSecond);
    const isEnough = left >= 1;
    buckets.delete(address);
    buckets.set(address, { left: isEnough ? left - 1 : left, at: now });
    const oldest = buckets.keys().next().value;
    if (buckets.size > MAX_ADDRESSES && oldest !== undefined) buckets.delete(oldest);
    return isEnough;
  };
}
