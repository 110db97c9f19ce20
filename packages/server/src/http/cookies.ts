import "@fastify/cookie"; // gives requests their cookies
import type { FastifyReply, FastifyRequest } from "fastify";

const PERSON_MS = 400 * 24 * 3_600_000; // the longest that browsers keep a cookie (RFC 6265bis §5.5)
const PERSON = /^[A-Za-z0-9_-]{43}$/; // 32 bytes
const MAX_SEATS = 8; // rooms open in one browser; the cookies of all go along with every request

/**
 * The cookies: one for a login, one for a seat in each room, one for a browser that is about to sign in, and one by
 * which a browser that takes a seat is known again. On https they carry `__Host-`: set by this host alone, over TLS
 * alone, for the whole host.
 */
export type Cookies = {
  user(request: FastifyRequest): string | null;
  seat(request: FastifyRequest, roomId: string): string | null;
  /** The rooms that the browser says it has a seat in, 16 at most. */
  seats(request: FastifyRequest): string[];
  hasAny(request: FastifyRequest): boolean;
  /** What binds a sign-in's challenge to the browser that asked for it. */
  browser(request: FastifyRequest): string | null;
  setBrowser(reply: FastifyReply, secret: string, expiresAt: number): void;
  /** Tells this browser from others at a room's door, from seat to seat. It opens nothing. */
  person(request: FastifyRequest): string | null;
  setPerson(reply: FastifyReply, secret: string, now: number): void;
  setUser(reply: FastifyReply, token: string, expiresAt: number): void;
  /** Takes the place of the oldest seats when there are too many. */
  setSeat(
    request: FastifyRequest,
    reply: FastifyReply,
    roomId: string,
    token: string,
    expiresAt: number,
  ): void;
  clearUser(reply: FastifyReply): void;
  clearSeat(reply: FastifyReply, roomId: string): void;
};

export function createCookies(isHttps: boolean): Cookies {
  const prefix = isHttps ? "__Host-" : "";
  const userName = `${prefix}session`;
  const browserName = `${prefix}browser`;
  const personName = `${prefix}person`;
  const seatPrefix = `${prefix}seat-`;
  const flags = { path: "/", httpOnly: true, secure: isHttps, sameSite: "lax" } as const;
  const seats = (request: FastifyRequest): string[] =>
    Object.keys(request.cookies).filter((name) => name.startsWith(seatPrefix));

  return {
    user: (request) => request.cookies[userName] ?? null,
    seat: (request, roomId) => request.cookies[seatPrefix + roomId] ?? null,
    seats: (request) =>
      seats(request)
        .slice(0, 2 * MAX_SEATS)
        .map((name) => name.slice(seatPrefix.length)),
    hasAny: (request) => userName in request.cookies || seats(request).length > 0,
    browser: (request) => request.cookies[browserName] ?? null,
    setBrowser: (reply, secret, expiresAt) => {
      reply.setCookie(browserName, secret, { ...flags, expires: new Date(expiresAt) });
    },
    person: (request) => {
      const secret = request.cookies[personName] ?? "";
      return PERSON.test(secret) ? secret : null; // anything else was not set by us
    },
    setPerson: (reply, secret, now) => {
      reply.setCookie(personName, secret, { ...flags, expires: new Date(now + PERSON_MS) });
    },
    setUser: (reply, token, expiresAt) => {
      reply.setCookie(userName, token, { ...flags, expires: new Date(expiresAt) });
    },
    setSeat: (request, reply, roomId, token, expiresAt) => {
      const others = seats(request).filter((name) => name !== seatPrefix + roomId);
      // Browsers send the oldest cookie first (RFC 6265 §5.4).
      for (const name of others.slice(0, Math.max(0, others.length - MAX_SEATS + 1)))
        reply.clearCookie(name, flags);
      reply.setCookie(seatPrefix + roomId, token, { ...flags, expires: new Date(expiresAt) });
    },
    clearUser: (reply) => {
      reply.clearCookie(userName, flags);
    },
    clearSeat: (reply, roomId) => {
      reply.clearCookie(seatPrefix + roomId, flags);
    },
  };
}
