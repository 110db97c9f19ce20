import { randomBytes } from "node:crypto";
import type { ClosedReason, SeatRole } from "@colourstream/contract";
import type { Bus, Said } from "../bus/bus.js";
import { makeId } from "../domain/room.js";
import { hashKey, hashSecret, randomSecret } from "../secrets.js";
import type {
  Device,
  SeatHolder,
  SeatRefusal,
  SeatTerms,
  SessionHolder,
  SessionStore,
  StoredSession,
} from "../store/sessions.js";
import type { StoredUser } from "../store/users.js";
import type { MonotonicClock } from "./attempts.js";

const HOUR_MS = 3_600_000;
const USER_SESSION_MS = 7 * 24 * HOUR_MS;
const USER_IDLE_MS = 12 * HOUR_MS;
const ENROL_SESSION_MS = 15 * 60_000;
const SEAT_MS = 24 * HOUR_MS;
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

/** A new session, or one with a new secret: the only time that the cookie's secret is in the clear. */
export type StartedSession = { readonly session: LiveSession; readonly token: string };

/** A session that ended before its time. */
export type EndedSession = {
  readonly id: string;
  readonly roomId: string | null;
  readonly why: ClosedReason;
};

/** A seat whose role a host has changed. */
export type ChangedSeat = {
  readonly id: string;
  readonly roomId: string;
  readonly role: SeatRole;
  /** False: it waits to be let in. */
  readonly isIn: boolean;
};

/** Logins and seats. Ending one here counts at once, at the other processes when they have heard of it. */
export type Sessions = {
  /** `enrol`: by a link or the password, for 15 minutes, to add a passkey. `full`: a passkey was shown just now. */
  startUser(user: StoredUser, stage: "enrol" | "full", device: Device): Promise<StartedSession>;
  /** Looks once more, with nothing between, whether the terms hold. */
  startSeat(
    seat: Omit<SeatHolder, "kind">,
    device: Device,
    terms: SeatTerms,
  ): Promise<StartedSession | SeatRefusal>;
  /** `address`: where it is used from now. */
  find(token: string, address: string): Promise<LiveSession | null>;
  /** A passkey was shown: the login is a full one with a new secret, a new proof and its whole time before it. */
  prove(session: LiveSession): Promise<StartedSession | null>;
  /** Lets a waiting seat in; false when it has gone or was in. */
  admit(sessionId: string): Promise<boolean>;
  /** Gives a seat another role, which counts from the next request on; false when it has gone or has that role. */
  changeRole(sessionId: string, role: SeatRole): Promise<boolean>;
  end(sessionId: string, why: ClosedReason): Promise<boolean>;
  endOfRoom(roomId: string, why: ClosedReason, which?: "by-password"): Promise<void>;
  endOfInvitation(invitationId: string, why: ClosedReason): Promise<void>;
  /** Ends a user's logins, all or all but one. */
  endOfUser(userId: string, but?: string): Promise<void>;
  /** The user's name or role is another now: what is cached of them is read anew. */
  userChanged(userId: string): void;
  byId(sessionId: string): Promise<StoredSession | null>;
  logins(userId: string | null): Promise<StoredSession[]>;
  seats(roomId: string): Promise<StoredSession[]>;
  /**
   * Looks these sessions up again, of which pages are open here, after something may have been missed: whoever listens
   * is told of what has become of them. What is cached goes.
   */
  recheck(held: readonly LiveSession[]): Promise<void>;
  /** Told of every session that ends before its time. */
  onEnded(listener: (ended: EndedSession) => void): void;
  /** Told of every seat that was let in. */
  onAdmitted(listener: (admitted: { readonly id: string; readonly roomId: string }) => void): void;
  /** Told of every seat whose role was changed. */
  onRoleChanged(listener: (changed: ChangedSeat) => void): void;
  /** Told of every user whose name or role is another now. */
  onUserChanged(listener: (userId: string) => void): void;
};

