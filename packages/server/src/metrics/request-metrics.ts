import type { ErrorCode } from "@colourstream/contract";
import type { FastifyInstance } from "fastify";
import { Counter, Histogram, type Registry } from "prom-client";
import { routeName } from "../http/route-name.js";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]; // a request is over after 10 s

/** Counts what is asked and how it ends: by route as declared and by class of status, so without an id in any label. */
export function measureRequests(
  app: FastifyInstance,
  registry: Registry,
): { refused(code: ErrorCode): void } {
  const requests = new Counter({
    name: "colourstream_http_requests_total",
    help: "Requests answered, by route and class of status",
    labelNames: ["method", "route", "status"] as const,
    registers: [registry],
  });
  const duration = new Histogram({
    name: "colourstream_http_request_duration_seconds",
    help: "From a request's arrival to the end of its answer",
    labelNames: ["method", "route"] as const,
    buckets: SECONDS,
    registers: [registry],
  });
  const refusals = new Counter({
    name: "colourstream_refusals_total",
    help: "Requests refused, by the API's error code: wrong sign-ins, too many attempts, database away",
    labelNames: ["code"] as const,
    registers: [registry],
  });
  app.addHook("onResponse", async (request, reply) => {
    const labels = { method: methodOf(request.method), route: routeName(request, reply) };
    requests.inc({ ...labels, status: `${Math.floor(reply.statusCode / 100)}xx` });
    duration.observe(labels, reply.elapsedTime / 1000);
  });
  return { refused: (code) => refusals.inc({ code }) };
}

/** Anybody can make up a method: those that no route has are one. */
function methodOf(method: string): string {
  return ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].includes(method) ? method : "other";
}
