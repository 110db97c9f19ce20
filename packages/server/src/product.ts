import { readFileSync } from "node:fs";
import { createAccounts } from "./auth/accounts.js";
import { createGuessLimits } from "./auth/attempts.js";
import { createBlocks } from "./auth/blocks.js";
import { createPasskeys, type RelyingParty } from "./auth/passkeys.js";
import { createSessions } from "./auth/sessions.js";
import { createSetUp } from "./auth/set-up.js";
import { createApiTokens } from "./auth/tokens.js";
import { type Config, defaultKeyFile } from "./config.js";
import type { MediaEngine } from "./engine/engine.js";
import type { Product } from "./http/context.js";
import { createJournal } from "./journal.js";
import { createRoomDirectory, type RoomDirectory } from "./rooms/directory.js";
import { createInvitations } from "./rooms/invitations.js";
import { createPeople } from "./rooms/people.js";
import { createRooms } from "./rooms/rooms.js";
import { createSealer, openOwnKeyFile, readKeyFile } from "./secrets.js";
import type { Store } from "./store/store.js";

/** What a product is put together from. */
export type ProductParts = {
  readonly config: Config;
  readonly store: Store;
  /** Made from the rooms in memory, which the engine asks. */
  readonly engine: (directory: RoomDirectory) => MediaEngine;
  /** The origin of the links we give out, from the one that a request came to (null: the command line). */
  readonly linkBase: (origin: string | null) => string;
  /** Where passkeys work; asked late, as the port is. */
  readonly relyingParty: () => RelyingParty;
  readonly wallClock: () => number;
  warn(message: string, error: unknown): void;
};

/** This ColourStream's version. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;

/** Puts the product together over an open store: loads the rooms and joins what must know of each other. */
export async function createProduct(parts: ProductParts): Promise<Product> {
  const { config, store, wallClock, warn, linkBase } = parts;
  const key =
    config.secretKeyFile === null
      ? openOwnKeyFile(defaultKeyFile(config))
      : readKeyFile(config.secretKeyFile);
  const sealer = createSealer(await key);
  const directory = createRoomDirectory(await store.rooms.all());
  const engine = parts.engine(directory);
  const sessions = createSessions(store.sessions, wallClock, () => performance.now(), warn);
  const accounts = createAccounts();
  const people = createPeople();
  const rooms = createRooms({
    store: store.rooms,
    directory,
    sealer,
    sessions,
    engine,
    accounts,
    people,
    linkBase,
    wallClock,
  });

  sessions.onEnded(({ id }) => {
    engine.disconnect({ participantId: id }).catch((error) => warn("a viewer was not cut", error));
  });
  engine.on((news) => {
    const noted = (what: Promise<void>): void =>
      void what.catch((error) => warn("a take was not noted", error));
    if (news.is === "take-began") {
      const { sinceAt, ...take } = news.take;
      noted(store.takes.begin({ ...take, startedAt: new Date(sinceAt) }));
    }
    if (news.is === "take-ended") noted(store.takes.end(news.takeId, new Date(wallClock()), news.reason));
    if (news.is === "takes") noted(store.takes.endOthers(news.running, new Date(wallClock())));
  });

  return {
    config,
    version: VERSION,
    store,
    setUp: createSetUp(store.users, wallClock),
    passkeys: createPasskeys(),
    accounts,
    relyingParty: parts.relyingParty,
    sessions,
    guesses: createGuessLimits(() => performance.now()),
    blocks: createBlocks(),
    tokens: createApiTokens(),
    directory,
    rooms,
    people,
    invitations: createInvitations(),
    engine,
    journal: createJournal(store.audit, wallClock),
    wallClock,
  };
}
