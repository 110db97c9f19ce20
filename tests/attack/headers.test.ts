import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Invitation } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiClient, makeTicket, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { PROJECT_ROOT } from "../tools/root.js";
import { addressOf, BEHIND_PROXY } from "./ask.js";

// 33: what every answer carries, whatever it is: read from the socket, byte for byte.

const VIDEO = "https://video.example.com";
const STREAM = "https://stream.example.com";
/** MiroTalk and OvenMediaEngine on origins of their own; neither has to answer. */
const BESIDE_OTHERS = {
  CONFERENCE: "mirotalk",
  MIROTALK_URL: VIDEO,
  MIROTALK_API_URL: "http://127.0.0.1:1",
  MIROTALK_API_KEY: "api-key-of-the-test-0123",
  MIROTALK_JWT_KEY: "jwt-key-of-the-test-0123",
  MIROTALK_PASSWORD: "password-of-the-test-01",
  ENGINE: "ovenmediaengine",
  OME_API_URL: "http://127.0.0.1:1",
  OME_PUBLIC_URL: STREAM,
  OME_API_TOKEN: "api-token-of-the-test-01",
  OME_WEBHOOK_SECRET: "webhook-of-the-test-0123",
} as const;

let product: Product;
let secure: Product;
let owner: ApiClient;
let room: TestRoom;
let addresses = 0;
beforeAll(async () => {
  [product, secure] = await Promise.all([
    startProduct(BEHIND_PROXY),
    startProduct({ ...BEHIND_PROXY, ...BESIDE_OTHERS, PUBLIC_URL: "https://review.example.com" }),
  ]);
  owner = await product.owner();
  room = await product.createRoom("Headed");
});
afterAll(async () => {
  await Promise.all([product?.remove(), secure?.remove()]);
});

type Raw = { readonly status: number; readonly headers: ReadonlyMap<string, string>; readonly body: string };

/** Sends bytes and reads the answer to its end. */
function exchange(text: string): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(product.url).port), "127.0.0.1");
    let answer = "";
    socket.setTimeout(12_000, () => socket.destroy(new Error(`no answer to ${text.slice(0, 60)}`)));
    socket.on("data", (part) => {
      answer += part.toString("latin1");
    });
    socket.on("error", (error) => (answer === "" ? reject(error) : undefined));
    socket.on("close", () => {
      const [head = "", ...rest] = answer.split("\r\n\r\n");
      const [first = "", ...lines] = head.split("\r\n");
      const headers = lines.map((line): [string, string] => {
        const at = line.indexOf(":");
        return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
      });
      resolve({
        status: Number(first.split(" ")[1]),
        headers: new Map(headers),
        body: rest.join("\r\n\r\n"),
      });
    });
    socket.write(text);
  });
}

