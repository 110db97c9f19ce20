import { createHmac, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import type { RequestLogConfig } from "../log-config.js";
import { neighbourhood } from "../net/ip.js";
import { routeName } from "./route-name.js";

/** What a proxy may call a request: long enough to tell requests apart, and nothing that could forge a log line. */
const ID_FORM = /^[A-Za-z0-9_-]{8,64}$/;
const HASH_CHARACTERS = 12; // of base64url, 72 bits: two clients of one day do not meet

/** A request's id: the one that our proxy gave it, where there is a proxy and it is well-formed, or a new one. */
export function createRequestIds(
  hasProxy: boolean,
  random: (bytes: number) => Buffer,
): (request: IncomingMessage) => string {
  return ({ headers }) => {
    const given = headers["x-request-id"];
    if (hasProxy && typeof given === "string" && ID_FORM.test(given)) return given;
    return random(8).toString("hex");
  };
}

/**
 * One line for each answered request: its id, method, route, status, how long it took and, as LOG_CLIENTS says, from
 * where. The address that was asked for, its query, headers and bodies are never in it.
 */
export function logRequests(app: FastifyInstance, clients: RequestLogConfig["clients"]): void {
  const nameOf = clientNames(clients);
  app.addHook("onResponse", async (request, reply) => {
    const client = nameOf(request.ip);
    const line = {
      method: request.method,
      route: routeName(request, reply),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...(client !== null && { client }),
    };
    request.log.info(line, "request");
  });
}

/** `hash`: with a key that nobody has and that ends with the process, so that it cannot be found by trying all addresses. */
function clientNames(clients: RequestLogConfig["clients"]): (address: string) => string | null {
  const key = randomBytes(32);
  switch (clients) {
    case "none":
      return () => null;
    case "full":
      return (address) => address;
    case "net":
      return neighbourhood;
    case "hash":
      return (address) =>
        createHmac("sha256", key).update(address).digest("base64url").slice(0, HASH_CHARACTERS);
  }
}
