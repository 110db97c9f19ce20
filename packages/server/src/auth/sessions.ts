import { randomBytes } from "node:crypto";
import { makeId } from "../domain/room.js";
import { hashKey, hashSecret, randomSecret } from "../secrets.js";
import type { SessionHolder, SessionStore, StoredSession } from "../store/sessions.js";
import type { StoredUser } from "../store/users.js";
import type { MonotonicClock } from "./attempts.js";

const HOUR_MS = 3_600_000;

// The plan for people with an account is 12 h idle and 7 d in all. Until the passkey issue is built a session that has
// ended can only be had again by a command on the machine: so for now it is 30 d in all and no idle limit.
const USER_SESSION_MS = 30 * 24 * HOUR_MS;
const PARTICIPANT_SESSION_MS = 24 * HOUR_MS;
const CACHE_MS = 60_000; // for how long a session stays good while the database is away
const TOUCH_EVERY_MS = 5 * 60_000;
const MAX_CACHED = 10_000;
const TOKEN = /^[A-Za-z0-9_-]{43}$/; // 32 bytes

/** Who is asking. */
export type LiveSession = {
  readonly id: string;
  readonly holder: SessionHolder;
  /** Wall clock, milliseconds since 1970. */
  readonly expiresAt: number;
};

/** A new session with the secret for its cookie: the only time it is in the clear. */
export type StartedSession = { readonly session: LiveSession; readonly token: string };

/** Why a session ended before its time. */
export type SessionEnd = "session-ended" | "archived" | "deleted";

/** Logins and seats. Ending one here counts at once: no copy of it lives anywhere else in this process. */
export type Sessions = {
  startUser(user: StoredUser): Promise<StartedSession>;
  /** Null when the room has just gone. */
  startParticipant(roomId: string, name: string): Promise<StartedSession | null>;
  find(token: string): Promise<LiveSession | null>;
  end(session: LiveSession): Promise<void>;
  endOfRoom(roomId: string, why: SessionEnd): Promise<void>;
  /** Told of every session that ends before its time. */
  onEnded(listener: (ended: { id: string; roomId: string | null; why: SessionEnd }) => void): void;
};

type Cached = { session: LiveSession; cachedAt: number; touchedAt: number };

export function createSessions(
  store: SessionStore,
  wallClock: () => number,
  clock: MonotonicClock,
  warn: (message: string, error: unknown) => void,
): Sessions {
  const cache = new Map<string, Cached>();
  /** Ended while the database was being asked about them: they must not be cached by that answer. */
  let generation = 0;
  const listeners: Parameters<Sessions["onEnded"]>[0][] = [];

  const remember = (key: string, session: LiveSession, touchedAt: number): void => {
    cache.set(key, { session, cachedAt: clock(), touchedAt });
    const oldest = cache.keys().next().value;
    if (cache.size > MAX_CACHED && oldest !== undefined) cache.delete(oldest);
  };

  const forget = (ids: ReadonlySet<string>): void => {
    generation += 1;
    for (const [key, { session }] of cache) if (ids.has(session.id)) cache.delete(key);
  };

  const start = async (
    holder: SessionHolder,
    who: { userId: string } | { roomId: string; participantName: string },
    lifetimeMs: number,
  ): Promise<StartedSession | null> => {
    const token = randomSecret(32);
    const now = wallClock();
    const session: LiveSession = { id: makeId(randomBytes), holder, expiresAt: now + lifetimeMs };
    const kept = await store.add({
      id: session.id,
      tokenHash: hashSecret(token),
      expiresAt: new Date(session.expiresAt),
      now: new Date(now),
      ...who,
    });
    return kept ? { session, token } : null;
  };

  const touch = (cached: Cached): void => {
    if (clock() - cached.touchedAt < TOUCH_EVERY_MS) return;
    cached.touchedAt = clock();
    store
      .touch(cached.session.id, new Date(wallClock()))
      .catch((error) => warn("a session was not touched", error));
  };

  return {
    startUser: async (user) => {
      const started = await start({ kind: "user", user }, { userId: user.id }, USER_SESSION_MS);
      if (started === null) throw new Error(`the user ${user.id} has gone`);
      return started;
    },
    startParticipant: (roomId, name) =>
      start({ kind: "participant", roomId, name }, { roomId, participantName: name }, PARTICIPANT_SESSION_MS),

    find: async (token) => {
      if (!TOKEN.test(token)) return null;
      const key = hashKey(token);
      const cached = cache.get(key);
      if (cached !== undefined && clock() - cached.cachedAt < CACHE_MS) {
        touch(cached);
        return cached.session.expiresAt > wallClock() ? cached.session : null;
      }
      cache.delete(key);
      const askedIn = generation;
      const stored = await store.byToken(hashSecret(token));
      if (stored === null || stored.expiresAt.getTime() <= wallClock()) return null;
      const session = sessionFrom(stored);
      if (askedIn !== generation) return (await store.byToken(hashSecret(token))) === null ? null : session;
      remember(key, session, cached?.touchedAt ?? Number.NEGATIVE_INFINITY);
      return session;
    },

    end: async (session) => {
      await store.remove(session.id);
      forget(new Set([session.id]));
      const roomId = session.holder.kind === "participant" ? session.holder.roomId : null;
      for (const listener of listeners) listener({ id: session.id, roomId, why: "session-ended" });
    },
    endOfRoom: async (roomId, why) => {
      const ids = new Set(await store.removeOfRoom(roomId));
      for (const { session } of cache.values()) {
        if (session.holder.kind === "participant" && session.holder.roomId === roomId) ids.add(session.id);
      }
      forget(ids);
      for (const id of ids) for (const listener of listeners) listener({ id, roomId, why });
    },
    onEnded: (listener) => {
      listeners.push(listener);
    },
  };
}

function sessionFrom({ id, holder, expiresAt }: StoredSession): LiveSession {
  return { id, holder, expiresAt: expiresAt.getTime() };
}
