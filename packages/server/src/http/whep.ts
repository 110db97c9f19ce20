import { type IncomingMessage, request as httpRequest } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ApiError } from "./errors.js";

const MAX_BODY_BYTES = 64 * 1024; // an SDP offer is 2 to 8 kB
const MAX_ANSWER_BYTES = 256 * 1024;
const DEADLINE_MS = 10_000;
const AWAY_RETRY_MS = 2_000;
const MAX_AT_ONCE = 256; // waiting for the engine

// What a WHEP player and the engine say to each other (draft-ietf-wish-whep §4); everything else stays here.
const ASKED_HEADERS = ["accept", "authorization", "content-type", "if-match", "if-none-match"];
const ANSWERED_HEADERS = [
  "accept-patch",
  "accept-post",
  "allow",
  "content-type",
  "etag",
  "link",
  "location",
  "retry-after",
  "www-authenticate",
];

/**
 * Passes WHEP on to the engine's local socket, so that a browser talks to one origin only. What opens the picture is
 * the ticket in `Authorization`, which the engine asks about; our cookies do not go through.
 */
export function passWhepThrough(app: FastifyInstance, path: string, socketPath: () => string): void {
  let underWay = 0;

  const pass = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (underWay >= MAX_AT_ONCE) throw new ApiError("engine_away", { retryAfterMs: AWAY_RETRY_MS });
    underWay += 1;
    try {
      const { id } = request.params as { id?: string };
      const answer = await ask(socketPath(), request, id === undefined ? "/whep" : `/whep/${encodeURIComponent(id)}`);
      for (const name of ANSWERED_HEADERS) {
        const value = answer.headers[name];
        if (value !== undefined) reply.header(name, value);
      }
      return reply.status(answer.status).header("cache-control", "no-store").send(answer.body);
    } finally {
      underWay -= 1;
    }
  };

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    const options = { bodyLimit: MAX_BODY_BYTES };
    scope.route({ method: ["POST", "OPTIONS"], url: path, ...options, handler: pass });
    scope.route({ method: ["PATCH", "DELETE", "OPTIONS"], url: `${path}/:id`, ...options, handler: pass });
  });
}

type Answer = { status: number; headers: IncomingMessage["headers"]; body: Buffer };

function ask(socketPath: string, request: FastifyRequest, path: string): Promise<Answer> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const headers: Record<string, string> = { "content-length": String(body.length), "x-forwarded-for": request.ip };
  for (const name of ASKED_HEADERS) {
    const value = request.headers[name];
    if (typeof value === "string") headers[name] = value;
  }
  return new Promise((resolve, reject) => {
    const away = (error: Error): void => {
      request.log.info({ err: error }, "the engine did not answer a WHEP request");
      reject(new ApiError("engine_away", { retryAfterMs: AWAY_RETRY_MS }));
    };
    const asked = httpRequest(
      { socketPath, path, method: request.method, headers, signal: AbortSignal.timeout(DEADLINE_MS) },
      (answer) => {
        const parts: Buffer[] = [];
        let length = 0;
        answer.on("data", (part: Buffer) => {
          length += part.length;
          if (length > MAX_ANSWER_BYTES) answer.destroy(new Error("the engine's answer is too long"));
          else parts.push(part);
        });
        answer.once("error", away);
        answer.once("end", () => {
          resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(parts) });
        });
      },
    );
    asked.once("error", away);
    asked.end(body);
  });
}
