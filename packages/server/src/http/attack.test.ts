import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { API_PREFIX, type Route, routes } from "@colourstream/contract";
import type { InjectOptions } from "fastify";
import { Check } from "typebox/value";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Browser, openBrowser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  server = await startTestServer();
  owner = await openOwner(server);
});
afterAll(() => server.close());

const asOwner = (headers: Record<string, string>) => ({ cookie: owner.cookieHeader(), ...headers });

test.each([
  ["no Origin", {}],
  ["another site", { origin: "https://evil.example" }],
  ["another port", { origin: "http://127.0.0.1:1" }],
  ["a name that ends like ours", { origin: "http://evil-127.0.0.1" }],
  ["an opaque origin", { origin: "null" }],
])(
  "a change asked for with %s is refused and nothing happens",
  async (_name, headers: Record<string, string>) => {
    const answer = await server.app.inject({
      method: "POST",
      url: "/api/v1/rooms",
      headers: asOwner({ ...headers, "content-type": "application/json" }),
      payload: JSON.stringify({ name: "By force" }),
    });
    expect([answer.statusCode, answer.json().error]).toEqual([403, "origin_wrong"]);
    expect((await owner.ask("GET", "/rooms")).body).not.toContain("By force");
  },
);

test.each([
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/json-seq",
])("a body of type %s is refused, also from our own origin", async (type) => {
  const answer = await server.app.inject({
    method: "POST",
    url: "/api/v1/rooms",
    headers: asOwner({ origin: server.url, "content-type": type }),
    payload: JSON.stringify({ name: "By form" }),
  });
  expect([answer.statusCode, answer.json().error]).toEqual([400, "invalid_request"]);
});

test("with PUBLIC_URL set another host name is not our origin, whatever Host says", async () => {
  const named = await startTestServer({ PUBLIC_URL: "https://review.example.com" });
  const ask = (origin: string) =>
    named.app.inject({
      method: "POST",
      url: "/api/v1/set-up",
      headers: { origin, host: "evil.example", "content-type": "application/json" },
      payload: JSON.stringify({ code: "x" }),
    });
  expect((await ask("https://evil.example")).statusCode).toBe(403);
  expect((await ask("https://review.example.com")).statusCode).toBe(401);
  await named.close();
});

const CSP = /^default-src 'none'; script-src 'self'; style-src 'self';/;

/** What every answer has to carry, whatever it is. */
function expectHeaders(headers: Record<string, unknown>, kind: string): void {
  expect(headers["content-security-policy"], kind).toMatch(CSP);
  expect(headers["content-security-policy"], kind).not.toMatch(/unsafe|\*/);
  expect(headers, kind).toMatchObject({
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
  });
  expect(headers["permissions-policy"], kind).toContain(
    "publickey-credentials-get=(self), publickey-credentials-create=(self)",
  );
  expect(headers["permissions-policy"], kind).toContain("geolocation=()");
}

test("33: every kind of answer carries the headers: pages, files, API, refusals of every sort", async () => {
  const json = { origin: server.url, "content-type": "application/json" };
  const post = { method: "POST", url: "/api/v1/rooms" } as const;
  await server.product.blocks.add({ address: "203.0.113.33", reason: "x", expiresAt: null }, "owner", null);
  const kinds: [string, InjectOptions, number?][] = [
    ["the page", { url: "/" }],
    ["a page's HEAD", { method: "HEAD", url: "/r/x" }],
    ["a page that is none", { url: "/no/such/page" }],
    ["the page by number", { url: "/", headers: { host: "127.0.0.1:3000" } }, 307],
    ["a file", { url: "/favicon.svg" }],
    ["no such asset", { url: "/assets/none.js" }, 404],
    ["no such address", { url: "/api/nothing" }, 404],
    ["a path that climbs", { url: "/assets/..%2f..%2fpackage.json" }],
    ["a bad escape", { url: "/api/%" }, 400],
    ["a bad escape from a blocked address", { url: "/%", remoteAddress: "203.0.113.33" }, 403],
    ["health", { url: "/api/v1/health" }, 200],
    ["the description", { url: "/api/openapi.json" }, 200],
    ["the keys", { url: "/.well-known/jwks.json" }, 200],
    ["nobody", { url: "/api/v1/rooms" }, 401],
    ["a table", { url: "/api/v1/audit.csv", headers: asOwner({}) }, 200],
    ["another origin", { ...post, headers: { ...json, origin: "https://evil.example" } }, 403],
    ["another host", { url: "/", headers: { host: "evil.example" } }, 403],
    ["a blocked address", { url: "/", remoteAddress: "203.0.113.33" }, 403],
    ["no JSON", { ...post, headers: asOwner(json), payload: "{" }, 400],
    [
      "another type",
      { ...post, headers: asOwner({ ...json, "content-type": "text/plain" }), payload: "x" },
      400,
    ],
    ["too long", { ...post, headers: asOwner(json), payload: `"${"x".repeat(70_000)}"` }, 413],
    ["another method", { method: "PUT", url: "/api/v1/rooms", headers: { origin: server.url } }, 404],
    ["WHEP without an engine", { method: "POST", url: "/whep", payload: "v=0" }, 503],
    ["an upgrade by nobody", { url: "/api/v1/realtime", headers: { ...json, upgrade: "websocket" } }],
  ];
  for (const [kind, request, status] of kinds) {
    const answer = await server.app.inject(request);
    expectHeaders(answer.headers, kind);
    if (status !== undefined) expect(answer.statusCode, kind).toBe(status);
    if (request.url?.toString().startsWith("/api/"))
      expect(answer.headers["cache-control"], kind).toBe("no-store");
  }
});

