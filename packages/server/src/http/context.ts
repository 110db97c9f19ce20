import type { Accounts } from "../auth/accounts.js";
import type { GuessLimits } from "../auth/attempts.js";
import type { Blocks } from "../auth/blocks.js";
import type { Passkeys, RelyingParty } from "../auth/passkeys.js";
import type { ServiceKeys } from "../auth/service-keys.js";
import type { Sessions } from "../auth/sessions.js";
import type { SetUp } from "../auth/set-up.js";
import type { Suspects } from "../auth/suspects.js";
import type { ApiTokens } from "../auth/tokens.js";
import type { Backups } from "../backups/backups.js";
import type { Bus } from "../bus/bus.js";
import type { Conference } from "../conference/conference.js";
import type { TalkLinks } from "../conference/talk-links.js";
import type { Config } from "../config.js";
import type { MediaEngine } from "../engine/engine.js";
import type { Journal } from "../journal.js";
import type { Bans } from "../rooms/bans.js";
import type { Chat } from "../rooms/chat.js";
import type { RoomDirectory } from "../rooms/directory.js";
import type { Door } from "../rooms/door.js";
import type { Expiry } from "../rooms/expiry.js";
import type { Invitations } from "../rooms/invitations.js";
import type { People } from "../rooms/people.js";
import type { Presence } from "../rooms/presence.js";
import type { Recordings } from "../rooms/recordings.js";
import type { Rooms } from "../rooms/rooms.js";
import type { Turns } from "../rooms/turns.js";
import type { RuntimeSettings } from "../settings.js";
import type { Store } from "../store/store.js";

/** What the product is made of, as the resources need it. Made in one place, by main. */
export type Product = {
  readonly config: Pick<
    Config,
    | "publicUrl"
    | "trustedProxies"
    | "databaseUrl"
    | "dataDir"
    | "stepUpMs"
    | "adminPassword"
    | "rtmpsFiles"
    | "turn"
    | "ome"
    | "mirotalk"
    | "metricsToken"
    | "requestLog"
    | "backups"
  >;
  readonly bus: Bus;
  readonly backups: Backups;
  readonly version: string;
  readonly store: Pick<Store, "version" | "auditReader" | "connections">;
  readonly setUp: SetUp;
  readonly passkeys: Passkeys;
  readonly accounts: Accounts;
  /** Asked late: with port 0 the origin is known only once the server listens. */
  readonly relyingParty: () => RelyingParty;
  readonly sessions: Sessions;
  readonly guesses: GuessLimits;
  readonly blocks: Blocks;
  readonly suspects: Suspects;
  readonly tokens: ApiTokens;
  readonly serviceKeys: ServiceKeys;
  readonly settings: RuntimeSettings;
  readonly directory: RoomDirectory;
  readonly rooms: Rooms;
  readonly people: People;
  readonly presence: Presence;
  readonly bans: Bans;
  readonly chat: Chat;
  readonly conference: Conference;
  readonly talkLinks: TalkLinks;
  readonly door: Door;
  readonly expiry: Expiry;
  /** One thing at a time in a room; the key is the room's id. */
  readonly inTurn: Turns;
  readonly invitations: Invitations;
  readonly recordings: Recordings;
  readonly engine: MediaEngine;
  readonly journal: Journal;
  /** Wall clock. */
  readonly startedAt: number;
  readonly wallClock: () => number;
};
