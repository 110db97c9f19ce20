import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { byHousehold, createAttempts, type MonotonicClock } from "../auth/attempts.js";
import type { OpenAnswer, OpenRequest } from "../engine/embedded/open-engine.js";
import { EngineAwayError } from "../engine/engine.js";
import { household } from "../net/ip.js";
import { ApiError } from "./errors.js";

/** Where LL-HLS is served, on our origin and on the engine's socket. */
export const HLS_PATH = "/hls";

const MAX_BODY_BYTES = 1024; // nothing is asked for in a body
const MAX_AT_ONCE = 700; // the engine takes 1,024 connections: 200 viewers have two or three each
const MAX_OF_ADDRESS = 256; // a studio of 50 behind one address has up to five each
const MISSES = { count: 60, inMs: 60_000 };

// What a player and the engine say to each other (RFC 8216bis §6.2); all else stays here.
const ANSWERED_HEADERS = [
  "allow",
  "cache-control",
  "content-length",
  "content-type",
  "location",
  "retry-after",
  "www-authenticate",
];

/** The engine's word that there is no such session, which somebody may be guessing at. */
const NO_SESSION = "x-no-session";

/**
 * Passes LL-HLS on to the engine's local socket and its answers back as they come. What opens a session is the ticket in
 * `Authorization`; what shows the picture is the session's address, as players of the operating system send no headers.
 */
export function passHlsThrough(
  app: FastifyInstance,
  openEngine: (request: OpenRequest) => Promise<OpenAnswer>,
  now: MonotonicClock,
): void {
  const underWay = new Map<string, number>();
  const misses = byHousehold(createAttempts(MISSES, now));
  let all = 0;

  const begin = (address: string): (() => void) => {
    const before = underWay.get(address) ?? 0;
    if (all >= MAX_AT_ONCE) throw new EngineAwayError();
    if (before >= MAX_OF_ADDRESS) throw new ApiError("too_many_attempts", { retryAfterMs: 1_000 });
    all += 1;
    underWay.set(address, before + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      all -= 1;
      const left = (underWay.get(address) ?? 1) - 1;
      if (left === 0) underWay.delete(address);
      else underWay.set(address, left);
    };
  };

  const pass = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const gone = new AbortController();
    const end = begin(household(request.ip));
    reply.raw.once("close", () => {
      gone.abort();
      end();
    });
    if (request.raw.socket.destroyed) gone.abort();
    const answer = await openEngine({ ...toEngine(request), signal: gone.signal });
    if (answer.headers[NO_SESSION] !== undefined) {
      const retryAfterMs = misses.take(request.ip);
      answer.body.resume();
      throw retryAfterMs === null
        ? new ApiError("not_found")
        : new ApiError("too_many_attempts", { retryAfterMs });
    }
    for (const name of ANSWERED_HEADERS) {
      const value = answer.headers[name];
      if (value !== undefined) reply.header(name, value);
    }
    return reply.status(answer.status).send(answer.body);
  };

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: MAX_BODY_BYTES },
      (_request, body, done) => done(null, body),
    );
    const options = { bodyLimit: MAX_BODY_BYTES, handler: pass };
    scope.route({ method: ["POST", "OPTIONS"], url: HLS_PATH, ...options });
    scope.route({ method: ["DELETE", "OPTIONS"], url: `${HLS_PATH}/:session`, ...options });
    const file = `${HLS_PATH}/:session/:file`;
    scope.route({ method: ["GET", "HEAD", "OPTIONS"], url: file, exposeHeadRoute: false, ...options });
  });
}

function toEngine(request: FastifyRequest): Omit<OpenRequest, "signal"> {
  const { session, file } = request.params as { session?: string; file?: string };
  const names = [session, file].filter((name) => name !== undefined).map(encodeURIComponent);
  const query = new URLSearchParams();
  for (const name of ["_HLS_msn", "_HLS_part"]) {
    const value = (request.query as Record<string, unknown>)[name];
    if (typeof value === "string") query.set(name, value);
  }
  const headers: Record<string, string> = { "x-forwarded-for": request.ip }; // in place of what the client said of itself
  if (typeof request.headers.authorization === "string")
    headers.authorization = request.headers.authorization;
  const path = [HLS_PATH, ...names].join("/");
  return { method: request.method, path: query.size === 0 ? path : `${path}?${query}`, headers };
}