function request(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = "",
): Promise<Raw> {
  const { host } = new URL(product.url);
  const all: Record<string, string> = {
    host,
    origin: product.url,
    connection: "close",
    "x-forwarded-for": addressOf(++addresses),
    ...(body !== "" && { "content-type": "application/json", "content-length": String(body.length) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return exchange(`${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}

const api = (path: string): string => `/api/v1${path}`;

/** Every kind of answer: its name, the status that is expected, and how to get it. */
async function kinds(): Promise<[string, number, () => Promise<Raw>][]> {
  const cookie = owner.cookie();
  const asset = readdirSync(join(PROJECT_ROOT, "packages/web/dist/app/assets"))[0] ?? "";
  const reviewer = await product.join(room, "Rita");
  const { ticket } = await makeTicket(reviewer, room);
  const wish = { name: "Ines", role: "reviewer", startsAt: Date.now() + 3_600_000, durationMinutes: 60 };
  const { id } = await owner.ask<Invitation>("POST", `/rooms/${room.id}/invitations`, wish);
  const upgrade = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  const sdp = { "content-type": "application/sdp" };
  return [
    ["the first page", 200, () => request("GET", "/")],
    ["a page that is no page", 200, () => request("GET", "/no/such/page")],
    ["a room's page", 200, () => request("GET", `/r/${room.id}`)],
    ["HEAD of a page", 200, () => request("HEAD", "/studio")],
    ["a script or style", 200, () => request("GET", `/assets/${asset}`)],
    ["an asset that is not there", 404, () => request("GET", "/assets/none.js")],
    ["the icon", 200, () => request("GET", "/favicon.svg")],
    ["a path out of the folder", 404, () => request("GET", "/assets/..%2f..%2f..%2fpackage.json")],
    ["health", 200, () => request("GET", api("/health"))],
    ["the API's description", 200, () => request("GET", "/api/openapi.json")],
    ["the service keys", 200, () => request("GET", "/.well-known/jwks.json")],
    ["no such route", 404, () => request("GET", "/api/nothing")],
    ["no such method", 404, () => request("PUT", api("/rooms"), {}, "{}")],
    ["OPTIONS", 404, () => request("OPTIONS", api("/rooms"))],
    ["not signed in", 401, () => request("GET", api("/rooms"))],
    ["a list", 200, () => request("GET", api("/rooms"), { cookie })],
    ["nothing to say", 204, () => request("DELETE", api(`/rooms/${room.id}/test-signal`), { cookie })],
    ["not there", 404, () => request("GET", api(`/rooms/${"A".repeat(22)}`), { cookie })],
    [
      "another origin",
      403,
      () => request("POST", api("/rooms"), { cookie, origin: "https://e.example" }, "{}"),
    ],
    ["a body that is no JSON", 400, () => request("POST", api("/rooms"), { cookie }, "{")],
    [
      "a form",
      400,
      () =>
        request(
          "POST",
          api("/rooms"),
          { cookie, "content-type": "application/x-www-form-urlencoded" },
          "a=b",
        ),
    ],
    ["a long body", 413, () => request("POST", api("/rooms"), { cookie }, `"${"x".repeat(70_000)}"`)],
    ["a wrong field", 400, () => request("POST", api("/rooms"), { cookie }, '{"name":1}')],
    ["a table to download", 200, () => request("GET", api("/audit.csv"), { cookie })],
    [
      "a calendar file",
      200,
      () => request("GET", api(`/rooms/${room.id}/invitations/${id}/calendar.ics`), { cookie }),
    ],
    ["an upgrade without a session", 401, () => request("GET", api("/realtime"), upgrade)],
    [
      "an upgrade from another origin",
      403,
      () => request("GET", api("/realtime"), { ...upgrade, cookie, origin: "https://e.example" }),
    ],
    ["WHEP without a ticket", 401, () => request("POST", "/whep", sdp, "v=0\r\n")],
    [
      "WHEP with an offer that is none",
      400,
      () => request("POST", "/whep", { ...sdp, authorization: `Bearer ${ticket}` }, "v=0\r\n"),
    ],
    [
      "WHEP from another origin",
      403,
      () => request("POST", "/whep", { ...sdp, origin: "https://e.example" }, "v"),
    ],
    ["a long WHEP offer", 413, () => request("POST", "/whep", sdp, "v".repeat(70_000))],
    ["what is not HTTP", 400, () => exchange("\u0003\u0000\u0000 nothing\r\n\r\n")],
    [
      "long headers",
      431,
      () => exchange(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"a".repeat(20_000)}\r\n\r\n`),
    ],
    ["slow headers", 408, () => exchange("GET / HTTP/1.1\r\nX-Slow: ")],
  ];
}

const FIXED = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

test("33: every kind of answer carries the security headers", async () => {
  const answers = await Promise.all(
    (await kinds()).map(async ([name, status, get]) => ({ name, status, answer: await get() })),
  );
  expect(answers.length).toBeGreaterThan(30);
  for (const { name, status, answer } of answers) {
    expect([name, answer.status]).toEqual([name, status]);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect([name, policy]).toEqual([name, expect.stringMatching(/^default-src 'none'; script-src 'self'; /)]);
    expect([name, policy]).toEqual([name, expect.not.stringMatching(/unsafe|\*|https?:\s/)]);
    for (const part of ["style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"])
      expect([name, policy]).toEqual([name, expect.stringContaining(part)]);
    for (const [header, value] of Object.entries(FIXED))
      expect([name, header, answer.headers.get(header)]).toEqual([name, header, value]);
    const permissions = answer.headers.get("permissions-policy") ?? "";
    expect([name, permissions]).toEqual([name, expect.stringMatching(/geolocation=\(\)/)]);
    expect([name, answer.headers.has("server"), answer.headers.has("x-powered-by")]).toEqual([
      name,
      false,
      false,
    ]);
  }
});

test("33: beside MiroTalk and OvenMediaEngine each of the two is let do what it is for, and nothing else", async () => {
  const policyOf = async (path: string) => {
    const { headers } = await fetch(secure.url + path, { redirect: "manual" });
    const parts = (headers.get("content-security-policy") ?? "").split("; ");
    return {
      naming: (origin: string) =>
        parts.filter((part) => part.includes(origin)).map((part) => part.split(" ")[0]),
      ancestors: parts.find((part) => part.startsWith("frame-ancestors")),
      frames: headers.get("x-frame-options"),
      permissions: headers.get("permissions-policy") ?? "",
    };
  };
  for (const path of ["/", "/studio", "/api/v1/health", "/api/nothing"]) {
    const { naming, ancestors, frames, permissions } = await policyOf(path);
    expect([path, naming(VIDEO)]).toEqual([path, ["frame-src"]]);
    expect([path, naming(STREAM)]).toEqual([path, ["media-src", "connect-src"]]);
    expect([path, ancestors, frames]).toEqual([path, "frame-ancestors 'none'", "DENY"]);
    expect(permissions).toContain(`camera=(self "${VIDEO}")`);
    expect(permissions).not.toContain(STREAM);
  }
  const left = await policyOf("/conference-left");
  expect([left.ancestors, left.frames]).toEqual(["frame-ancestors 'self'", "SAMEORIGIN"]);
  expect([...left.naming(VIDEO), ...left.naming(STREAM)]).toEqual([]);
});

test("33: nothing of the API is kept by a cache, and files whose name holds their hash are", async () => {
  const cookie = owner.cookie();
  for (const path of ["/rooms", "/session", "/audit.csv", "/nothing"]) {
    const { headers } = await request("GET", api(path), { cookie });
    expect([path, headers.get("cache-control")]).toEqual([path, "no-store"]);
  }
  const page = await request("GET", "/studio");
  expect(page.headers.get("cache-control")).toBe("no-store");
  const asset = /\/assets\/[\w.-]+\.js/.exec(page.body)?.[0] ?? "";
  expect((await request("GET", asset)).headers.get("cache-control")).toMatch(/immutable/);
});

test("33: behind https the session is a __Host- cookie, and the browser is told to stay with https for a year", async () => {
  const answer = await fetch(`${secure.url}/api/v1/sign-in/options`, {
    method: "POST",
    headers: { origin: "https://review.example.com", "x-forwarded-proto": "https" },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("strict-transport-security")).toMatch(/^max-age=31536000/);
  const [cookie = ""] = answer.headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-browser=[\w-]{43};/);
  for (const flag of [/HttpOnly/, /Secure/, /SameSite=Lax/, /Path=\//]) expect(cookie).toMatch(flag);
  expect(cookie).not.toMatch(/Domain=/);
});

test("33: the pages have no inline script and no inline style, and take nothing from another host", async () => {
  const { body } = await request("GET", "/");
  expect(body).toContain("<html");
  expect(body).not.toMatch(/<script(?![^>]*\bsrc=)/i);
  expect(body).not.toMatch(/<style|\sstyle=|\son\w+=/i);
  expect([...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = ""]) => url)).toSatisfy(
    (urls: string[]) => urls.every((url) => url.startsWith("/") && !url.startsWith("//")),
  );
});
