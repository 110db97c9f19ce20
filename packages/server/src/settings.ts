import type { Settings, SettingsChange } from "@colourstream/contract";

/** What can be changed while it runs. The environment's word counts before what is stored, that before the default. */
export type RuntimeSettings = {
  /** As they are now, from memory. */
  now(): Omit<Settings, "engine">;
  /** Throws `SettingRefusedError` naming the first setting that is wrong or fixed. On disk before it is answered. */
  change(change: SettingsChange): Promise<void>;
};
