import { createHmac } from "node:crypto";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOmeAdmission } from "../engine/ovenmediaengine/admission.js";
import { createOmeTickets } from "../engine/ovenmediaengine/tickets.js";
import { createRefusals } from "../engine/refusals.js";
import { directoryOf, listeningBus, storedRoom } from "../testing/ome-room.js";
import { startTestServer, type TestServer } from "../testing/server.js";
import { createApp } from "./app.js";
import { OME_ADMISSION_PATH } from "./ome-admission.js";

// What admits publishers and viewers of OvenMediaEngine: reliability.md, test 31, and weakness 6 of earlier systems,
// whose webhook let everybody in where it had no secret. Here there is no such place: the driver has none to be without.

const SECRET = "a-secret-of-twenty-two-letters";
let server: TestServer;
let app: FastifyInstance;
let now = Date.now();

beforeAll(async () => {
  server = await startTestServer();
  const tickets = createOmeTickets({ key: new Uint8Array(32), bus: listeningBus(), wallClock: () => now });
  const admission = createOmeAdmission({
    config: { webhookSecret: SECRET, app: "app", universalApp: null },
    settings: () => ({ rtmpOn: true, rtmpsOn: true, srtOn: false, whipOn: true }),
    rooms: directoryOf(["the-key"], [storedRoom("the-key")]),
    blocks: { isBlocked: () => false },
    tickets,
    refusals: createRefusals(() => now),
    mayTake: () => true,
    letIn: () => undefined,
    closed: () => undefined,
    clock: () => performance.now(),
    wallClock: () => now,
    tell: () => undefined,
    log: () => undefined,
  });
  const never = async (): Promise<never> => {
    throw new Error("no engine is asked here");
  };
  const made = await createApp({
    product: server.product,
    log: pino({ level: "silent" }),
    askEngine: never,
    openEngine: never,
    admission,
  });
  app = made.app;
});
afterAll(async () => {
  await app?.close();
  await server?.close();
});

let port = 1_000;
const question = (change: { time?: number; key?: string; protocol?: string } = {}): string => {
  port += 1; // each is another question
  const { time = now, key = "the-key", protocol = "RTMP" } = change;
  return JSON.stringify({
    client: { address: "192.0.2.7", port, real_ip: "192.0.2.7" },
    request: {
      direction: "incoming",
      protocol,
      status: "opening",
      time: new Date(time).toISOString(),
      url: `rtmp://live.example.org:1935/app/${key}`,
    },
  });
};
const sign = (body: string, secret = SECRET, hash = "sha1"): string =>
  createHmac(hash, secret).update(body).digest("base64url");
const ask = (body: string | Buffer, signature: string | null, headers: Record<string, string> = {}) =>
  app.inject({
    method: "POST",
    url: OME_ADMISSION_PATH,
    headers: {
      "content-type": "application/json",
      ...(signature !== null && { "x-ome-signature": signature }),
      ...headers,
    },
    payload: body,
  });

test("a question that is signed is answered, whatever Host and Origin it came with, and without a cookie", async () => {
  const body = question();
  const answer = await ask(body, sign(body), {
    host: "ome.internal:3000",
    origin: "https://elsewhere.example",
  });
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { allowed: true, new_url: "rtmp://live.example.org:1935/app/s-the-key" },
  ]);
  expect(answer.headers["cache-control"]).toBe("no-store");
});

test("31: none, a wrong, a short, a padded or another hash's signature is 401 without a word", async () => {
  const body = question();
  const right = sign(body);
  const wrong: (string | null)[] = [
    null,
    "",
    "a",
    right.slice(0, -1),
    `${right}=`,
    ` ${right}x`,
    right.toLowerCase(),
    sign(body, "another-secret-of-22-letters"),
    sign(body, ""),
    sign(body, SECRET, "sha256"),
    sign(`${body} `),
    createHmac("sha1", SECRET).update(body).digest("hex"),
  ];
  for (const signature of wrong) {
    const answer = await ask(body, signature);
    expect([signature, answer.statusCode, answer.body]).toEqual([signature, 401, ""]);
  }
  // Changed by one byte on its way, and what is not even JSON.
  const changed = body.replace("the-key", "tha-key");
  expect((await ask(changed, right)).statusCode).toBe(401);
  expect((await ask(Buffer.from([0xff, 0x00]), "x")).statusCode).toBe(401);
  expect((await ask(body, right)).json()).toMatchObject({ allowed: true }); // none of that has used it up
});

test("31: a question of five minutes ago, of the future, or asked before is 401; a closing may come twice", async () => {
  for (const time of [now - 300_001, now + 300_001]) {
    const body = question({ time });
    expect((await ask(body, sign(body))).statusCode).toBe(401);
  }
  const late = question({ time: now - 299_000 });
  expect((await ask(late, sign(late))).json()).toMatchObject({ allowed: true });
  const once = question();
  expect((await ask(once, sign(once))).statusCode).toBe(200);
  for (const laterMs of [0, 299_000, 301_000]) {
    now += laterMs;
    expect((await ask(once, sign(once))).statusCode).toBe(401);
  }
  const closing = question().replace('"opening"', '"closing"');
  for (let twice = 0; twice < 2; twice += 1) {
    const answer = await ask(closing, sign(closing));
    expect([answer.statusCode, answer.json()]).toEqual([200, {}]);
  }
});

test("what is signed and not understood, a way that is off, and a wrong key are denied, not let in", async () => {
  const bodies = [
    "{}",
    "null",
    "[]",
    "nothing",
    JSON.stringify({ client: {}, request: { direction: "incoming" } }),
    question({ key: "another-key" }),
    question({ protocol: "File" }),
    question().replace("/app/", "/another/"),
    question({ key: "%E0%A4%A" }),
  ];
  for (const body of bodies) {
    const answer = await ask(body, sign(body));
    expect([body, answer.statusCode, answer.json()]).toEqual([
      body,
      200,
      expect.objectContaining({ allowed: false }),
    ]);
    expect(answer.body).not.toContain("new_url");
  }
  const srt = question({ protocol: "SRT", key: "srt-the-key" });
  expect((await ask(srt, sign(srt))).json()).toEqual({ allowed: false, reason: "protocol-off" });
});

test("64 KiB are the most, another method is nobody's, and 1,000 at once are answered", async () => {
  const long = " ".repeat(65 * 1024);
  expect((await ask(long, sign(long))).statusCode).toBe(413);
  const got = await app.inject({ method: "PUT", url: OME_ADMISSION_PATH });
  expect(got.statusCode).toBeGreaterThanOrEqual(400);
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, () => {
      const body = question();
      return ask(body, sign(body));
    }),
  );
  expect(answers.filter(({ statusCode }) => statusCode !== 200)).toEqual([]);
});

test("where the embedded engine runs there is no such address", async () => {
  const body = question();
  const headers = { "content-type": "application/json", "x-ome-signature": sign(body), origin: server.url };
  const answer = await server.app.inject({ method: "POST", url: OME_ADMISSION_PATH, headers, payload: body });
  expect(answer.statusCode).toBe(404);
});
