import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { routes } from "@colourstream/contract";
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

test("every kind of answer carries the headers", async () => {
  const kinds = [
    "/",
    "/no/such/page",
    "/api/v1/health",
    "/api/v1/rooms",
    "/api/nothing",
    "/assets/none.js",
    "/api/openapi.json",
  ];
  for (const url of kinds) {
    const { headers } = await server.app.inject({ url });
    expect(headers["content-security-policy"], url).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    expect(headers["content-security-policy"], url).not.toMatch(/unsafe|\*/);
    expect(headers, url).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
    });
    if (url.startsWith("/api/")) expect(headers["cache-control"], url).toBe("no-store");
  }
});

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

test("every field of every body, given every type, is refused with a 4xx that names it", async () => {
  for (const route of Object.values(routes)) {
    if (!("body" in route)) continue;
    const path = route.path.replace(":roomId", "AAAAAAAAAAAAAAAAAAAAAA");
    for (const field of Object.keys(route.body.properties)) {
      for (const value of STRANGE) {
        const answer = await owner.ask(route.method, path, { [field]: value });
        expect([route.path, field, value, answer.statusCode >= 400 && answer.statusCode < 500]).toEqual([
          route.path,
          field,
          value,
          true,
        ]);
      }
    }
    for (const value of STRANGE) {
      const { statusCode } = await owner.ask(route.method, path, value);
      expect(statusCode).toBeGreaterThanOrEqual(400);
      expect(statusCode).toBeLessThan(500);
    }
  }
});

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
    socket.write("GET / HTTP/1.1\r\nhost: a\r\nx: ");
    const drip = setInterval(() => socket.write("y"), 1_000);
    await once(socket, "close");
    clearInterval(drip);
  });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const asked = performance.now();
  expect((await fetch(`${server.url}/api/v1/health`)).status).toBe(200);
  expect(performance.now() - asked).toBeLessThan(1_000);
  await Promise.all(closed);
  expect(performance.now() - began).toBeLessThan(10_000);
}, 20_000);

test("what is not HTTP is answered with 400 and the headers, and closed", async () => {
  const { port } = new URL(server.url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.write("\u0003\u0000\u0000 not http\r\n\r\n");
  let text = "";
  for await (const part of socket) text += part;
  expect(text).toMatch(/^HTTP\/1.1 400 Bad Request\r\ncontent-security-policy: default-src 'none'/);
});

test("WHEP goes through to the engine with the true address and without our cookies; a long offer does not", async () => {
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
  expect(asked.slice(1).map(({ method, url }) => `${method} ${url}`)).toEqual([
    "DELETE /whep/abc",
    "PATCH /whep/a%2Fb",
  ]);
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
    statuses.add((await openBrowser(server, "203.0.113.77").ask("GET", "/session")).statusCode);
  expect([...statuses]).toEqual([200, 429]);
  expect((await openBrowser(server, "203.0.113.78").ask("GET", "/session")).statusCode).toBe(200);
});
