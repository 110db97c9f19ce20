import type { FastifyReply, FastifyRequest } from "fastify";

/** Everything that nobody has made a route for, and was answered with a page or with 404. */
const PAGE = "(page)";
const NONE = "(none)";

/**
 * What a request is called where it is counted or written down: the route as it was declared, such as
 * /api/v1/rooms/:roomId. Never the address itself, which has ids in it; so there are only so many names.
 */
export function routeName(request: FastifyRequest, reply: FastifyReply): string {
  const { url } = request.routeOptions;
  if (request.is404 || url === undefined) return reply.statusCode < 400 ? PAGE : NONE;
  return url.startsWith("/assets/") ? "/assets/*" : url;
}
