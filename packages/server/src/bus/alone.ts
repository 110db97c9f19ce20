import type { Bus } from "./bus.js";

/** The only process: there is nobody to tell, and it does everything. */
export function createAlone(self: string): Bus {
  return {
    self,
    others: () => [],
    say: () => undefined,
    hear: () => undefined,
    onOther: () => undefined,
    onGap: () => undefined,
    isFirst: () => true,
    onFirst: () => undefined,
    counts: () => ({ said: 0, heard: 0, dropped: 0, gaps: 0, reconnects: 0 }),
    close: async () => undefined,
  };
}
