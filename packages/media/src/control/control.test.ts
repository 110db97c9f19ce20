import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createAdmission } from "./admission.js";
import { connectEngine, type EngineLink, type ProductDuties } from "./client.js";
import { makeProductKeys } from "./fixtures/product-keys.js";
import { type ControlDuties, type ControlListener, createControlListener } from "./listener.js";
import { ControlFailure } from "./peer.js";
import { createProductTokens } from "./product-token.js";
import { CONTROL_PROTOCOL, type EngineEvent, MAX_CONTROL_LINE_BYTES, type Verdict } from "./protocol.js";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const quiet = { info: () => {}, warn: () => {} };
const HELLO = { protocol: CONTROL_PROTOCOL, settingsHash: "abc" };
const FROM = { address: "203.0.113.9", protocol: "rtmp" } as const;
const ALLOWED: Verdict = {
  allowed: true,
  stream: "room-1",
  viewer: null,
  lifetimeMs: null,
  passphrase: null,
};
const UNPUBLISHED: EngineEvent = { event: "unpublished", stream: "room-1", take: "t", reason: "ended" };

const keys = await makeProductKeys();
const refusals: string[] = [];
const tokens = createProductTokens(keys.publicKeys, Date.now, (reason) => refusals.push(reason));

const engineDuties: ControlDuties = {
  tokens,
  hello: (asked) => ({
    protocol: CONTROL_PROTOCOL,
    build: "test",
    pid: process.pid,
    settingsHash: asked.settingsHash,
    rtmpPort: null,
    rtmpsPort: null,
    srtPort: null,
    webrtcPort: 1,
    relayPort: null,
    streams: [],
    recordings: [],
  }),
  answer: (question) => {
    if (question === "ping") return {};
    if (question === "streams") return new Promise(() => {}); // never answers
    throw new ControlFailure("unknown-question", question);
  },
};

const socketPath = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "control-"));
  cleanUp.push(() => rmSync(directory, { recursive: true }));
  return join(directory, "run", "engine.sock");
};

const startEngine = async (path: string): Promise<ControlListener> => {
  const listener = createControlListener(engineDuties, quiet);
  await listener.listen(path);
  cleanUp.push(() => listener.close());
  return listener;
};

const joinAsProduct = async (path: string, duties: Partial<ProductDuties> = {}): Promise<EngineLink> => {
  const link = await connectEngine(path, {
    onTell: () => {},
    mayPublish: () => ALLOWED,
    mayPlay: () => ({ allowed: false, reason: "invalid-ticket" }),
    token: keys.sign,
    deadlineMs: 2_000,
    ...duties,
  });
  cleanUp.push(() => link.close());
  await link.ask("hello", HELLO);
  return link;
};

const rawSocket = async (path: string): Promise<Socket> => {
  const socket = connect(path);
  cleanUp.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
};

