import type { FastifyInstance } from "fastify";
import type { ServiceKeys } from "../auth/service-keys.js";

/** Where other services find the keys that our tokens are checked with (RFC 8414 has the folder, RFC 7517 §5 the form). */
export const JWKS_PATH = "/.well-known/jwks.json";

const CACHE_S = 300; // a rotation keeps the key before: five minutes without the newest are no harm

/** Serves the public keys to anybody. */
export function serveJwks(app: FastifyInstance, keys: Pick<ServiceKeys, "jwks">): void {
  app.get(JWKS_PATH, async (_request, reply) => {
    reply.header("cache-control", `public, max-age=${CACHE_S}`).type("application/jwk-set+json");
    return JSON.stringify(keys.jwks());
  });
}
