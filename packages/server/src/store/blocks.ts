import type { Database } from "./database.js";

/** A blocked address or net as kept. */
export type StoredBlock = {
  readonly id: string;
  /** In its shortest form. */
  readonly address: string;
  readonly reason: string;
  readonly byLimits: boolean;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
};

/** Blocked addresses as kept. */
export type BlockStore = {
  /** Newest first. */
  all(): Promise<StoredBlock[]>;
  /** Takes the place of an earlier block of the same address. */
  put(block: StoredBlock): Promise<StoredBlock>;
  /** Null when it was not there. */
  remove(id: string): Promise<StoredBlock | null>;
  removeOver(now: Date): Promise<number>;
};

export function createBlockStore(database: Database): BlockStore {
  return {
    all: () => database.blockedAddress.findMany({ orderBy: [{ createdAt: "desc" }, { id: "asc" }] }),
    put: ({ address, ...block }) =>
      database.blockedAddress.upsert({ where: { address }, create: { address, ...block }, update: block }),
    remove: async (id) => {
      const row = await database.blockedAddress.findUnique({ where: { id } });
      const removed = await database.blockedAddress.deleteMany({ where: { id } });
      return removed.count === 1 ? row : null;
    },
    removeOver: async (now) =>
      (await database.blockedAddress.deleteMany({ where: { expiresAt: { lte: now } } })).count,
  };
}