test("the engine's directory and socket are open to its own user only", async () => {
  const path = socketPath();
  await startEngine(path);
  expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("both sides ask and answer, and the engine tells", async () => {
  const path = socketPath();
  const listener = await startEngine(path);
  const told: EngineEvent[] = [];
  const asked: unknown[] = [];
  const link = await joinAsProduct(path, {
    onTell: (event) => told.push(event),
    mayPublish: (question) => {
      asked.push(question);
      return ALLOWED;
    },
  });
  expect(await link.ask("ping", {})).toEqual({});
  const admission = createAdmission(listener, quiet);
  expect(await admission.mayPublish("key", FROM)).toEqual(ALLOWED);
  expect(await admission.mayPlay("ticket", FROM)).toEqual({ allowed: false, reason: "invalid-ticket" });
  expect(asked).toEqual([{ key: "key", from: FROM }]);
  listener.tell(UNPUBLISHED);
  await expect.poll(() => told).toEqual([UNPUBLISHED]);
});

test("a question without an answer ends at its deadline, and the connection goes on", async () => {
  const path = socketPath();
  await startEngine(path);
  const link = await joinAsProduct(path);
  await expect(link.ask("streams", {}, 50)).rejects.toMatchObject({ code: "deadline" });
  expect(await link.ask("ping", {})).toEqual({});
});

test("a failed answer carries its code", async () => {
  const path = socketPath();
  await startEngine(path);
  const link = await joinAsProduct(path);
  await expect(link.ask("shutdown", {})).rejects.toMatchObject({ code: "unknown-question" });
});

test("a question right behind the answer to hello comes when the product has read that answer", async () => {
  const path = socketPath();
  const listener = await startEngine(path);
  const verdict = createAdmission(listener, quiet).mayPublish("key", FROM); // waits for a product
  const order: string[] = [];
  const link = await connectEngine(path, {
    onTell: () => order.push("told"),
    mayPublish: () => {
      order.push("asked");
      return ALLOWED;
    },
    mayPlay: () => ALLOWED,
    token: keys.sign,
    deadlineMs: 2_000,
  });
  cleanUp.push(() => link.close());
  const hello = (async () => {
    await link.ask("hello", HELLO);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve(); // a caller a few functions up
    order.push("greeted");
  })();
  await hello;
  expect(await verdict).toEqual(ALLOWED);
  expect(order).toEqual(["greeted", "asked"]);
});

test("a newer product replaces the older, whose questions end", async () => {
  const path = socketPath();
  const listener = await startEngine(path);
  const older = await joinAsProduct(path);
  const unanswered = older.ask("streams", {}).catch((error: ControlFailure) => error.code);
  const newer = await joinAsProduct(path);
  await older.closed;
  expect(await unanswered).toBe("closed");
  expect(await newer.ask("ping", {})).toEqual({});
  expect(listener.aloneSinceMs()).toBeNull();
  newer.close();
  await expect.poll(() => listener.aloneSinceMs()).not.toBeNull();
});

test("a hello of another protocol is answered with the reason and replaces nobody", async () => {
  const path = socketPath();
  await startEngine(path);
  const product = await joinAsProduct(path);
  const other = await connectEngine(path, {
    onTell: () => {},
    mayPublish: () => ALLOWED,
    mayPlay: () => ALLOWED,
    token: keys.sign,
    deadlineMs: 1_000,
  });
  cleanUp.push(() => other.close());
  await expect(other.ask("hello", { ...HELLO, protocol: 99 })).rejects.toMatchObject({
    code: "wrong-protocol",
  });
  expect(await product.ask("ping", {})).toEqual({});
});

const HOSTILE: readonly [string, string | Buffer][] = [
  ["no JSON", "GET / HTTP/1.1\n"],
  ["a number", "1\n"],
  ["null", "null\n"],
  ["an array", "[]\n"],
  ["no shape", "{}\n"],
  ["a question of another type", '{"ask":{"toString":1},"id":1}\n'],
  ["an id of another type", '{"ask":"ping","id":"1","with":{}}\n'],
  ["an id beyond the whole numbers", '{"ask":"ping","id":9007199254740993,"with":{}}\n'],
  ["an answer without content", '{"answer":1}\n'],
  ["a failure of another type", '{"answer":1,"failed":"no"}\n'],
  ["a question before hello", '{"ask":"ping","id":1,"with":{}}\n'],
  ["an event for the engine", '{"tell":{"event":"published"}}\n'],
  ["hello with a text for a number", '{"ask":"hello","id":1,"with":{"protocol":"1","settingsHash":"a"}}\n'],
  ["hello with nothing", '{"ask":"hello","id":1}\n'],
  [
    "hello with a prototype",
    '{"ask":"hello","id":1,"with":{"__proto__":{"protocol":1,"settingsHash":"a"}}}\n',
  ],
  ["a name of 1e5 characters", `{"ask":"${"a".repeat(100_000)}","id":1}\n`],
  ["a line without end", Buffer.alloc(MAX_CONTROL_LINE_BYTES + 1, "a")],
  ["bytes", Buffer.from([0xff, 0xfe, 0x0a])],
];

test.each(HOSTILE)("hostile: %s from a stranger ends that connection only", async (_name, bytes) => {
  const path = socketPath();
  await startEngine(path);
  const product = await joinAsProduct(path);
  const hostile = await rawSocket(path);
  hostile.on("error", () => {}); // the engine may be gone before all is written
  hostile.resume();
  hostile.write(bytes);
  await once(hostile, "close");
  expect(await product.ask("ping", {})).toEqual({});
});

test.each(HOSTILE)("hostile: %s behind a good token ends that connection only", async (_name, bytes) => {
  const path = socketPath();
  await startEngine(path);
  const product = await joinAsProduct(path);
  const hostile = await rawSocket(path);
  hostile.on("error", () => {});
  hostile.write(`${JSON.stringify({ ask: "authenticate", id: 1, with: { token: await keys.sign() } })}\n`);
  const [answer] = await once(hostile, "data");
  expect(String(answer)).toBe('{"answer":1,"is":{}}\n');
  hostile.write(bytes);
  await once(hostile, "close");
  expect(await product.ask("ping", {})).toEqual({});
});

const now = (): number => Math.floor(Date.now() / 1000);
const stranger = await makeProductKeys();
const WRONG_TOKENS: readonly [string, () => Promise<unknown>][] = [
  ["no token", async () => undefined],
  ["a number", async () => 7],
  ["no JWT", async () => "a.b.c"],
  ["another audience", () => keys.sign({ audience: "conference" })],
  ["another issuer", () => keys.sign({ issuer: "somebody" })],
  ["an end in the past", () => keys.sign({ iat: now() - 100, exp: now() - 40 })],
  ["an age of 2 minutes and an end tomorrow", () => keys.sign({ iat: now() - 120, exp: now() + 86_400 })],
  ["a beginning in an hour", () => keys.sign({ iat: now() + 3_600, exp: now() + 3_660 })],
  ["a key that nobody knows", () => stranger.sign()],
  ["no signature", async () => `${(await keys.sign()).split(".").slice(0, 2).join(".")}.`],
  [
    "another signature",
    async () => `${(await keys.sign()).split(".").slice(0, 2).join(".")}.${"A".repeat(86)}`,
  ],
  [
    "alg none",
    async () => {
      const [, claims = ""] = (await keys.sign()).split(".");
      return `${Buffer.from('{"alg":"none"}').toString("base64url")}.${claims}.`;
    },
  ],
];

test.each(WRONG_TOKENS)(
  "a connection that shows %s is refused and closed, and the product's goes on",
  async (_name, make) => {
    const path = socketPath();
    const listener = await startEngine(path);
    const told: EngineEvent[] = [];
    const product = await joinAsProduct(path, { onTell: (event) => told.push(event) });
    const other = await rawSocket(path);
    let text = "";
    other.on("data", (piece) => {
      text += piece;
    });
    other.on("error", () => {});
    other.write(`${JSON.stringify({ ask: "authenticate", id: 1, with: { token: await make() } })}\n`);
    other.write(`${JSON.stringify({ ask: "hello", id: 2, with: HELLO })}\n`);
    await once(other, "close");
    expect(text).not.toContain('"is"');
    expect(await product.ask("ping", {})).toEqual({});
    listener.tell(UNPUBLISHED);
    await expect.poll(() => told).toEqual([UNPUBLISHED]);
  },
);

test("a token opens one connection, and not a second one within its minute", async () => {
  const path = socketPath();
  await startEngine(path);
  const token = await keys.sign();
  const product = await joinAsProduct(path, { token: async () => token });
  refusals.length = 0;
  await expect(joinAsProduct(path, { token: async () => token })).rejects.toMatchObject({
    code: "not-trusted",
  });
  expect(refusals).toEqual(["shown before"]);
  expect(await product.ask("ping", {})).toEqual({});
});

test("a verdict that is not understood admits nobody and ends the connection", async () => {
  const path = socketPath();
  const listener = await startEngine(path);
  const link = await joinAsProduct(path, {
    mayPublish: () => ({ allowed: 1, stream: {} }) as unknown as Verdict,
  });
  const admission = createAdmission(listener, quiet);
  expect(await admission.mayPublish("key", FROM)).toEqual({ allowed: false, reason: "not-ready" });
  await link.closed;
});

test("admission waits for a product that is just restarting, and no longer than 2 s", async () => {
  const path = socketPath();
  const listener = await startEngine(path);
  const admission = createAdmission(listener, quiet);
  const soon = admission.mayPublish("key", FROM);
  setTimeout(() => void joinAsProduct(path), 300);
  expect(await soon).toEqual(ALLOWED);

  const alone = await startEngine(socketPath());
  const startedAt = performance.now();
  expect(await createAdmission(alone, quiet).mayPlay("ticket", FROM)).toEqual({
    allowed: false,
    reason: "not-ready",
  });
  const tookMs = performance.now() - startedAt;
  expect(tookMs).toBeGreaterThan(1_900);
  expect(tookMs).toBeLessThan(3_000);
});

test("admission asks again when the product goes away while it is asked", async () => {
  const path = socketPath();
  const listener = await startEngine(path);
  const first = await joinAsProduct(path, {
    mayPublish: () => {
      first.close();
      return new Promise<Verdict>(() => {});
    },
  });
  const verdict = createAdmission(listener, quiet).mayPublish("key", FROM);
  await first.closed;
  await joinAsProduct(path);
  expect(await verdict).toEqual(ALLOWED);
});

test("a socket file left by a killed engine is replaced, a living engine's is not", async () => {
  const path = socketPath();
  const living = await startEngine(path);
  await expect(createControlListener(engineDuties, quiet).listen(path)).rejects.toThrow(
    "another engine already listens",
  );
  await living.close();
  writeFileSync(path, ""); // a file on which nobody answers
  const next = await startEngine(path);
  await joinAsProduct(path);
  expect(next.aloneSinceMs()).toBeNull();
});

test("an engine that told something unknown loses the connection, not the product", async () => {
  const path = socketPath();
  const server = createServer((socket) => {
    socket.once("data", () =>
      socket.end('{"answer":1,"is":{}}\n{"tell":{"event":"published","stream":7}}\n'),
    );
  });
  const directory = join(path, "..", "..");
  await new Promise<void>((resolve) => server.listen(join(directory, "fake.sock"), resolve));
  cleanUp.push(() => server.close());
  const link = await connectEngine(join(directory, "fake.sock"), {
    onTell: () => {},
    mayPublish: () => ALLOWED,
    mayPlay: () => ALLOWED,
    token: keys.sign,
    deadlineMs: 1_000,
  });
  expect(await link.closed).toContain("published.stream");
});