/** Which sessions ended with something else; `null`: those named alone. */
type Kind = { readonly roomId: string; readonly byPassword?: true } | { readonly invitationId: string };

/** What the other processes are told. */
type Told =
  | {
      readonly is: "ended";
      readonly ids: readonly string[];
      readonly kind: Kind | null;
      readonly why: ClosedReason;
      readonly roomId: string | null;
    }
  | { readonly is: "admitted"; readonly id: string; readonly roomId: string }
  | ({ readonly is: "role" } & ChangedSeat)
  /** Its secret or its proof is another. */
  | { readonly is: "renewed"; readonly id: string }
  | { readonly is: "user"; readonly id: string };

const IDS_TOLD = 1_000; // of 22 characters, in one saying

type Cached = { session: LiveSession; cachedAt: number; touchedAt: number };

export function createSessions(
  store: SessionStore,
  wallClock: () => number,
  clock: MonotonicClock,
  warn: (message: string, error: unknown) => void,
  bus: Pick<Bus, "say" | "hear">,
): Sessions {
  const cache = new Map<string, Cached>();
  /** Ended while the database was being asked about them: they must not be cached by that answer. */
  let generation = 0;
  const onEnded: ((ended: EndedSession) => void)[] = [];
  const onUserChanged: ((userId: string) => void)[] = [];
  const onRoleChanged: ((changed: ChangedSeat) => void)[] = [];
  const onAdmitted: ((admitted: { id: string; roomId: string }) => void)[] = [];

  const remember = (key: string, session: LiveSession, touchedAt: number): void => {
    cache.set(key, { session, cachedAt: clock(), touchedAt });
    const oldest = cache.keys().next().value;
    if (cache.size > MAX_CACHED && oldest !== undefined) cache.delete(oldest);
  };

  const forget = (isGone: (session: LiveSession) => boolean): LiveSession[] => {
    generation += 1;
    const gone: LiveSession[] = [];
    for (const [key, { session }] of cache) {
      if (!isGone(session)) continue;
      cache.delete(key);
      gone.push(session);
    }
    return gone;
  };

  /** A session with its secret, and how it is kept. */
  const make = <H extends SessionHolder>(holder: H, device: Device, lifetimeMs: number) => {
    const token = randomSecret(32);
    const now = wallClock();
    const session: LiveSession = { id: makeId(randomBytes), holder, expiresAt: now + lifetimeMs };
    const row = {
      id: session.id,
      tokenHash: hashSecret(token),
      expiresAt: new Date(session.expiresAt),
      now: new Date(now),
      device,
      holder,
    };
    return { row, started: { session, token } };
  };

  const touch = (cached: Cached, address: string): void => {
    if (clock() - cached.touchedAt < TOUCH_EVERY_MS) return;
    cached.touchedAt = clock();
    store
      .touch(cached.session.id, new Date(wallClock()), address)
      .catch((error) => warn("a session was not touched", error));
  };

  const read = async (token: string): Promise<LiveSession | null> => {
    const stored = await store.byToken(hashSecret(token));
    return stored === null || isOver(stored, wallClock()) ? null : sessionFrom(stored);
  };

  const tellOthers = (told: Told): void => bus.say("session", told as unknown as Said);

  /** Forgets what ended, and what the cache still holds of the same kind; tells of them all. */
  const endHere = ({ ids, kind, why, roomId }: Extract<Told, { is: "ended" }>): void => {
    const removed = new Set(ids);
    const cached = forget(({ id, holder }) => removed.has(id) || (kind !== null && isOfKind(holder, kind)));
    const roomIds = new Map(cached.map(({ id, holder }) => [id, roomOf(holder)]));
    for (const id of new Set([...ids, ...roomIds.keys()])) {
      for (const listener of onEnded) listener({ id, roomId: roomIds.get(id) ?? roomId, why });
    }
  };
  const ended = (
    ids: readonly string[],
    kind: Kind | null,
    why: ClosedReason,
    roomId: string | null,
  ): void => {
    endHere({ is: "ended", ids, kind, why, roomId });
    for (let at = 0; at === 0 || at < ids.length; at += IDS_TOLD)
      tellOthers({ is: "ended", ids: ids.slice(at, at + IDS_TOLD), kind, why, roomId });
  };
  const admittedHere = (id: string, roomId: string): void => {
    forget((session) => session.id === id);
    for (const listener of onAdmitted) listener({ id, roomId });
  };
  const roleHere = (changed: ChangedSeat): void => {
    forget(({ id }) => id === changed.id);
    for (const listener of onRoleChanged) listener(changed);
  };
  const userHere = (userId: string): void => {
    forget(({ holder }) => holder.kind === "user" && holder.user.id === userId);
    for (const listener of onUserChanged) listener(userId);
  };

  bus.hear("session", (what) => {
    const told = what as unknown as Told; // only our own processes speak here
    switch (told.is) {
      case "ended":
        endHere(told);
        return;
      case "admitted":
        admittedHere(told.id, told.roomId);
        return;
      case "role":
        roleHere({ id: told.id, roomId: told.roomId, role: told.role, isIn: told.isIn });
        return;
      case "renewed":
        forget(({ id }) => id === told.id);
        return;
      case "user":
        userHere(told.id);
        return;
    }
  });

  /** One of those of which pages are open here, as it was and as it is. */
  const compare = ({ id, holder }: LiveSession, now: SessionHolder | null): void => {
    if (now === null) {
      endHere({ is: "ended", ids: [id], kind: null, why: "session-ended", roomId: roomOf(holder) });
    } else if (holder.kind === "participant" && now.kind === "participant") {
      const { roomId, role } = now;
      if (holder.admittedAt === null && now.admittedAt !== null) admittedHere(id, roomId);
      if (holder.role !== role) roleHere({ id, roomId, role, isIn: now.admittedAt !== null });
    } else if (holder.kind === "user" && now.kind === "user") {
      const { name, role } = now.user;
      if (holder.user.name !== name || holder.user.role !== role) userHere(now.user.id);
    }
  };

  return {
    startUser: async (user, stage, device) => {
      const provedAt = stage === "full" ? wallClock() : null;
      const lifetimeMs = stage === "full" ? USER_SESSION_MS : ENROL_SESSION_MS;
      const { row, started } = make({ kind: "user", user, stage, provedAt }, device, lifetimeMs);
      if (!(await store.add(row))) throw new Error(`the user ${user.id} has gone`);
      return started;
    },
    startSeat: async (seat, device, terms) => {
      const { row, started } = make({ kind: "participant", ...seat }, device, SEAT_MS);
      const answer = await store.addSeat(row, terms);
      return answer === "kept" ? started : answer;
    },

    find: async (token, address) => {
      if (!TOKEN.test(token)) return null;
      const key = hashKey(token);
      const cached = cache.get(key);
      if (cached !== undefined && clock() - cached.cachedAt < CACHE_MS) {
        touch(cached, address);
        return cached.session.expiresAt > wallClock() ? cached.session : null;
      }
      cache.delete(key);
      const askedIn = generation;
      const session = await read(token);
      if (session === null) return null;
      if (askedIn !== generation) return read(token);
      remember(key, session, cached?.touchedAt ?? Number.NEGATIVE_INFINITY);
      const now = cache.get(key);
      if (now !== undefined) touch(now, address);
      return session;
    },

    prove: async ({ id, holder }) => {
      if (holder.kind !== "user") return null;
      const token = randomSecret(32);
      const provedAt = wallClock();
      const expiresAt = provedAt + USER_SESSION_MS;
      const renewed = await store.renew(id, {
        tokenHash: hashSecret(token),
        provedAt: new Date(provedAt),
        expiresAt: new Date(expiresAt),
      });
      forget((session) => session.id === id);
      tellOthers({ is: "renewed", id });
      if (!renewed) return null;
      return { token, session: { id, holder: { ...holder, stage: "full", provedAt }, expiresAt } };
    },

    admit: async (sessionId) => {
      if (!(await store.admit(sessionId, new Date(wallClock())))) return false;
      forget(({ id }) => id === sessionId);
      const stored = await store.byId(sessionId);
      const roomId = stored === null ? null : roomOf(stored.holder);
      if (roomId === null) return true;
      admittedHere(sessionId, roomId);
      tellOthers({ is: "admitted", id: sessionId, roomId });
      return true;
    },

    changeRole: async (sessionId, role) => {
      if (!(await store.changeRole(sessionId, role))) return false;
      forget(({ id }) => id === sessionId);
      const holder = (await store.byId(sessionId))?.holder;
      if (holder?.kind !== "participant") return false;
      const changed = { id: sessionId, roomId: holder.roomId, role, isIn: holder.admittedAt !== null };
      roleHere(changed);
      tellOthers({ is: "role", ...changed });
      return true;
    },
    end: async (sessionId, why) => {
      const stored = await store.byId(sessionId);
      const removed = await store.remove(sessionId);
      forget(({ id }) => id === sessionId);
      const roomId = stored === null ? null : roomOf(stored.holder);
      if (removed) ended([sessionId], null, why, roomId);
      return removed;
    },
    endOfRoom: async (roomId, why, which) => {
      const kind = { roomId, ...(which === "by-password" && { byPassword: true as const }) };
      ended(await store.removeWhere(kind), kind, why, roomId);
    },
    endOfInvitation: async (invitationId, why) => {
      ended(await store.removeWhere({ invitationId }), { invitationId }, why, null);
    },
    endOfUser: async (userId, but) => {
      const ids = await store.removeWhere({ userId, ...(but !== undefined && { but }) });
      ended(ids, null, "session-ended", null);
    },
    userChanged: (userId) => {
      userHere(userId);
      tellOthers({ is: "user", id: userId });
    },
    recheck: async (held) => {
      forget(() => true);
      const ids = [...new Set(held.map(({ id }) => id))];
      const now = new Map((await store.byIds(ids)).map((stored) => [stored.id, stored]));
      const seen = new Set<string>();
      for (const session of held) {
        if (seen.has(session.id)) continue;
        seen.add(session.id);
        const stored = now.get(session.id);
        compare(session, stored === undefined || isOver(stored, wallClock()) ? null : stored.holder);
      }
    },
    byId: store.byId,
    logins: async (userId) => {
      const now = wallClock();
      return (await store.logins(userId, new Date(now))).filter((stored) => !isOver(stored, now));
    },
    seats: (roomId) => store.seats(roomId, new Date(wallClock())),
    onEnded: (listener) => {
      onEnded.push(listener);
    },
    onAdmitted: (listener) => {
      onAdmitted.push(listener);
    },
    onRoleChanged: (listener) => {
      onRoleChanged.push(listener);
    },
    onUserChanged: (listener) => {
      onUserChanged.push(listener);
    },
  };
}

/** A full login ends when it was not used for 12 hours, whatever time it has left. */
function isOver({ holder, lastSeenAt, expiresAt }: StoredSession, now: number): boolean {
  if (expiresAt.getTime() <= now) return true;
  return holder.kind === "user" && lastSeenAt.getTime() + USER_IDLE_MS <= now;
}

function sessionFrom({ id, holder, expiresAt }: StoredSession): LiveSession {
  return { id, holder, expiresAt: expiresAt.getTime() };
}

function roomOf(holder: SessionHolder): string | null {
  return holder.kind === "participant" ? holder.roomId : null;
}

function isOfKind(holder: SessionHolder, kind: Kind): boolean {
  if (holder.kind !== "participant") return false;
  if ("invitationId" in kind) return holder.invitationId === kind.invitationId;
  return holder.roomId === kind.roomId && (kind.byPassword !== true || holder.invitationId === null);
}
