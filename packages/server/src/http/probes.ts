import type { FastifyInstance } from "fastify";
import type { Product } from "./context.js";

/** /healthz: this process lives. /readyz: it can do its work, so that a proxy sends it requests. */
export function serveProbes(_app: FastifyInstance, _product: Product): void {
  // not built yet
}
