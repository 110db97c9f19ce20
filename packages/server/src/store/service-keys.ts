import type { Database } from "./database.js";

/** A signing key as kept: sealed. */
export type StoredServiceKey = {
  /** Its `kid`. */
  readonly id: string;
  readonly sealedKey: Uint8Array<ArrayBuffer>;
  readonly createdAt: Date;
};

/** Signing keys as kept. */
export type ServiceKeyStore = {
  /** Newest first. */
  all(): Promise<StoredServiceKey[]>;
  /** Adds one and lets all go but it and the `keep` newest others. */
  add(key: StoredServiceKey, keep: number): Promise<void>;
};

export function createServiceKeyStore(database: Database): ServiceKeyStore {
  const orderBy = [{ createdAt: "desc" }, { id: "desc" }] as const;
  return {
    all: async () => {
      const rows = await database.serviceKey.findMany({ orderBy: [...orderBy] });
      return rows.map(({ id, sealedKey, createdAt }) => ({ id, sealedKey, createdAt }));
    },
    add: (key, keep) =>
      database.$transaction(async (tx) => {
        const others = await tx.serviceKey.findMany({ orderBy: [...orderBy], select: { id: true } });
        const gone = others.slice(keep).map(({ id }) => id);
        await tx.serviceKey.deleteMany({ where: { id: { in: gone } } });
        await tx.serviceKey.create({ data: key });
      }),
  };
}
