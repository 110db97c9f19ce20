import type { Access, Route, SeatRole } from "@colourstream/contract";
import type { FastifyRequest } from "fastify";
import type { Attempts } from "../auth/attempts.js";
import type { LiveSession, Sessions } from "../auth/sessions.js";
import type { ApiTokens } from "../auth/tokens.js";
import { mayHost, mayRun } from "../domain/permission.js";
import type { RoomDirectory } from "../rooms/directory.js";
import type { StoredRoom } from "../store/rooms.js";
import type { UserHolder } from "../store/sessions.js";
import type { StoredUser } from "../store/users.js";
import { bearerOf } from "./bearer.js";
import type { Cookies } from "./cookies.js";
import { ApiError } from "./errors.js";

/** Who is in a room: a participant by their seat, the owner or a colourist by their login. */
export type Seat = {
  readonly room: StoredRoom;
  readonly participant: { readonly id: string; readonly name: string; readonly role: SeatRole };
  /** The same from seat to seat of a browser, and for every login of an account. */
  readonly personId: string;
  readonly session: LiveSession;
  readonly state: "waiting" | "admitted";
  /** May let people in, send them out and lock the room. */
  readonly isHost: boolean;
};

/** Somebody with an account, by the session of their browser or by an API token. */
export type Login = {
  readonly user: StoredUser;
  /** A token has none of its own: its id stands here, and no route with a scope looks further. */
  readonly session: LiveSession & { readonly holder: UserHolder };
  readonly by: "session" | "token";
};

/** What a route's handler is told of who asks. */
export type Who = {
  /** `enrolling`: a login that can only add a first passkey; no route but the session's own looks at it. */
  public: { readonly login: Login | null; readonly enrolling: Login | null };
  enrol: Login;
  studio: Login;
  owner: Login;
  seat: Seat;
  room: Seat;
  host: Seat;
};

/** Finds out who asks, and refuses who may not. */
export type AccessCheck = {
  /** A full login by the browser's cookie. */
  login(request: FastifyRequest): Promise<Login | null>;
  /** Null: no seat there, or no such room; which of both cannot be told. */
  seat(request: FastifyRequest, roomId: string): Promise<Seat | null>;
  /** True with a login, or a seat in any room. */
  isAnyone(request: FastifyRequest): Promise<boolean>;
  /** Throws the refusal, or answers who it is. `roomId` is the one in the path. */
  need<R extends Route>(route: R, request: FastifyRequest, roomId: string | null): Promise<Who[R["access"]]>;
};

/** What the check needs. `misses` counts refusals by address: looking for rooms ends in 429. */
export type AccessOptions = {
  readonly cookies: Cookies;
  readonly sessions: Pick<Sessions, "find">;
  readonly tokens: Pick<ApiTokens, "find">;
  readonly directory: RoomDirectory;
  readonly misses: Pick<Attempts, "take">;
  /** For how long a shown passkey counts for dangerous acts. */
  readonly stepUpMs: number;
  readonly wallClock: () => number;
};

