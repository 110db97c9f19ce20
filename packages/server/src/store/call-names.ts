import type { Database } from "./database.js";

/** What MiroTalk calls the rooms' meetings. */
export type CallNameStore = {
  /** The room's name of now; `fresh` is kept where it has none. Null: there is no such room. */
  nameOf(roomId: string, fresh: string): Promise<string | null>;
  /** From now on it has this name. */
  rename(roomId: string, fresh: string): Promise<void>;
};

export function createCallNameStore(_database: Database): CallNameStore {
  const missing = async (): Promise<never> => {
    throw new Error("not built yet");
  };
  return { nameOf: missing, rename: missing };
}
