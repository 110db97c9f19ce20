import { expect, test } from "vitest";
import { measureLine } from "./measure-line.js";

/** A line that gives 50 kB each time it is read, after so long. */
function line(msOfRead: (read: number) => number, bodyReads = 1_000) {
  let at = 0;
  let reads = 0;
  let loads = 0;
  const load = async () => {
    loads += 1;
    let left = bodyReads;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        at += msOfRead(reads++);
        if (left-- === 0) controller.close();
        else controller.enqueue(new Uint8Array(50_000));
      },
    });
  };
  return { load, now: () => at, loads: () => loads };
}
const never = new AbortController().signal;

test("a steady line gives its rate, and is loaded for 4 s where it is not ample", async () => {
  const { load, now } = line(() => 20);
  const told: number[] = [];
  const rate = await measureLine(10_000_000, (bits) => told.push(bits), never, load, now);
  expect(rate).toBeGreaterThan(19_000_000);
  expect(rate).toBeLessThan(21_000_000);
  expect(now()).toBeGreaterThan(3_900);
  expect(now()).toBeLessThan(4_500);
  expect(told.length).toBeGreaterThan(8);
});

test("an ample line is left alone after a second and a half", async () => {
  const { load, now } = line(() => 5);
  await measureLine(10_000_000, () => {}, never, load, now);
  expect(now()).toBeLessThan(2_100);
});

test("a slow beginning and a moment's halt do not count", async () => {
  const { load, now } = line((read) => (read < 2 ? 200 : read === 60 ? 600 : 20));
  const rate = await measureLine(10_000_000, () => {}, never, load, now);
  expect(rate).toBeGreaterThan(18_000_000);
});

test("a body that ends too soon is followed by another", async () => {
  const { load, now, loads } = line(() => 20, 50);
  await measureLine(10_000_000, () => {}, never, load, now);
  expect(loads()).toBeGreaterThan(2);
});

test("a server that gives nothing is no measure", async () => {
  const refuse = async (): Promise<never> => {
    throw new Error("the server answered 429");
  };
  expect(
    await measureLine(
      10_000_000,
      () => {},
      never,
      refuse,
      () => 0,
    ),
  ).toBeNull();
});

test("who leaves the page stops the measure", async () => {
  const leave = new AbortController();
  const load = async (): Promise<never> => {
    leave.abort(new Error("left"));
    throw new Error("aborted");
  };
  await expect(
    measureLine(
      1,
      () => {},
      leave.signal,
      load,
      () => 0,
    ),
  ).rejects.toThrow("aborted");
});
