import type { FastifyInstance } from "fastify";
import type { PartsCheck } from "./health.js";

/** Open to all, without cookie or Origin: a proxy and a supervisor ask these, and learn nothing but yes or no. */
export const LIVE_PATH = "/healthz";
/** Whether all is well here, for whoever watches over the house. */
export const READY_PATH = "/readyz";

/** What is said to a proxy before the server goes. */
export type Probes = {
  /** From now on this process is not ready: a proxy sends new requests elsewhere. */
  drain(): void;
};

/**
 * /healthz: this process lives and is not stopping, whatever else is away: a proxy sends it requests. /readyz: the
 * database and the engine are there too.
 */
export function serveProbes(app: FastifyInstance, parts: PartsCheck): Probes {
  let isStopping = false;
  app.get(LIVE_PATH, async (_request, reply) => {
    const [status, is] = isStopping ? [503, "stopping"] : [200, "alive"];
    return reply.status(status).header("cache-control", "no-store").send({ is });
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
