import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { EngineAnswer, EngineRequest } from "../engine/embedded/ask-engine.js";
import { EngineAwayError } from "../engine/engine.js";

const MAX_BODY_BYTES = 64 * 1024; // an SDP offer is 2 to 8 kB
const MAX_AT_ONCE = 256; // waiting for the engine

// What players, encoders and the engine say to each other (draft-ietf-wish-whep §4, RFC 9725 §4); all else stays here.
const ASKED_HEADERS = [
  "accept",
  "authorization",
  "content-type",
  "if-match",
  "if-none-match",
  "user-agent", // the studio names the encoder by it
];
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
 * Passes WHEP or WHIP on to the engine's local socket, so that a browser talks to one origin only. What opens the
 * picture is the ticket or key in `Authorization`, which the engine asks about; our cookies do not go through.
 */
export function passSignallingThrough(
  app: FastifyInstance,
  path: "/whep" | "/whip",
  askEngine: (request: EngineRequest) => Promise<EngineAnswer>,
): void {
  let underWay = 0;

  const pass = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (underWay >= MAX_AT_ONCE) throw new EngineAwayError();
    underWay += 1;
    try {
      const { id } = request.params as { id?: string };
      const onEngine = id === undefined ? path : `${path}/${encodeURIComponent(id)}`;
      const answer = await askEngine(toEngine(request, onEngine));
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
    scope.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: MAX_BODY_BYTES },
      (_request, body, done) => done(null, body),
    );
    const options = { bodyLimit: MAX_BODY_BYTES };
    scope.route({ method: ["POST", "OPTIONS"], url: path, ...options, handler: pass });
    scope.route({ method: ["PATCH", "DELETE", "OPTIONS"], url: `${path}/:id`, ...options, handler: pass });
  });
}

function toEngine(request: FastifyRequest, path: string): EngineRequest {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const headers: Record<string, string> = {
    "content-length": String(body.length),
    "x-forwarded-for": request.ip, // in place of whatever the client said of itself
  };
  for (const name of ASKED_HEADERS) {
    const value = request.headers[name];
    if (typeof value === "string") headers[name] = value;
  }
  return { method: request.method, path, headers, body };
}
