import type { Bus } from "./bus.js";

const AGAIN_MS = 1_000;

/**
 * Has a copy read again after every gap, and until that has worked. A gap while it is read asks for one more time: what
 * was read may be from before. The answer asks for it like a gap does, where a part of it could not be read.
 */
export function rereadAfterGaps(
  bus: Pick<Bus, "onGap">,
  read: () => Promise<void>,
  onFailed: (error: unknown) => void,
): () => void {
  let due = 0;
  let isReading = false;
  const go = async (): Promise<void> => {
    isReading = true;
    while (due > 0) {
      const asked = due;
      try {
        await read();
        due = due === asked ? 0 : 1;
      } catch (error) {
        onFailed(error);
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref());
      }
    }
    isReading = false;
  };
  const ask = (): void => {
    due += 1;
    if (!isReading) void go();
  };
  bus.onGap(ask);
  return ask;
}
