import type { FastifyInstance } from "fastify";
import type { Product } from "./context.js";

/** /metrics in Prometheus' text format, to who shows METRICS_TOKEN, and to this machine. */
export function serveMetrics(_app: FastifyInstance, _product: Product): void {
  // not built yet
}