export function createAccessCheck(options: AccessOptions): AccessCheck {
  const { cookies, sessions, tokens, directory, misses, stepUpMs, wallClock } = options;

  /** A login at whatever stage, by the cookie alone. */
  const anyLogin = async (request: FastifyRequest): Promise<Login | null> => {
    const token = cookies.user(request);
    const session = token === null ? null : await sessions.find(token, request.ip);
    if (session?.holder.kind !== "user") return null;
    const { holder } = session;
    return { user: holder.user, session: { ...session, holder }, by: "session" };
  };
  const login = async (request: FastifyRequest): Promise<Login | null> => {
    const found = await anyLogin(request);
    return found?.session.holder.stage === "full" ? found : null;
  };

  const seatOfLogin = ({ user, session }: Login, room: StoredRoom | null): Seat | null => {
    if (room === null || !mayRun(user, room)) return null;
    // The session's id, not the user's: two browsers of the owner are two viewers, and signing out cuts the right one.
    const participant = { id: session.id, name: user.name, role: "presenter" } as const;
    return { room, session, participant, personId: user.id, state: "admitted", isHost: true };
  };

  const seat = async (request: FastifyRequest, roomId: string): Promise<Seat | null> => {
    const token = cookies.seat(request, roomId);
    const session = token === null ? null : await sessions.find(token, request.ip);
    const room = directory.byId(roomId);
    if (session?.holder.kind === "participant" && session.holder.roomId === roomId) {
      // An archived room has no seats: they ended with it.
      if (room === null || room.archivedAt !== null) return null;
      const { name, role, admittedAt, personId } = session.holder;
      const isIn = admittedAt !== null;
      return {
        room,
        session,
        participant: { id: session.id, name, role },
        personId,
        state: isIn ? "admitted" : "waiting",
        isHost: mayHost({ role, isIn }),
      };
    }
    const own = await login(request);
    return own === null ? null : seatOfLogin(own, room);
  };

  const miss = (request: FastifyRequest, code: "sign_in_needed" | "not_found"): never => {
    const wait = misses.take(request.ip);
    if (wait !== null) throw new ApiError("too_many_attempts", { retryAfterMs: wait });
    throw new ApiError(code);
  };

  /** The login of a program. Its token opens the routes with one of its scopes, and no cookie counts beside it. */
  const loginOfToken = async (route: Route, bearer: string, request: FastifyRequest): Promise<Login> => {
    const token = await tokens.find(bearer, request.ip);
    if (token === null) return miss(request, "sign_in_needed");
    if (route.scope === undefined || !token.scopes.includes(route.scope)) {
      const needed =
        route.scope === undefined ? "no API token opens this" : `it needs the scope ${route.scope}`;
      throw new ApiError("not_allowed", { message: `This API token may not do that: ${needed}.` });
    }
    const { user, id, expiresAt } = token;
    const holder = { kind: "user", user, stage: "full", provedAt: null } as const;
    return {
      user,
      session: { id, holder, expiresAt: expiresAt ?? Number.MAX_SAFE_INTEGER },
      by: "token",
    };
  };

  const needLogin = async (route: Route, request: FastifyRequest, stages: "any" | "full"): Promise<Login> => {
    const bearer = bearerOf(request);
    const own = bearer === null ? await anyLogin(request) : await loginOfToken(route, bearer, request);
    if (own === null) return miss(request, "sign_in_needed");
    const { stage, provedAt } = own.session.holder;
    if (stage === "enrol") {
      if (stages === "full") throw new ApiError("enrol_needed");
      return own; // has no passkey yet that could be shown
    }
    if (route.stepUp === true && (provedAt === null || provedAt + stepUpMs <= wallClock()))
      throw new ApiError("step_up_required");
    return own;
  };

  const needOwnRoom = (own: Login, request: FastifyRequest, roomId: string | null): Login => {
    if (roomId === null) return own;
    const room = directory.byId(roomId);
    return room !== null && mayRun(own.user, room) ? own : miss(request, "not_found");
  };

  const needSeat = async (route: Route, request: FastifyRequest, roomId: string): Promise<Seat> => {
    const bearer = bearerOf(request);
    const found =
      bearer === null
        ? await seat(request, roomId)
        : seatOfLogin(await loginOfToken(route, bearer, request), directory.byId(roomId));
    if (found !== null) return found;
    return miss(request, bearer !== null || cookies.hasAny(request) ? "not_found" : "sign_in_needed");
  };

  type Check<A extends Access> = (
    route: Route,
    request: FastifyRequest,
    roomId: string | null,
  ) => Promise<Who[A]>;
  const checks: { [A in Access]: Check<A> } = {
    public: async (_route, request) => {
      const own = bearerOf(request) === null ? await anyLogin(request) : null;
      const isFull = own?.session.holder.stage === "full";
      return { login: isFull ? own : null, enrolling: isFull ? null : own };
    },
    enrol: (route, request) => needLogin(route, request, "any"),
    studio: async (route, request, roomId) =>
      needOwnRoom(await needLogin(route, request, "full"), request, roomId),
    owner: async (route, request) => {
      const own = await needLogin(route, request, "full");
      if (own.user.role !== "owner") throw new ApiError("not_allowed");
      return own;
    },
    seat: (route, request, roomId) => needSeat(route, request, roomId ?? ""),
    room: async (route, request, roomId) => {
      const found = await needSeat(route, request, roomId ?? "");
      // Whoever waits is told so by their seat; of the room they are told no more than a stranger.
      return found.state === "admitted" ? found : miss(request, "not_found");
    },
    host: async (route, request, roomId) => {
      const found = await needSeat(route, request, roomId ?? "");
      if (found.isHost) return found;
      if (found.state === "admitted") throw new ApiError("not_allowed");
      return miss(request, "not_found");
    },
  };

  const isAnyone = async (request: FastifyRequest): Promise<boolean> => {
    if ((await login(request)) !== null) return true;
    for (const roomId of cookies.seats(request)) if ((await seat(request, roomId)) !== null) return true;
    return false;
  };

  return {
    login,
    seat,
    isAnyone,
    need: <R extends Route>(route: R, request: FastifyRequest, roomId: string | null) =>
      (checks[route.access] as Check<R["access"]>)(route, request, roomId),
  };
}
