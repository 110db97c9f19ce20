import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { IceServers } from "@colourstream/contract";
import { machineAddresses } from "./addresses.js";
import { createAccounts } from "./auth/accounts.js";
import { createAttempts, createGuessLimits } from "./auth/attempts.js";
import { type Blocks, openBlocks } from "./auth/blocks.js";
import { createChallenges } from "./auth/challenges.js";
import { createPasskeys, type RelyingParty } from "./auth/passkeys.js";
import { openServiceKeys, type ServiceKeys } from "./auth/service-keys.js";
import { createSessions } from "./auth/sessions.js";
import { createSetUp } from "./auth/set-up.js";
import { createSuspects } from "./auth/suspects.js";
import { createApiTokens } from "./auth/tokens.js";
import { createBackups } from "./backups/backups.js";
import type { Bus } from "./bus/bus.js";
import { createBuiltinConference } from "./conference/builtin/builtin.js";
import { createSharedConference } from "./conference/builtin/shared.js";
import { createMiroTalkConference } from "./conference/mirotalk/mirotalk.js";
import { createMiroTalkRest } from "./conference/mirotalk/rest.js";
import { createTalkLinks } from "./conference/talk-links.js";
import { type Config, defaultKeyFile, replacesRelay } from "./config.js";
import { mayHost } from "./domain/permission.js";
import type { MediaEngine } from "./engine/engine.js";
import { createCallIce, createIceServers } from "./engine/ice-servers.js";
import type { Product } from "./http/context.js";
import { createJournal } from "./journal.js";
import { openBans } from "./rooms/bans.js";
import { createChat } from "./rooms/chat.js";
import { createRoomDirectory, type RoomDirectory } from "./rooms/directory.js";
import { createDoor } from "./rooms/door.js";
import { createExpiry } from "./rooms/expiry.js";
import { createInvitations } from "./rooms/invitations.js";
import { createPeople } from "./rooms/people.js";
import { createPresence } from "./rooms/presence.js";
import { createRecordings } from "./rooms/recordings.js";
import { createRooms, type RoomDefaults } from "./rooms/rooms.js";
import { createSharedChat } from "./rooms/shared-chat.js";
import { createSharedPeople } from "./rooms/shared-people.js";
import { createSharedPresence } from "./rooms/shared-presence.js";
import { createSrtAccess, type SrtAccess } from "./rooms/srt-access.js";
import { createTurns } from "./rooms/turns.js";
import { createSealer, openOwnKeyFile, readKeyFile, type Sealer } from "./secrets.js";
import type { RuntimeSettings } from "./settings.js";
import type { Store } from "./store/store.js";

/** What an engine is made over: the rooms and the block list, in memory, and the keys that the server signs with. */
export type EngineOver = {
  readonly rooms: RoomDirectory;
  readonly blocks: Pick<Blocks, "isBlocked">;
  readonly serviceKeys: ServiceKeys;
  readonly srtAccess: SrtAccess;
  /** STUN and TURN servers with credentials for one viewer. */
  readonly iceServers: (participantId: string) => IceServers;
  /** What credentials for the calls' relay are made with; null: TURN servers of the environment do its work. */
  readonly relay: { readonly secret: string } | null;
  /** Seals tickets that another process answers for. */
  readonly ticketKey: Uint8Array;
};

/** What a product is put together from. */
export type ProductParts = {
  readonly config: Config;
  readonly store: Store;
  readonly sealer: Sealer;
  readonly settings: RuntimeSettings;
  readonly bus: Bus;
  /** Made over what the engine asks, and what the server shows to it. */
  readonly engine: (over: EngineOver) => MediaEngine;
  /** The origin of the links we give out, from the one that a request came to (null: the command line). */
  readonly linkBase: (origin: string | null) => string;
  /** Where passkeys work; asked late, as the port is. */
  readonly relyingParty: () => RelyingParty;
  readonly wallClock: () => number;
  warn(message: string, error: unknown): void;
};

/** Lines of the audit log from all strangers together: they can come from as many addresses as they like. */
const WRONG_KEYS_NOTED = { count: 60, inMs: 60_000 };

const RELAY_SECRET_BYTES = 32;
const TICKET_KEY_BYTES = 32;

