import type { Database } from "./database.js";

/** The installation's settings as kept: text by name. */
export type SettingStore = {
  all(): Promise<ReadonlyMap<string, string>>;
  /** All or none. */
  put(settings: ReadonlyMap<string, string>): Promise<void>;
};

export function createSettingStore(database: Database): SettingStore {
  return {
    all: async () => {
      const rows = await database.setting.findMany();
      return new Map(rows.map(({ key, value }) => [key, value]));
    },
    put: async (settings) => {
      await database.$transaction(
        [...settings].map(([key, value]) =>
          database.setting.upsert({ where: { key }, create: { key, value }, update: { value } }),
        ),
      );
    },
  };
}
