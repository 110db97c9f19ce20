import type { Access } from "@colourstream/contract";
import type { FastifyRequest } from "fastify";
import type { Attempts } from "../auth/attempts.js";
import type { LiveSession, Sessions } from "../auth/sessions.js";
import type { RoomDirectory } from "../rooms/directory.js";
import type { StoredRoom } from "../store/rooms.js";
import type { StoredUser } from "../store/users.js";
import type { Cookies } from "./cookies.js";
import { ApiError } from "./errors.js";

/** Who is in a room: a participant by their seat, the owner or a colourist by their login. */
export type Seat = {
  readonly room: StoredRoom;
  readonly participant: { readonly id: string; readonly name: string };
  readonly session: LiveSession;
};

/** A login. */
export type Login = { readonly user: StoredUser; readonly session: LiveSession };

/** What a route's handler is told of who asks. */
export type Who = {
  public: { readonly login: Login | null };
  studio: Login;
  room: Seat;
};

/** Finds out who asks, and refuses who may not. */
export type AccessCheck = {
  login(request: FastifyRequest): Promise<Login | null>;
  /** Null: no seat there, or no such room; which of both cannot be told. */
  seat(request: FastifyRequest, roomId: string): Promise<Seat | null>;
  /** True with a login, or a seat in any room. */
  isAnyone(request: FastifyRequest): Promise<boolean>;
  need<A extends Access>(access: A, request: FastifyRequest, roomId: string | null): Promise<Who[A]>;
};

/** What the check needs. `misses` counts refusals by address: looking for rooms ends in 429. */
export type AccessOptions = {
  readonly cookies: Cookies;
  readonly sessions: Pick<Sessions, "find">;
  readonly directory: RoomDirectory;
  readonly misses: Attempts;
};

export function createAccessCheck({ cookies, sessions, directory, misses }: AccessOptions): AccessCheck {
  const login = async (request: FastifyRequest): Promise<Login | null> => {
    const token = cookies.user(request);
    const session = token === null ? null : await sessions.find(token);
    return session?.holder.kind === "user" ? { user: session.holder.user, session } : null;
  };

  const seat = async (request: FastifyRequest, roomId: string): Promise<Seat | null> => {
    const token = cookies.seat(request, roomId);
    const session = token === null ? null : await sessions.find(token);
    const room = directory.byId(roomId);
    if (session?.holder.kind === "participant" && session.holder.roomId === roomId) {
      // An archived room has no seats: they ended with it.
      if (room === null || room.archivedAt !== null) return null;
      return { room, session, participant: { id: session.id, name: session.holder.name } };
    }
    const own = await login(request);
    if (own === null || room === null) return null;
    // The session's id, not the user's: two browsers of the owner are two viewers, and signing out cuts the right one.
    return { room, session: own.session, participant: { id: own.session.id, name: own.user.name } };
  };

  const refuse = (request: FastifyRequest): never => {
    const wait = misses.take(request.ip);
    if (wait !== null) throw new ApiError("too_many_attempts", { retryAfterMs: wait });
    throw new ApiError(cookies.hasAny(request) ? "not_found" : "sign_in_needed");
  };

  const checks: { [A in Access]: (request: FastifyRequest, roomId: string | null) => Promise<Who[A]> } = {
    public: async (request) => ({ login: await login(request) }),
    studio: async (request) => {
      const own = await login(request);
      if (own !== null) return own;
      const wait = misses.take(request.ip);
      if (wait !== null) throw new ApiError("too_many_attempts", { retryAfterMs: wait });
      throw new ApiError("sign_in_needed");
    },
    room: async (request, roomId) => (await seat(request, roomId ?? "")) ?? refuse(request),
  };

  const isAnyone = async (request: FastifyRequest): Promise<boolean> => {
    if ((await login(request)) !== null) return true;
    for (const roomId of cookies.seats(request)) if ((await seat(request, roomId)) !== null) return true;
    return false;
  };

  return { login, seat, isAnyone, need: (access, request, roomId) => checks[access](request, roomId) };
}
