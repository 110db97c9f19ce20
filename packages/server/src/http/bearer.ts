import type { FastifyRequest } from "fastify";

/** How every API token begins: a scanner for leaked secrets knows it by that. */
export const TOKEN_PREFIX = "cst-";

/** The API token that a request carries (RFC 6750 §2.1), or null. A playback ticket is a Bearer too, but none of ours. */
export function bearerOf(request: Pick<FastifyRequest, "headers">): string | null {
  const { authorization } = request.headers;
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
  return token?.startsWith(TOKEN_PREFIX) ? token : null;
}
