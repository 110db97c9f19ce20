/**
 * The part of Traefik's file provider that deploy/traefik/dynamic uses, by the option names of its reference (v3.7):
 * whoever uses more of it adds the names here, having read what they do. Nothing else passes.
 */
const text = { type: "string" } as const;
const texts = { type: "array", items: text, minItems: 1 } as const;
const count = { type: "integer", minimum: 1 } as const;
const duration = { type: "string", pattern: "^\\d+(ms|s|m|h)$" } as const;

const only = (properties: object, ...required: string[]) => ({
  type: "object",
  additionalProperties: false,
  properties,
  required,
});
const named = (schema: object) => ({ type: "object", additionalProperties: schema, minProperties: 1 });

const tls = only({ certResolver: text });
const observability = only({ accessLogs: { type: "boolean" } });
const rateLimit = only({ average: count, burst: count, period: duration }, "average", "burst");

const httpMiddleware = {
  ...only({
    headers: only({
      stsSeconds: count,
      stsIncludeSubdomains: { type: "boolean" },
      contentTypeNosniff: { type: "boolean" },
      customResponseHeaders: { type: "object", additionalProperties: text },
    }),
    rateLimit,
    ipAllowList: only(
      { sourceRange: texts, rejectStatusCode: { type: "integer", minimum: 400, maximum: 499 } },
      "sourceRange",
    ),
    retry: only({ attempts: count, initialInterval: duration }, "attempts"),
    redirectRegex: only(
      { regex: text, replacement: text, permanent: { type: "boolean" } },
      "regex",
      "replacement",
    ),
  }),
  minProperties: 1,
  maxProperties: 1,
};

/** JSON schema of one rendered file. */
export const TRAEFIK_DYNAMIC = {
  type: ["object", "null"],
  additionalProperties: false,
  properties: {
    http: only({
      routers: named(
        only(
          {
            rule: text,
            service: text,
            priority: count,
            entryPoints: texts,
            middlewares: texts,
            tls,
            observability,
          },
          "rule",
          "service",
        ),
      ),
      middlewares: named(httpMiddleware),
      services: named(
        only(
          {
            loadBalancer: only(
              {
                servers: {
                  type: "array",
                  minItems: 1,
                  items: only({ url: { type: "string", pattern: "^https?://[\\w.-]+:\\d+$" } }, "url"),
                },
                healthCheck: only(
                  { path: text, interval: duration, unhealthyInterval: duration, timeout: duration },
                  "path",
                ),
                passiveHealthCheck: only({ failureWindow: duration, maxFailedAttempts: count }),
                responseForwarding: only({ flushInterval: duration }),
              },
              "servers",
            ),
          },
          "loadBalancer",
        ),
      ),
    }),
    tcp: only({
      routers: named(
        only(
          { rule: text, service: text, entryPoints: texts, middlewares: texts, tls },
          "rule",
          "service",
          "entryPoints",
          "tls",
        ),
      ),
      middlewares: named(only({ inFlightConn: only({ amount: count }, "amount") }, "inFlightConn")),
      services: named(
        only(
          {
            loadBalancer: only(
              {
                servers: {
                  type: "array",
                  minItems: 1,
                  items: only({ address: { type: "string", pattern: "^[\\w.-]+:\\d+$" } }, "address"),
                },
              },
              "servers",
            ),
          },
          "loadBalancer",
        ),
      ),
    }),
    tls: only({
      options: named(
        only({ minVersion: { enum: ["VersionTLS12", "VersionTLS13"] }, sniStrict: { type: "boolean" } }),
      ),
    }),
  },
};
