import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { offerPasskeys } from "./autofill.js";
import { PasskeyProblem } from "./problem.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A browser that asks until it is stopped, or until `choose`. */
function browser() {
  let settle: { resolve: (json: object) => void; reject: (error: Error) => void } | null = null;
  const shown: unknown[] = [];
  return {
    shown,
    asking: {
      show: (options: object) =>
        new Promise<Record<string, unknown>>((resolve, reject) => {
          shown.push(options);
          settle = { resolve: (json) => resolve({ ...json }), reject };
        }),
      stop: vi.fn(() => settle?.reject(new PasskeyProblem("replaced"))),
    },
    choose: (json: object) => settle?.resolve(json),
    fail: (error: Error) => settle?.reject(error),
  };
}

function challenges() {
  let n = 0;
  return vi.fn(async () => ({ challenge: `c${++n}` }));
}

test("the passkey that is chosen comes back", async () => {
  const { asking, choose } = browser();
  const chosen = offerPasskeys(challenges(), new AbortController().signal, asking);
  await vi.advanceTimersByTimeAsync(1_000);
  choose({ id: "key" });
  await expect(chosen).resolves.toEqual({ id: "key" });
});

test("no challenge is offered for 5 minutes: a new one takes its place at 4", async () => {
  const { asking, shown, choose } = browser();
  const chosen = offerPasskeys(challenges(), new AbortController().signal, asking);
  await vi.advanceTimersByTimeAsync(3 * 4 * 60_000 + 1_000);
  expect(shown).toEqual([{ challenge: "c1" }, { challenge: "c2" }, { challenge: "c3" }, { challenge: "c4" }]);
  choose({ id: "key" });
  await expect(chosen).resolves.toEqual({ id: "key" });
  expect(vi.getTimerCount()).toBe(0);
});

test("a dialog that takes its place ends it quietly", async () => {
  const { asking } = browser();
  const begin = challenges();
  const chosen = offerPasskeys(begin, new AbortController().signal, asking);
  await vi.advanceTimersByTimeAsync(1_000);
  asking.stop();
  await expect(chosen).resolves.toBeNull();
  expect(begin).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

test("leaving the page stops the browser's asking", async () => {
  const { asking } = browser();
  const page = new AbortController();
  const chosen = offerPasskeys(challenges(), page.signal, asking);
  await vi.advanceTimersByTimeAsync(1_000);
  page.abort();
  await expect(chosen).resolves.toBeNull();
  expect(asking.stop).toHaveBeenCalledTimes(1);
});

test("a page that was left while the challenge was on its way asks nothing", async () => {
  const { asking, shown } = browser();
  const page = new AbortController();
  const begin = async () => {
    page.abort();
    return { challenge: "c1" };
  };
  await expect(offerPasskeys(begin, page.signal, asking)).resolves.toBeNull();
  expect(shown).toEqual([]);
});

test("another refusal of the browser's comes through", async () => {
  const { asking, fail } = browser();
  const chosen = offerPasskeys(challenges(), new AbortController().signal, asking);
  const refused = expect(chosen).rejects.toMatchObject({ code: "stopped" });
  await vi.advanceTimersByTimeAsync(1_000);
  fail(new PasskeyProblem("stopped"));
  await refused;
});
