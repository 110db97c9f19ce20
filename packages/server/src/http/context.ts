import type { GuessLimits } from "../auth/attempts.js";
import type { Sessions } from "../auth/sessions.js";
import type { SetUp } from "../auth/set-up.js";
import type { Config } from "../config.js";
import type { MediaEngine } from "../engine/engine.js";
import type { Journal } from "../journal.js";
import type { RoomDirectory } from "../rooms/directory.js";
import type { Rooms } from "../rooms/rooms.js";
import type { Store } from "../store/store.js";

/** What the product is made of, as the resources need it. Made in one place, by main. */
export type Product = {
  readonly config: Pick<Config, "publicUrl" | "publicAddress" | "trustedProxies" | "dataDir">;
  readonly version: string;
  readonly store: Pick<Store, "version">;
  readonly setUp: SetUp;
  readonly sessions: Sessions;
  readonly guesses: GuessLimits;
  readonly directory: RoomDirectory;
  readonly rooms: Rooms;
  readonly engine: MediaEngine;
  readonly journal: Journal;
  readonly wallClock: () => number;
};