test("33: the keys for services may be kept for five minutes, and hold no private half", async () => {
  const answer = await server.app.inject({ url: "/.well-known/jwks.json" });
  expect(answer.headers).toMatchObject({
    "cache-control": "public, max-age=300",
    "content-type": expect.stringMatching(/^application\/jwk-set\+json/),
  });
  for (const key of answer.json().keys) expect(key).not.toHaveProperty("d");
});

test.each([
  ["no HTTP", "\u0003\u0000\u0000 not http\r\n\r\n", "400 Bad Request"],
  ["headers of 20 kB", `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, "431 "],
])(
  "33: %s is answered with the headers, HSTS among them on https, and closed",
  async (_name, bytes, status) => {
    const named = await startTestServer({ PUBLIC_URL: "https://review.example.com" });
    const socket = connect(Number(new URL(named.url).port), "127.0.0.1");
    socket.write(bytes);
    let text = "";
    for await (const part of socket) text += part;
    await named.close();
    expect(text.startsWith(`HTTP/1.1 ${status}`)).toBe(true);
    const lines = text
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(/: (.*)/s));
    const headers = Object.fromEntries(lines.map(([name = "", value]) => [name, value]));
    expectHeaders(headers, status);
    expect(headers["strict-transport-security"]).toBe("max-age=31536000");
  },
);

const STRANGE: unknown[] = [
  null,
  true,
  -0,
  2 ** 53,
  1e308,
  "",
  "x".repeat(100_000),
  [],
  [[]],
  {},
  { toString: 1 },
  "\u0000",
  "\uD800",
];

test("32: every field of every body, given every type, is taken or refused with a 4xx, and never a 500", async () => {
  let asked = 0;
  const ask = (route: Route, body: unknown) => {
    asked += 1;
    return server.app.inject({
      method: route.method,
      url: API_PREFIX + route.path.replace(/:\w+/g, "AAAAAAAAAAAAAAAAAAAAAA"),
      remoteAddress: `198.18.${asked >> 8}.${asked & 255}`, // no budget stands before the validation
      headers: asOwner({ origin: server.url, "content-type": "application/json" }),
      payload: JSON.stringify(body),
    });
  };
  for (const route of Object.values<Route>(routes)) {
    if (route.body === undefined) continue;
    const fields = Object.keys((route.body as unknown as { properties: object }).properties);
    const bodies = [...STRANGE, ...fields.flatMap((field) => STRANGE.map((value) => ({ [field]: value })))];
    for (const body of bodies) {
      if (Check(route.body, JSON.parse(JSON.stringify(body)))) continue; // such as one switch of many: not strange
      const { statusCode } = await ask(route, body);
      expect(
        statusCode,
        `${route.method} ${route.path} ${JSON.stringify(body).slice(0, 80)}`,
      ).toBeGreaterThanOrEqual(400);
      expect(statusCode, `${route.method} ${route.path} ${JSON.stringify(body).slice(0, 80)}`).toBeLessThan(
        500,
      );
    }
  }
  expect(asked).toBeGreaterThan(500);
}, 60_000);

test("an unknown field, a poisoned prototype and a body of 65 kB are refused", async () => {
  const raw = (payload: string) =>
    server.app.inject({
      method: "POST",
      url: "/api/v1/rooms",
      headers: asOwner({ origin: server.url, "content-type": "application/json" }),
      payload,
    });
  expect((await raw('{"name":"x","admin":true}')).json().error).toBe("invalid_request");
  expect((await raw('{"name":"x","__proto__":{"a":1}}')).statusCode).toBe(400);
  expect((await raw('{"name":')).statusCode).toBe(400);
  const long = await raw(JSON.stringify({ name: "x".repeat(65 * 1024) }));
  expect([long.statusCode, long.json().error]).toEqual([413, "too_large"]);
});

test("a thousand sockets that send their headers a byte a second are closed within ten seconds", async () => {
  const { port } = new URL(server.url);
  const began = performance.now();
  const sockets = Array.from({ length: 1_000 }, () => connect(Number(port), "127.0.0.1"));
  const closed = sockets.map(async (socket) => {
    socket.on("error", () => undefined);
    socket.resume();
    const end = once(socket, "close");
    socket.write("GET / HTTP/1.1\r\nhost: a\r\nx: ");
    const drip = setInterval(() => socket.write("y"), 1_000);
    await end;
    clearInterval(drip);
  });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const asked = performance.now();
  expect((await fetch(`${server.url}/api/v1/health`)).status).toBe(200);
  expect(performance.now() - asked).toBeLessThan(1_000);
  await Promise.all(closed);
  expect(performance.now() - began).toBeLessThan(10_000);
}, 20_000);

test("WHEP and WHIP go through to the engine with the true address and without our cookies; a long offer does not", async () => {
  const asked: {
    url?: string | undefined;
    method?: string | undefined;
    headers: Record<string, unknown>;
    body: string;
  }[] = [];
  const engine = createHttpServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push({ url: request.url, method: request.method, headers: request.headers, body });
    response.writeHead(201, {
      location: "/whep/abc",
      "content-type": "application/sdp",
      "set-cookie": "no=1",
    });
    response.end("answer");
  });
  const socketPath = join(server.product.config.dataDir, "engine-http.sock");
  engine.listen(socketPath);
  await once(engine, "listening");

  const offer = (payload: string, headers: Record<string, string> = {}) =>
    server.app.inject({
      method: "POST",
      url: "/whep",
      remoteAddress: "192.0.2.7",
      headers: asOwner({
        "content-type": "application/sdp",
        authorization: "Bearer t",
        "x-forwarded-for": "6.6.6.6",
        ...headers,
      }),
      payload,
    });
  const answer = await offer("v=0");
  expect([answer.statusCode, answer.headers.location, answer.body]).toEqual([201, "/whep/abc", "answer"]);
  expect(answer.headers["set-cookie"]).toBeUndefined();
  expect(asked[0]).toMatchObject({ url: "/whep", method: "POST", body: "v=0" });
  expect(asked[0]?.headers).toMatchObject({ authorization: "Bearer t", "x-forwarded-for": "192.0.2.7" });
  expect(asked[0]?.headers["cookie"]).toBeUndefined();
  expect((await offer("v=0", { origin: "https://evil.example" })).statusCode).toBe(403);
  expect((await offer("v".repeat(65 * 1024))).statusCode).toBe(413);

  await server.app.inject({ method: "DELETE", url: "/whep/abc" });
  await server.app.inject({ method: "PATCH", url: "/whep/a%2Fb", payload: "a=ice-ufrag:x" });
  const encoder = { "content-type": "application/sdp", authorization: "Bearer key", "user-agent": "OBS/32" };
  await server.app.inject({ method: "POST", url: "/whip", headers: encoder, payload: "v=0" });
  await server.app.inject({ method: "DELETE", url: "/whip/abc", headers: encoder });
  expect(asked.slice(1).map(({ method, url }) => `${method} ${url}`)).toEqual([
    "DELETE /whep/abc",
    "PATCH /whep/a%2Fb",
    "POST /whip",
    "DELETE /whip/abc",
  ]);
  expect(asked[3]?.headers).toMatchObject({ authorization: "Bearer key", "user-agent": "OBS/32" });
  await new Promise((resolve) => engine.close(resolve));

  const away = await offer("v=0");
  expect([away.statusCode, away.json().error, away.headers["retry-after"]]).toEqual([
    503,
    "engine_away",
    "2",
  ]);
});

test("an engine that takes the offer and says nothing costs ten seconds, not a request for ever", async () => {
  const socketPath = join(server.product.config.dataDir, "engine-http.sock");
  const silent: Server = createServer((socket) => socket.resume());
  silent.listen(socketPath);
  await once(silent, "listening");
  const began = performance.now();
  const answer = await server.app.inject({ method: "POST", url: "/whep", payload: "v=0" });
  expect(answer.statusCode).toBe(503);
  expect(performance.now() - began).toBeLessThan(11_000);
  silent.close();
}, 20_000);

test("an address has a budget of requests, and its neighbour has its own", async () => {
  const statuses = new Set<number>();
  for (let n = 0; n < 450; n++)
    statuses.add((await openBrowser(server, "203.0.113.77").ask("GET", "/api/nothing")).statusCode);
  expect([...statuses]).toEqual([404, 429]);
  expect((await openBrowser(server, "203.0.113.78").ask("GET", "/session")).statusCode).toBe(200);
});

test("an id or a filter with a NUL or another control character in it is no id, and no filter", async () => {
  for (const strange of ["%00", "a%00b", "%1f", "%0a", "%ed%a0%80"]) {
    for (const path of ["/sessions/", "/users/", "/blocks/", "/tokens/", "/passkeys/"]) {
      const { statusCode } = await owner.ask("DELETE", path + strange);
      expect([path, strange, statusCode >= 400 && statusCode < 500]).toEqual([path, strange, true]);
    }
    const { statusCode } = await owner.ask("GET", `/audit?action=${strange}`);
    // What is no UTF-8 becomes U+FFFD in a query (WHATWG URL), which is text.
    expect([strange, statusCode]).toEqual([strange, strange.startsWith("%ed") ? 200 : 400]);
  }
});
