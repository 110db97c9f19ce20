import { expect, test } from "vitest";
import { makeLink } from "./link.js";
import { seededRandom } from "./random.js";

function arrivals(conditions: Parameters<typeof makeLink>[0], count: number, everyMs = 1, seed = 7) {
  const link = makeLink(conditions, seededRandom(seed));
  return {
    link,
    times: Array.from({ length: count }, (_, index) => link.arrivalOf(1200, index * everyMs)),
  };
}

test("a link without faults hands packets on at once", () => {
  expect(arrivals({}, 3).times).toEqual([0, 1, 2]);
});

test("delay shifts every packet by the same time", () => {
  expect(arrivals({ delayMs: 30 }, 3).times).toEqual([30, 31, 32]);
});

test("jitter stays within its bounds and never changes the order", () => {
  const { times } = arrivals({ delayMs: 30, jitterMs: 10 }, 5000);
  const delays = times.map((time, index) => (time as number) - index);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(30);
  expect(Math.max(...delays)).toBeLessThanOrEqual(40);
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(5);
  for (let at = 1; at < times.length; at += 1)
    expect(times[at] as number).toBeGreaterThanOrEqual(times[at - 1] as number);
});

test("loss takes its share and is the same for the same seed", () => {
  const first = arrivals({ loss: 0.01 }, 20_000);
  expect(first.link.counts.lost).toBeGreaterThan(150);
  expect(first.link.counts.lost).toBeLessThan(250);
  expect(arrivals({ loss: 0.01 }, 20_000).times).toEqual(first.times);
  expect(arrivals({ loss: 0.01 }, 20_000, 1, 8).times).not.toEqual(first.times);
});

test("reordering lets later packets pass, and only when asked for", () => {
  const { times, link } = arrivals({ reorder: 0.05, reorderMs: 5 }, 1000);
  const overtaken = times.filter((time, at) => at > 0 && (time as number) < (times[at - 1] as number)).length;
  expect(overtaken).toBeGreaterThan(20);
  expect(link.counts.reordered).toBeGreaterThan(30);
});

test("a limited link queues, then drops what would wait too long", () => {
  const link = makeLink({ bitsPerSecond: 96_000, queueMs: 250 }, seededRandom(1));
  const burst = Array.from({ length: 5 }, () => link.arrivalOf(1200, 0)); // 1200 bytes take 100 ms each
  expect(burst).toEqual([100, 200, 300, null, null]);
  expect(link.counts.overflowed).toBe(2);
});

test("nothing passes during an outage and everything after it", () => {
  const link = makeLink({}, seededRandom(1));
  link.cutUntil(100);
  expect(link.arrivalOf(100, 99)).toBeNull();
  expect(link.arrivalOf(100, 100)).toBe(100);
});