/** Where recordings are written. */
export function recordingsFolder({ dataDir }: Pick<Config, "dataDir">): string {
  return join(dataDir, "recordings");
}

/** This ColourStream's version. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;

/** Opens the key file, making it at the first start where the operator has not named one. */
export async function openSealer(config: Pick<Config, "secretKeyFile" | "dataDir">): Promise<Sealer> {
  const { secretKeyFile } = config;
  return createSealer(
    await (secretKeyFile === null ? openOwnKeyFile(defaultKeyFile(config)) : readKeyFile(secretKeyFile)),
  );
}

/** Puts the product together over an open store: loads the rooms and joins what must know of each other. */
export async function createProduct(parts: ProductParts): Promise<Product> {
  const { config, store, sealer, settings, bus, wallClock, warn, linkBase } = parts;
  const srtAccess = createSrtAccess(sealer);
  const directory = createRoomDirectory(await store.rooms.all(), srtAccess);
  const blocks = await openBlocks({
    store: store.blocks,
    wallClock,
    ownAddresses: machineAddresses,
    bus,
    warn,
  });
  const serviceKeys = await openServiceKeys(store.serviceKeys, sealer, wallClock, bus, warn);
  const iceServers = createIceServers(settings, wallClock);
  const relaySecret = Buffer.from(sealer.derive("relay", RELAY_SECRET_BYTES)).toString("base64url");
  const relay = replacesRelay(config) ? null : { secret: relaySecret };
  const ticketKey = sealer.derive("tickets", TICKET_KEY_BYTES);
  const engine = parts.engine({
    rooms: directory,
    blocks,
    serviceKeys,
    srtAccess,
    iceServers,
    relay,
    ticketKey,
  });
  settings.followedBy(() => engine.reconfigure());
  const journal = createJournal(store.audit, wallClock);
  const sessions = createSessions(store.sessions, wallClock, () => performance.now(), warn, bus);
  const accounts = createAccounts({
    users: store.users,
    known: await store.users.all(new Date(wallClock())),
    sessions,
    directory,
    wallClock,
    random: randomBytes,
    bus,
    warn,
  });
  const passkeys = createPasskeys({
    store: store.passkeys,
    users: store.users,
    challenges: createChallenges(store.challenges, wallClock, randomBytes),
    sessions,
    relyingParty: parts.relyingParty,
    wallClock,
    random: randomBytes,
  });
  const setUp = createSetUp({
    users: store.users,
    passkeys,
    adminPassword: config.adminPassword,
    know: accounts.know,
    wallClock,
  });
  const people = createSharedPeople(createPeople({ sessions, invitations: store.invitations }), bus);
  const inTurn = createTurns();
  const presence = createSharedPresence(createPresence({ wallClock }), bus);
  const bans = await openBans({ store: store.bans, wallClock, inTurn, bus, warn });
  const ownChat = createChat({
    store: store.chat,
    directory,
    presence,
    inTurn,
    wallClock,
    clock: () => performance.now(),
    random: randomBytes,
  });
  const chat = createSharedChat(ownChat, bus);
  const clock = (): number => performance.now();
  const conference =
    config.mirotalk === null
      ? createSharedConference(
          createBuiltinConference({
            ice: createCallIce(
              settings,
              iceServers,
              { port: () => engine.relayPort(), secret: relaySecret },
              wallClock,
            ),
            random: randomBytes,
            clock,
            warn,
          }),
          bus,
        )
      : createMiroTalkConference({
          config: config.mirotalk,
          rest: createMiroTalkRest(config.mirotalk),
          names: store.callNames,
          bus,
          random: randomBytes,
          clock,
          wallClock,
          warn,
        });
  const talkLinks = createTalkLinks({ linkBase, wallClock, bus });
  conference.onNews((roomId, id, sending) => presence.call(roomId, id, sending));
  const defaults = (): RoomDefaults => {
    const { newRoomWaitingRoom, newRoomWatermark, newRoomAutoRecord, newRoomDays, newInvitationDays } =
      settings.now();
    return {
      waitingRoom: newRoomWaitingRoom,
      watermark: newRoomWatermark,
      autoRecord: newRoomAutoRecord,
      days: newRoomDays,
      invitationDays: newInvitationDays,
    };
  };
  const recordings = createRecordings({
    folder: recordingsFolder(config),
    store: store.recordings,
    directory,
    engine,
    inTurn,
    journal,
    keep: () => {
      const { recordingsDays, recordingsDiskPercent } = settings.now();
      return { days: recordingsDays, diskPercent: recordingsDiskPercent };
    },
    wallClock,
    clock: () => performance.now(),
    bus,
    warn,
  });
  const rooms = createRooms({
    store: store.rooms,
    directory,
    sealer,
    sessions,
    engine,
    canTranscode: config.ome !== null && config.ome.universalApp !== null,
    srtAccess,
    recordings,
    accounts,
    people,
    inTurn,
    defaults,
    linkBase,
    wallClock,
    bus,
    warn,
  });
  const invitations = createInvitations({
    store: store.invitations,
    directory,
    sessions,
    people,
    sealer,
    inTurn,
    defaults,
    linkBase,
    wallClock,
  });

  sessions.onRoleChanged(({ id, roomId, role, isIn }) => {
    const isHost = mayHost({ role, isIn });
    presence.role(roomId, id, role, isHost);
    conference.roleChanged(roomId, id, role, isHost);
  });
  sessions.onEnded(({ id, why }) => {
    presence.end(id);
    conference.end(null, id, why === "left");
    talkLinks.end(id);
    const whose = { participantId: id, ...(why === "removed" && { isSentOut: true }) };
    engine.disconnect(whose).catch((error) => warn("a viewer was not cut", error));
  });
  blocks.onBlocked((isTheirs) => {
    engine.disconnectAddresses(isTheirs).catch((error) => warn("a blocked address was not cut", error));
  });
  rooms.onNews(({ is, room: { id } }) => {
    if (is === "deleted") bans.forget(id);
    if (is !== "closed" && is !== "deleted") return;
    conference.close(id);
    talkLinks.endOfRoom(id);
  });
  const suspects = createSuspects({
    clock: () => performance.now(),
    wallClock,
    blocks,
    sessions,
    blocked: (address, reason) =>
      journal.note("block.added", { actorId: null, address: null }, { detail: `${address}: ${reason}` }),
    warn,
  });
  const wrongKeysNoted = createAttempts(WRONG_KEYS_NOTED, () => performance.now());
  engine.on((news) => {
    const noted = (what: Promise<void>): void =>
      void what.catch((error) => warn("a take was not noted", error));
    if (news.is === "wrong-key") {
      suspects.note(news.address);
      if (wrongKeysNoted.take("all") !== null) return;
      journal
        .note(
          "publish.refused",
          { actorId: null, address: news.address },
          { detail: news.protocol.toUpperCase() },
        )
        .catch((error) => warn("a wrong stream key was not noted", error));
    }
    if (news.is === "take-began") {
      const { sinceAt, ...take } = news.take;
      noted(store.takes.begin({ ...take, startedAt: new Date(sinceAt) }));
    }
    if (news.is === "take-ended") noted(store.takes.end(news.takeId, new Date(wallClock()), news.reason));
    if (news.is === "takes") noted(store.takes.endOthers(news.running, new Date(wallClock())));
  });

  return {
    config,
    bus,
    backups: createBackups({
      ...{ config, store, sealer, journal, wallClock, warn },
      bus,
      version: VERSION,
    }),
    version: VERSION,
    store,
    setUp,
    passkeys,
    accounts,
    relyingParty: parts.relyingParty,
    sessions,
    guesses: createGuessLimits(() => performance.now(), suspects.note),
    blocks,
    suspects,
    tokens: createApiTokens(store.tokens, wallClock, warn),
    serviceKeys,
    settings,
    directory,
    rooms,
    people,
    presence,
    bans,
    chat,
    conference,
    talkLinks,
    door: createDoor({ directory, sessions, people, bans, inTurn, wallClock }),
    expiry: createExpiry({ directory, rooms, journal, wallClock }),
    inTurn,
    invitations,
    recordings,
    engine,
    journal,
    startedAt: wallClock(),
    wallClock,
  };
}
