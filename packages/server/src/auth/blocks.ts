import type { Block } from "@colourstream/contract";

/** Addresses that get no answer. Held in memory: every request asks. */
export type Blocks = {
  isBlocked(address: string): boolean;
  list(): Promise<Block[]>;
  /** Throws `BlockRefusedError` for what is no address, for this machine, and for the address that asks. */
  add(
    wish: { readonly address: string; readonly reason: string; readonly expiresAt: number | null },
    by: "owner" | "limits",
    askedFrom: string | null,
  ): Promise<Block>;
  remove(id: string): Promise<Block | null>;
  /** Told of every address that is blocked from now on. */
  onBlocked(listener: (isTheirs: (address: string) => boolean) => void): void;
};

export function createBlocks(): Blocks {
  return {
    isBlocked: () => false,
    list: async () => [],
    add: notYet,
    remove: notYet,
    onBlocked: () => undefined,
  };
}
const notYet = (): never => {
  throw new Error("not built yet");
};
