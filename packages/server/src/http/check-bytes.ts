import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { API_PREFIX, CHECK_BYTES_PATH, MAX_CHECK_BYTES } from "@colourstream/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { byHousehold, createAttempts, type MonotonicClock } from "../auth/attempts.js";
import { household } from "../net/ip.js";
import { ApiError } from "./errors.js";

const CHUNK_BYTES = 64 * 1024;
/** Each can take a line for its 4 s: more at once would measure each other, and all of them would slow a review. */
const MAX_AT_ONCE = 8;
const MAX_AT_ONCE_PER_HOUSEHOLD = 2;
const PER_HOUSEHOLD = { count: 20, inMs: 60_000 };
const LONGEST_MS = 10_000;

/**
 * Gives random bytes, so that a browser can measure its line: what no proxy keeps or makes smaller. `?bytes=` says how
 * many, `MAX_CHECK_BYTES` at most.
 */
export function serveCheckBytes(app: FastifyInstance, clock: MonotonicClock): void {
  const attempts = byHousehold(createAttempts(PER_HOUSEHOLD, clock));
  const atOnce = new Map<string, number>(); // MAX_AT_ONCE in all
  let underWay = 0;

  app.get(API_PREFIX + CHECK_BYTES_PATH, async (request, reply) => {
    const bytes = bytesAsked(request);
    const home = household(request.ip);
    const ofHome = atOnce.get(home) ?? 0;
    if (underWay >= MAX_AT_ONCE || ofHome >= MAX_AT_ONCE_PER_HOUSEHOLD) {
      throw new ApiError("too_many_attempts", { retryAfterMs: 5_000 });
    }
    const wait = attempts.take(request.ip);
    if (wait !== null) throw new ApiError("too_many_attempts", { retryAfterMs: wait });
    underWay += 1;
    atOnce.set(home, ofHome + 1);
    const body = Readable.from(randomChunks(bytes), { objectMode: false });
    const late = setTimeout(() => body.destroy(), LONGEST_MS);
    body.once("close", () => {
      clearTimeout(late);
      underWay -= 1;
      const left = (atOnce.get(home) ?? 1) - 1;
      if (left === 0) atOnce.delete(home);
      else atOnce.set(home, left);
    });
    return reply
      .header("cache-control", "no-store, no-transform")
      .header("content-length", bytes)
      .type("application/octet-stream")
      .send(body);
  });
}

function bytesAsked(request: FastifyRequest): number {
  const asked = (request.query as { bytes?: unknown }).bytes ?? String(MAX_CHECK_BYTES);
  const bytes = typeof asked === "string" && /^\d{1,9}$/.test(asked) ? Number(asked) : 0;
  if (bytes >= 1 && bytes <= MAX_CHECK_BYTES) return bytes;
  throw new ApiError("invalid_request", { message: `bytes: expected 1 to ${MAX_CHECK_BYTES}` });
}

function* randomChunks(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) yield randomBytes(Math.min(CHUNK_BYTES, left));
}
