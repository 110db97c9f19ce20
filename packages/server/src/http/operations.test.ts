import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fastify from "fastify";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROJECT_ROOT } from "../config.js";
import { openOwner, startTestServer, type TestServer } from "../testing/server.js";
import { answerError } from "./errors.js";
import { serveMetrics } from "./metrics.js";
import { createRequestIds } from "./request-log.js";

const TOKEN = "planted-metrics-token-4Yd1";

let server: TestServer;
/** As behind a proxy, with a token; nothing else of the product is in it. */
const guarded = { app: fastify({ genReqId: createRequestIds(true, randomBytes) }) };
beforeAll(async () => {
  server = await startTestServer();
  guarded.app.setErrorHandler(answerError);
  serveMetrics(guarded.app, { metricsToken: TOKEN }, new Registry());
});
afterAll(() => server.close());

const ask = (
  of: Pick<TestServer, "app">,
  url: string,
  headers: Record<string, string> = {},
  from = "127.0.0.1",
) => of.app.inject({ url, headers: { host: "localhost:3000", ...headers }, remoteAddress: from });

test("/healthz says that the process lives, whatever is away; /readyz says which part is", async () => {
  expect((await ask(server, "/healthz")).json()).toEqual({ is: "alive" });
  const ready = await ask(server, "/readyz", { origin: "https://elsewhere.example" }, "203.0.113.9");
  expect([ready.statusCode, ready.json()]).toEqual([200, { is: "ready", database: "ok", engine: "ok" }]);
  expect(ready.headers["cache-control"]).toBe("no-store");
  server.engine.isAway = true;
  const away = await ask(server, "/readyz");
  expect([away.statusCode, away.json()]).toEqual([503, { is: "not ready", database: "ok", engine: "away" }]);
  expect((await ask(server, "/healthz")).statusCode).toBe(200);
  server.engine.isAway = false;
  expect((await ask(server, "/readyz")).statusCode).toBe(200);
  server.probes.drain();
  const stopping = await ask(server, "/readyz");
  expect([stopping.statusCode, stopping.json().is]).toEqual([503, "stopping"]);
  expect((await ask(server, "/healthz")).statusCode).toBe(503); // a proxy sends nobody here any more
});

test("without a token /metrics is for programs on this machine that ask it themselves; to others it is not there", async () => {
  const missing = (await ask(server, "/api/nothing")).json();
  expect((await ask(server, "/metrics")).statusCode).toBe(200);
  expect((await ask(server, "/metrics", { host: "[::1]:3000" }, "::1")).statusCode).toBe(200);
  for (const [from, headers] of [
    ["203.0.113.9", {}],
    ["127.0.0.1", { "x-forwarded-for": "127.0.0.1" }],
    ["127.0.0.1", { forwarded: "for=127.0.0.1" }],
    ["127.0.0.1", { host: "192.0.2.1" }],
    ["127.0.0.1", { authorization: `Bearer ${TOKEN}`, "x-real-ip": "127.0.0.1" }],
  ] as const) {
    const refused = await ask(server, "/metrics", headers, from);
    expect([refused.statusCode, refused.json()]).toEqual([
      404,
      { ...missing, requestId: expect.any(String) },
    ]);
  }
});

test("with a token it is for whoever shows it, and for nobody else", async () => {
  const shown = { authorization: `Bearer ${TOKEN}` };
  expect((await ask(guarded, "/metrics", shown, "203.0.113.9")).statusCode).toBe(200);
  for (const authorization of ["", "Bearer ", `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, "Bearer cst-nothing"]) {
    expect((await ask(guarded, "/metrics", { authorization })).statusCode, authorization).toBe(404);
  }
  expect((await ask(guarded, `/metrics?token=${TOKEN}`)).statusCode).toBe(404);
});

test("what happens is counted: requests by route without an id, refusals by code, rooms, people, parts", async () => {
  const owner = await openOwner(server);
  const { id } = (await owner.ask("POST", "/rooms", { name: "Counted" })).json<{ id: string }>();
  expect((await owner.ask("GET", `/rooms/${id}`)).statusCode).toBe(200);
  await ask(server, `/wp-admin/${id}`);
  await ask(server, `/api/v1/rooms/${id}`);
  const text = (await ask(server, "/metrics")).body;
  expect(text).toContain(
    'colourstream_http_requests_total{method="GET",route="/api/v1/rooms/:roomId",status="2xx"} 1',
  );
  expect(text).toContain('colourstream_refusals_total{code="sign_in_needed"} 1');
  expect(text).toMatch(/^colourstream_refusals_total\{code="not_found"\} [1-9]/m);
  for (const line of [
    'colourstream_rooms{state="open"} 1',
    'colourstream_people{role="host"} 0',
    "colourstream_database_up 1",
    "colourstream_bus_first 1",
    "colourstream_engine_up 1",
    "colourstream_sockets 0",
    "colourstream_backup_failed 0",
  ])
    expect(text.split("\n")).toContain(line);
  expect(text).toMatch(/^process_cpu_user_seconds_total /m);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  expect(text).toMatch(/^colourstream_disk_free_bytes [1-9]/m);
  expect(text).not.toContain(id);
  expect(text).not.toContain("Counted");
  expect(text).not.toContain("192.0.2.");
});

test("every metric of Grafana's dashboard and of the alerts is one of ours, and every one of ours is in the docs", async () => {
  const names = new Set(
    [...(await ask(server, "/metrics")).body.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(
      ([, name = "", type]) =>
        type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
  const read = (path: string) => readFileSync(join(PROJECT_ROOT, path), "utf8");
  const used = (text: string) =>
    [...text.matchAll(/\b(?:colourstream|process|nodejs)_[a-z0-9_]+\b/g)].map(([name]) => name);
  const dashboard = read("deploy/grafana/colourstream.json");
  const { panels, schemaVersion } = JSON.parse(dashboard) as {
    panels: { targets?: { expr: string }[] }[];
    schemaVersion: number;
  };
  const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join("\n");
  expect(schemaVersion).toBeGreaterThanOrEqual(39);
  expect(used(asked).length).toBeGreaterThan(20);
  const alerts = used(read("deploy/prometheus/alerts.yml"));
  expect(alerts.length).toBeGreaterThan(5);
  expect([...used(asked), ...alerts].filter((name) => !names.has(name))).toEqual([]);
  const page = read("docs/operations.md");
  const own = [...names]
    .filter((name) => /^colourstream_/.test(name))
    .map((name) => name.replace(/_(bucket|sum|count)$/, ""));
  expect(own.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test("every answer names its request; a proxy's name for it is taken, one that is not well-formed is not", async () => {
  const given = { "x-request-id": "proxy-0123456789" };
  const answer = await ask(server, "/api/v1/rooms", given); // there is no proxy
  expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f]{16}$/);
  expect(answer.json().requestId).toBe(answer.headers["x-request-id"]);
  expect((await ask(guarded, "/metrics", given)).json().requestId).toBe("proxy-0123456789");
  for (const bad of ["short", "a b c d e f g h", "x".repeat(65), '"},{"a":"']) {
    expect((await ask(guarded, "/metrics", { "x-request-id": bad })).json().requestId).toMatch(
      /^[0-9a-f]{16}$/,
    );
  }
});
