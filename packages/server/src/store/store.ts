import type pg from "pg";
import { type AuditReader, createAuditReader } from "./audit.js";
import type { BackupEnd } from "./backup/format.js";
import { type BackupAbout, writeBackup } from "./backup/write-backup.js";
import { type BanStore, createBanStore } from "./bans.js";
import { type BlockStore, createBlockStore } from "./blocks.js";
import { type CallNameStore, createCallNameStore } from "./call-names.js";
import { type ChallengeStore, createChallengeStore } from "./challenges.js";
import { type ChatStore, createChatStore } from "./chat.js";
import { type Database, databaseOver, poolTo } from "./database.js";
import type { DatabaseConfig } from "./database-config.js";
import { openEmbedded } from "./embedded/embedded.js";
import { examineServer, told } from "./examine-server.js";
import { createInvitationStore, type InvitationStore } from "./invitations.js";
import { type AuditStore, createAuditStore, createTakeStore, type TakeStore } from "./journal.js";
import { migrate } from "./migrate.js";
import { createPasskeyStore, type PasskeyStore } from "./passkeys.js";
import { createRecordingStore, type RecordingStore } from "./recordings.js";
import { createRoomStore, type RoomStore } from "./rooms.js";
import { createServiceKeyStore, type ServiceKeyStore } from "./service-keys.js";
import { createSessionStore, type SessionStore } from "./sessions.js";
import { createSettingStore, type SettingStore } from "./settings.js";
import { createTokenStore, type TokenStore } from "./tokens.js";
import { createUserStore, type UserStore } from "./users.js";

/** Everything that is remembered. */
export type Store = {
  readonly users: UserStore;
  readonly passkeys: PasskeyStore;
  readonly challenges: ChallengeStore;
  readonly sessions: SessionStore;
  readonly rooms: RoomStore;
  readonly invitations: InvitationStore;
  readonly takes: TakeStore;
  readonly recordings: RecordingStore;
  readonly audit: AuditStore;
  readonly auditReader: AuditReader;
  readonly bans: BanStore;
  readonly blocks: BlockStore;
  readonly tokens: TokenStore;
  readonly chat: ChatStore;
  readonly callNames: CallNameStore;
  readonly settings: SettingStore;
  readonly serviceKeys: ServiceKeyStore;
  /** The version of PostgreSQL, or null when it does not answer within the deadline. */
  version(deadlineMs: number): Promise<string | null>;
  /** All of it, as the text of a backup, a piece at a time. Stop early and it ends. */
  writeBackup(about: BackupAbout): AsyncGenerator<string, BackupEnd["rows"]>;
  /** The connections of this process: all of them, those in use by nobody, and who waits for one. */
  connections(): { readonly all: number; readonly idle: number; readonly waiting: number };
  close(): Promise<void>;
};

/** Where the data is: in the data directory, or on the server at `databaseUrl`. */
export type StorePlace = {
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  readonly database: DatabaseConfig;
};

/** Opens the embedded database, or the server at `databaseUrl`, and brings it up to date. */
export async function openStore(
  where: StorePlace,
  warn: (message: string, error: unknown) => void,
): Promise<Store> {
  const { pool, close } = await openPool(where, warn);
  const { databaseUrl, database } = where;
  return storeOver(pool, close).catch((error: unknown) => {
    throw databaseUrl === null ? error : told(error, { databaseUrl, database });
  });
}

/** Opens connections to either, and changes nothing there. Throws `DatabaseError` for a server that cannot be used. */
export async function openPool(
  where: StorePlace,
  warn: (message: string, error: unknown) => void,
): Promise<{ readonly pool: pg.Pool; readonly close: () => Promise<void> }> {
  const { databaseUrl, database } = where;
  if (databaseUrl === null) {
    const embedded = await openEmbedded(where.dataDir, (error) => warn("database maintenance failed", error));
    return { pool: embedded.pool, close: embedded.close };
  }
  const server = { databaseUrl, database };
  const pool = poolTo(server, (error) => warn("a database connection was lost", error));
  await examineServer(pool, server).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  return { pool, close: () => pool.end() };
}

/** The store over an open pool; closes what it was given when the migrations do not fit. */
export async function storeOver(pool: pg.Pool, closePool: () => Promise<void>): Promise<Store> {
  try {
    await migrate(pool);
  } catch (error) {
    await closePool();
    throw error;
  }
  const database: Database = databaseOver(pool);
  return {
    users: createUserStore(database),
    passkeys: createPasskeyStore(database),
    challenges: createChallengeStore(database),
    sessions: createSessionStore(database),
    rooms: createRoomStore(database),
    invitations: createInvitationStore(database),
    takes: createTakeStore(database),
    recordings: createRecordingStore(database),
    audit: createAuditStore(database),
    auditReader: createAuditReader(database),
    bans: createBanStore(database),
    blocks: createBlockStore(database),
    tokens: createTokenStore(database),
    chat: createChatStore(database),
    callNames: createCallNameStore(database),
    settings: createSettingStore(database),
    serviceKeys: createServiceKeyStore(database),
    writeBackup: (about) => writeBackup(pool, about),
    connections: () => ({ all: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    version: (deadlineMs) => readVersion(pool, deadlineMs),
    close: async () => {
      await database.$disconnect();
      await closePool();
    },
  };
}

async function readVersion(pool: pg.Pool, deadlineMs: number): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, deadlineMs, null);
  });
  const asked = pool.query<{ server_version: string }>("SHOW server_version").then(
    ({ rows }) => rows[0]?.server_version ?? null,
    () => null, // whatever keeps it from answering, the answer to "does it answer" is no
  );
  const version = await Promise.race([asked, tooLate]);
  clearTimeout(timer);
  return version;
}
