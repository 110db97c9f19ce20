import type { ReadRange } from "./frame-rate.js";

/** Reads pieces of a file by ranges (RFC 9110 §14.2); past its end there is nothing. */
export function rangesOf(address: string, signal: AbortSignal): ReadRange {
  return async (start, length) => {
    const response = await fetch(address, {
      credentials: "same-origin",
      headers: { range: `bytes=${start}-${start + length - 1}` },
      signal,
    });
    if (response.status === 416) return new DataView(new ArrayBuffer(0));
    // An answer of 200 would be the whole film.
    if (response.status !== 206) throw new Error(`expected a part of the file (206), got ${response.status}`);
    return new DataView(await response.arrayBuffer());
  };
}
