import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Registry } from "prom-client";
import type { Config } from "../config.js";
import { hashSecret, isSameHash } from "../secrets.js";
import { ApiError } from "./errors.js";

/** Where Prometheus asks. */
export const METRICS_PATH = "/metrics";

const OWN_ADDRESS = /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/;
const OWN_NAME = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d{1,5})?$/;
/** What a proxy adds: through it, everybody comes from this machine. */
const BY_PROXY = ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via"];

/**
 * /metrics in Prometheus' text format: to who shows METRICS_TOKEN as a bearer; where there is none, to programs on this
 * machine that ask it directly. To everybody else there is no such address.
 */
export function serveMetrics(
  app: FastifyInstance,
  { metricsToken }: Pick<Config, "metricsToken">,
  registry: Registry,
): void {
  const expected = metricsToken === null ? null : hashSecret(metricsToken);
  const mayRead = (request: FastifyRequest): boolean => {
    if (expected === null) return isFromHere(request);
    const [, shown = ""] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
    return isSameHash(hashSecret(shown), expected); // of hashes, in constant time
  };
  app.get(METRICS_PATH, async (request, reply) => {
    if (!mayRead(request)) throw new ApiError("not_found");
    return reply
      .header("cache-control", "no-store")
      .type(registry.contentType)
      .send(await registry.metrics());
  });
}

/** `Host` too: a page whose name was made to resolve to this machine asks from here as well. */
function isFromHere({ socket, headers }: FastifyRequest): boolean {
  return (
    OWN_ADDRESS.test(socket.remoteAddress ?? "") &&
    OWN_NAME.test(headers.host ?? "") &&
    BY_PROXY.every((name) => headers[name] === undefined)
  );
}
