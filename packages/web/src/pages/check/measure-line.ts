import { API_PREFIX, CHECK_BYTES_PATH, MAX_CHECK_BYTES } from "@colourstream/contract";

const FOR_MS = 4_000;
const AT_LEAST_MS = 1_500;
const WINDOW_MS = 300;
/** What comes in the first moment is TCP getting up to speed. */
const STARTING_MS = 400;
/** A line that gives so many times what is needed need not be loaded any longer. */
const PLENTY = 4;
/** A gigabit's worth in 4 s is not needed: such a line has plenty before. */
const MOST_LOADS = 4;

/** Gets bytes from the server; the body ends when they are there. */
export type Load = (bytes: number, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;

/** Loads for 4 s at most and tells the rate as it goes; null when nothing could be loaded. */
export async function measureLine(
  neededBitsPerSecond: number,
  onProgress: (bitsPerSecond: number) => void,
  outer: AbortSignal,
  load: Load = loadBytes,
  now: () => number = () => performance.now(),
): Promise<number | null> {
  const rates: number[] = [];
  const startedAt = now();
  let windowAt = startedAt;
  let windowBytes = 0;
  let allBytes = 0;
  const stop = new AbortController();
  const onOuter = () => stop.abort(outer.reason);
  outer.addEventListener("abort", onOuter);
  const timer = setTimeout(() => stop.abort(), FOR_MS);

  /** False when enough is known. */
  function take(bytes: number): boolean {
    const at = now();
    windowBytes += bytes;
    allBytes += bytes;
    const windowMs = at - windowAt;
    if (windowMs < WINDOW_MS) return true;
    const rate = (windowBytes * 8 * 1_000) / windowMs;
    windowAt = at;
    windowBytes = 0;
    if (at - startedAt >= STARTING_MS) rates.push(rate);
    onProgress(rate);
    const lasted = at - startedAt;
    return (
      lasted < FOR_MS && !(lasted >= AT_LEAST_MS && (typical(rates) ?? 0) > PLENTY * neededBitsPerSecond)
    );
  }

  const overall = () => (allBytes * 8 * 1_000) / Math.max(1, now() - startedAt);

  try {
    let isOn = true;
    for (let loads = 0; isOn && loads < MOST_LOADS; loads += 1) {
      const reader = (await load(MAX_CHECK_BYTES, stop.signal)).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        isOn = take(value.length);
        if (!isOn) break;
      }
      await reader.cancel();
      if (overall() > PLENTY * neededBitsPerSecond && allBytes >= MAX_CHECK_BYTES) break;
    }
  } catch (error) {
    if (outer.aborted) throw error;
  } finally {
    clearTimeout(timer);
    outer.removeEventListener("abort", onOuter);
    stop.abort();
  }
  return typical(rates) ?? (allBytes > 0 ? overall() : null);
}

/** The middle of the measures: neither a moment's halt nor a burst counts. */
function typical(rates: readonly number[]): number | null {
  return rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] ?? null;
}

async function loadBytes(bytes: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const answer = await fetch(`${API_PREFIX}${CHECK_BYTES_PATH}?bytes=${bytes}`, {
    signal,
    cache: "no-store",
  });
  if (!answer.ok || answer.body === null) throw new Error(`the server answered ${answer.status}`);
  return answer.body;
}
