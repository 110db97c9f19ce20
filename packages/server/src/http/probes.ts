import type { FastifyInstance } from "fastify";
import type { PartsCheck } from "./health.js";

/** Open to all, without cookie or Origin: a proxy and a supervisor ask these, and learn nothing but yes or no. */
export const LIVE_PATH = "/healthz";
/** The proxy's question before it sends anybody here. */
export const READY_PATH = "/readyz";

/** What is said to a proxy before the server goes. */
export type Probes = {
  /** From now on this process is not ready: a proxy sends new requests elsewhere. */
  drain(): void;
};

/** /healthz: this process lives, whatever else is away. /readyz: it can do its work, so that a proxy sends it requests. */
export function serveProbes(app: FastifyInstance, parts: PartsCheck): Probes {
  let isStopping = false;
  app.get(LIVE_PATH, async (_request, reply) => {
    return reply.header("cache-control", "no-store").send({ is: "alive" });
  });
  app.get(READY_PATH, async (_request, reply) => {
    const { database, engine } = await parts();
    const is = isStopping ? "stopping" : database === "ok" && engine === "ok" ? "ready" : "not ready";
    const status = is === "ready" ? 200 : 503;
    return reply.status(status).header("cache-control", "no-store").send({ is, database, engine });
  });
  return {
    drain: () => {
      isStopping = true;
    },
  };
}
