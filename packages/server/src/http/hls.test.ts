import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../testing/server.js";

type Engine = (request: IncomingMessage, response: ServerResponse) => void;

let server: TestServer;
let engine: Engine;
const socket = createServer((request, response) => engine(request, response));

beforeAll(async () => {
  server = await startTestServer();
  await new Promise<void>((resolve) => {
    socket.listen(join(server.product.config.dataDir, "engine-http.sock"), () => resolve());
  });
});
afterAll(async () => {
  socket.closeAllConnections();
  socket.close();
  await server.close();
});
beforeEach(() => {
  engine = (_request, response) => response.writeHead(200).end();
});

const PART = "/hls/abcdefghijklmnopqrstuv/7.3.m4s";

test("what the engine sends is passed on while it comes, with our headers and only its own that matter", async () => {
  let finish = () => {};
  engine = (_request, response) => {
    response.writeHead(200, {
      "content-type": "video/mp4",
      "cache-control": "private, max-age=600, immutable",
      "content-length": 8,
      "x-inside": "secret",
      "set-cookie": "a=b",
    });
    response.write("moof");
    finish = () => response.end("mdat");
  };
  const answer = await fetch(server.url + PART);
  expect(answer.headers.get("content-type")).toBe("video/mp4");
  expect(answer.headers.get("cache-control")).toBe("private, max-age=600, immutable");
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.get("x-inside")).toBeNull();
  expect(answer.headers.get("set-cookie")).toBeNull();
  const reader = answer.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("moof"); // the rest has not been sent
  finish();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("mdat");
});

test("the engine sees the path, what a reload asks for, the ticket and the address that we saw; nothing else", async () => {
  const seen: { url: string | undefined; method: string | undefined; headers: IncomingMessage["headers"] }[] =
    [];
  engine = ({ url, method, headers }, response) => {
    seen.push({ url, method, headers });
    response.writeHead(201, { location: "/hls/abc/index.m3u8" }).end();
  };
  await fetch(`${server.url}/hls/abc/stream.m3u8?_HLS_msn=4&_HLS_part=2&token=x`, {
    headers: { cookie: "session=secret", "x-forwarded-for": "6.6.6.6" },
  });
  const made = await fetch(`${server.url}/hls`, {
    method: "POST",
    headers: { authorization: "Bearer ticket" },
  });
  expect(made.status).toBe(201);
  expect(made.headers.get("location")).toBe("/hls/abc/index.m3u8");
  expect(seen[0]?.url).toBe("/hls/abc/stream.m3u8?_HLS_msn=4&_HLS_part=2");
  expect(seen[0]?.headers).not.toHaveProperty("cookie");
  expect(seen[0]?.headers["x-forwarded-for"]).toMatch(/^(127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/);
  expect(seen[1]).toMatchObject({ url: "/hls", method: "POST", headers: { authorization: "Bearer ticket" } });
});

test("HEAD gives the headers without a body; a way out of the path reaches nothing", async () => {
  const urls: (string | undefined)[] = [];
  engine = ({ url }, response) => {
    urls.push(url);
    response.writeHead(200, { "content-length": 4 }).end("mdat"); // which Node leaves out for HEAD
  };
  const head = await fetch(server.url + PART, { method: "HEAD" });
  expect(head.status).toBe(200);
  expect(head.headers.get("content-length")).toBe("4");
  for (const path of ["/hls/abc/..%2f..%2fwhep", "/hls/%2e%2e%2fwhep/x", "/hls/abc/%00"]) {
    await new Promise<void>((resolve) => {
      httpRequest(server.url, { path }, (answer) => {
        answer.resume();
        resolve();
      }).end();
    });
  }
  expect(urls.slice(1).filter((url) => url?.split("/").length !== 4)).toEqual([]); // stays one name below
});

test("when the player goes, the engine's side is let go of too, also while it holds the request", async () => {
  let gone = 0;
  let come = 0;
  engine = (_request, response) => {
    come += 1;
    response.once("close", () => gone++);
    if (come === 2) response.writeHead(200).write(Buffer.alloc(1 << 20)); // never ends
  };
  for (const waitFor of [1, 2]) {
    const abort = new AbortController();
    const asked = fetch(server.url + PART, { signal: abort.signal }).then((answer) => answer.arrayBuffer());
    await expect.poll(() => come, { timeout: 10_000 }).toBe(waitFor);
    abort.abort();
    await expect(asked).rejects.toThrow("abort");
    await expect.poll(() => gone, { timeout: 10_000 }).toBe(waitFor);
  }
});

test("one address has so many requests at a time; the others go on", async () => {
  const held: ServerResponse[] = [];
  engine = (_request, response) => held.push(response);
  let refused = 0;
  const many = Array.from({ length: 300 }, async () => {
    const { status } = await fetch(server.url + PART);
    if (status === 429) refused += 1;
    return status;
  });
  await expect.poll(() => [held.length, refused], { timeout: 20_000 }).toEqual([256, 44]);
  for (const response of held) response.writeHead(200).end();
  const statuses = await Promise.all(many);
  expect(statuses.filter((status) => status === 200)).toHaveLength(256);
  engine = (_request, response) => response.writeHead(200).end();
  expect((await fetch(server.url + PART)).status).toBe(200);
});

test("another site's page cannot open a session; the engine away is said so", async () => {
  const headers = { authorization: "Bearer ticket", origin: "https://evil.example" };
  // A Bearer token is no cookie: no other page can make a browser send it, and it would not be answered to that page.
  const answer = await fetch(`${server.url}/hls`, { method: "POST", headers });
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  const bare = await fetch(`${server.url}/hls`, { method: "POST", headers: { origin: headers.origin } });
  expect(bare.status).toBe(403);
  engine = (request) => request.socket.destroy();
  const away = await fetch(server.url + PART);
  expect(away.status).toBe(503);
  expect(away.headers.get("retry-after")).not.toBeNull();
});

test("28: session addresses are not to be guessed: 404 like anything else, then 429", async () => {
  engine = (_request, response) => {
    response.writeHead(404, { "x-no-session": "1", "content-type": "application/problem+json" }).end("{}");
  };
  const statuses = new Map<number, number>();
  let body: unknown;
  for (let guess = 0; guess < 70; guess += 1) {
    const answer = await fetch(`${server.url}/hls/${String(guess).padStart(22, "a")}/index.m3u8`);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    body ??= await answer.json();
  }
  expect(Object.fromEntries(statuses)).toEqual({ 404: 60, 429: 10 });
  expect(body).toMatchObject({ error: "not_found" });
  engine = (_request, response) => response.writeHead(200).end();
  expect((await fetch(server.url + PART)).status).toBe(200); // who has an address watches on
});
