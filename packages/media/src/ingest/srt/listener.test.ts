import { randomBytes } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import type { Verdict } from "../../control/protocol.js";
import { attemptBudget } from "../../net/attempt-budget.js";
import { systemClock } from "../../transport/system-clock.js";
import { EXTENSION, parseCapabilities } from "../../wire/srt/extensions.js";
import { HANDSHAKE_TYPE, parseHandshake } from "../../wire/srt/handshake.js";
import { parseSrtPacket, writeSrtPacket } from "../../wire/srt/packet.js";
import { allowed, call, closeAll, connected, cookieOf, listen, openPeer } from "./fixtures/listener-scene.js";
import {
  type CallerWish,
  conclusion,
  induction,
  makeKeyMaterial,
  startTestCaller,
  toNobody,
} from "./fixtures/test-caller.js";
import { startSrtListener } from "./listener.js";

const PASSPHRASE = "correct horse battery";

afterEach(closeAll);

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("a caller is let in, its packets go out in order, and it ends with its shutdown", async () => {
  const { listener, asked, payloads, closed, publishers } = await listen();
  const peer = await openPeer(listener.port);
  const answer = await call(peer, {
    socketId: 77,
    streamId: "the-key",
    latencyMs: 250,
    initialSequence: 2 ** 31 - 2,
  });
  expect(answer.type).toBe(HANDSHAKE_TYPE.conclusion);
  expect(asked).toEqual([["the-key", { address: "127.0.0.1", protocol: "srt" }]]);
  const response = answer.extensions.find(({ type }) => type === EXTENSION.response);
  expect(parseCapabilities(response?.content ?? new Uint8Array(0)).receiverLatencyMs).toBe(250);
  const caller = connected(peer, answer);
  for (let i = 0; i < 5; i++) caller.send(Uint8Array.of(i), performance.now());
  await peer.until(() => (payloads.length === 5 ? true : undefined));
  expect(payloads.map(([first]) => first)).toEqual([0, 1, 2, 3, 4]);
  expect(publishers[0]?.source).toEqual({ protocol: "srt", address: "127.0.0.1", encoder: "SRT 1.5.1" });
  await peer.until(() => publishers[0]?.link()?.rttMs ?? undefined);
  expect(publishers[0]?.link()).toMatchObject({ latencyMs: 250, isEncrypted: false, missingPercent: 0 });
  peer.send(writeSrtPacket({ is: "shutdown", timestamp: 0, destination: answer.socketId }));
  await expect.poll(() => closed).toEqual(["ended"]);
});

test("before the cookie nothing is asked and nothing answered that is longer than the question", async () => {
  const { listener, asked } = await listen();
  const peer = await openPeer(listener.port);
  const wish = { socketId: 5, streamId: "key" };
  const first = induction(wish);
  const cookie = await cookieOf(peer, wish);
  expect(peer.got[0]?.length).toBe(first.length);
  peer.send(conclusion(wish, cookie ^ 1));
  peer.send(conclusion(wish, 0));
  peer.send(conclusion({ ...wish, socketId: 6 }, cookie)); // a cookie belongs to one caller
  const stranger = await openPeer(listener.port);
  stranger.send(conclusion(wish, cookie));
  await soon(150);
  expect([peer.got.length, stranger.got.length, asked.length]).toEqual([1, 0, 0]);
});

test("the same conclusion gets the same answer, and admission is asked once", async () => {
  const { listener, asked } = await listen();
  const peer = await openPeer(listener.port);
  const wish = { socketId: 5, streamId: "key" };
  const cookie = await cookieOf(peer, wish);
  for (let i = 0; i < 4; i++) peer.send(conclusion(wish, cookie));
  await peer.answer((one) => one.type === HANDSHAKE_TYPE.conclusion);
  peer.send(conclusion(wish, cookie));
  await peer.until(() => (peer.got.length >= 3 ? true : undefined));
  expect(asked).toHaveLength(1);
  expect(
    new Set(
      peer
        .handshakes()
        .slice(1)
        .map(({ socketId }) => socketId),
    ).size,
  ).toBe(1);
});

const KEY = randomBytes(16);
const SALT = randomBytes(16);
const material = (passphrase: string, key = KEY) => makeKeyMaterial(passphrase, "even", key, SALT);

const REFUSALS: readonly [
  name: string,
  wish: Partial<CallerWish>,
  verdict: Verdict,
  type: number,
  reason: string,
  words: RegExp,
][] = [
  [
    "an unknown key",
    {},
    { allowed: false, reason: "unknown-key" },
    2401,
    "unknown-key",
    /streamid key… was refused/,
  ],
  [
    "a blocked address",
    {},
    { allowed: false, reason: "address-blocked" },
    2403,
    "address-blocked",
    /blocked/,
  ],
  ["a server that is not ready", {}, { allowed: false, reason: "not-ready" }, 2503, "not-ready", /try again/],
  ["no streamid", { streamId: "" }, allowed(), 2400, "not-understood", /no streamid/],
  [
    "somebody who wants to watch",
    { streamId: "#!::r=key,m=request" },
    allowed(),
    2405,
    "not-understood",
    /watch/,
  ],
  [
    "no passphrase where one is wanted",
    {},
    allowed({ passphrase: PASSPHRASE }),
    1011,
    "not-understood",
    /does not encrypt/,
  ],
  [
    "a passphrase where none is expected",
    { keyMaterial: material(PASSPHRASE) },
    allowed(),
    1011,
    "not-understood",
    /expects none/,
  ],
  [
    "a wrong passphrase",
    { keyMaterial: material("wrong horse battery") },
    allowed({ passphrase: PASSPHRASE }),
    1010,
    "not-understood",
    /passphrase is wrong/,
  ],
  ["an old SRT (HSv4)", { version: 4 }, allowed(), 1008, "not-understood", /older than 1.3/],
  ["file mode", { flags: 0x40 }, allowed(), 1012, "not-understood", /live/],
  [
    "bonding",
    { extensions: [{ type: EXTENSION.group, content: new Uint8Array(8) }] },
    allowed(),
    1015,
    "not-understood",
    /bonding/,
  ],
  [
    "forward error correction",
    { extensions: [{ type: EXTENSION.filter, content: new Uint8Array(4) }] },
    allowed(),
    1014,
    "not-understood",
    /error correction/,
  ],
  [
    "key material that is none",
    { keyMaterial: new Uint8Array(40) },
    allowed(),
    1004,
    "not-understood",
    /makes no sense/,
  ],
];

test.each(REFUSALS)(
  "%s: refused in words, and by its number on the wire",
  async (_name, wish, verdict, type, reason, words) => {
    const { listener, refused } = await listen({ admit: async () => verdict });
    const peer = await openPeer(listener.port);
    const answer = await call(peer, { socketId: 9, streamId: "key", ...wish });
    expect(answer.type).toBe(type);
    expect(refused).toMatchObject([{ reason, detail: expect.stringMatching(words) }]);
    expect(refused[0]?.stream).toBe(verdict.allowed && [1010, 1011].includes(type) ? "room" : null);
  },
);

test("the second caller is refused while the first is live, and let in when it has gone", async () => {
  const { listener, refused } = await listen();
  const first = await openPeer(listener.port);
  const { socketId } = await call(first, { socketId: 1, streamId: "key" });
  const second = await openPeer(listener.port);
  expect((await call(second, { socketId: 1, streamId: "key" })).type).toBe(2409);
  expect(refused).toMatchObject([{ stream: "room", reason: "already-live" }]);
  first.send(writeSrtPacket({ is: "shutdown", timestamp: 0, destination: socketId }));
  await soon(50);
  const third = await openPeer(listener.port);
  expect((await call(third, { socketId: 1, streamId: "key" })).type).toBe(HANDSHAKE_TYPE.conclusion);
});

test.each([16, 24, 32])("AES with %i bytes: opened, and new keys on the way are learnt", async (bytes) => {
  const { listener, payloads, publishers } = await listen({
    admit: async () => allowed({ passphrase: PASSPHRASE }),
  });
  const peer = await openPeer(listener.port);
  const [even, odd] = [randomBytes(bytes), randomBytes(bytes)];
  const answer = await call(peer, { socketId: 9, streamId: "key", keyMaterial: material(PASSPHRASE, even) });
  expect(answer.extensions.map(({ type }) => type)).toEqual([EXTENSION.response, EXTENSION.keyResponse]);
  const caller = connected(peer, answer);
  caller.encryptWith("even", even, SALT);
  caller.send(Buffer.from("with the even key"), 1);
  const body = makeKeyMaterial(PASSPHRASE, "odd", odd, SALT);
  peer.send(
    writeSrtPacket({
      is: "extension",
      type: EXTENSION.keyRequest,
      body,
      timestamp: 0,
      destination: answer.socketId,
    }),
  );
  await peer.until(() => caller.keyAnswers[0]);
  expect(Buffer.from(caller.keyAnswers[0] ?? [])).toEqual(Buffer.from(body));
  caller.encryptWith("odd", odd, SALT);
  caller.send(Buffer.from("with the odd key"), 2);
  await peer.until(() => (payloads.length === 2 ? true : undefined));
  expect(payloads.map(String)).toEqual(["with the even key", "with the odd key"]);
  expect(publishers[0]?.link()?.isEncrypted).toBe(true);
});

test("on an encrypted connection a packet in the clear is not handed on, and a wrong new key is said to be wrong", async () => {
  const { listener, payloads } = await listen({ admit: async () => allowed({ passphrase: PASSPHRASE }) });
  const peer = await openPeer(listener.port);
  const answer = await call(peer, { socketId: 9, streamId: "key", keyMaterial: material(PASSPHRASE) });
  const caller = connected(peer, answer);
  caller.send(Buffer.from("in the clear"), 1);
  const body = makeKeyMaterial("wrong horse battery", "odd", KEY, SALT);
  peer.send(
    writeSrtPacket({
      is: "extension",
      type: EXTENSION.keyRequest,
      body,
      timestamp: 0,
      destination: answer.socketId,
    }),
  );
  expect(await peer.until(() => caller.keyAnswers[0])).toEqual(Uint8Array.of(0, 0, 0, 4));
  expect(payloads).toEqual([]);
});

test("packets from another address change nothing, whatever socket they name", async () => {
  const { listener, payloads, closed } = await listen();
  const peer = await openPeer(listener.port);
  const answer = await call(peer, { socketId: 9, streamId: "key" });
  const stranger = await openPeer(listener.port);
  stranger.send(writeSrtPacket({ is: "shutdown", timestamp: 0, destination: answer.socketId }));
  startTestCaller({ initialSequence: 0, destination: answer.socketId, emit: stranger.send }).send(
    Buffer.from("x"),
    0,
  );
  await soon(100);
  expect([payloads.length, closed.length, stranger.got.length]).toEqual([0, 0, 0]);
});

test("ended by the hub: the caller is told, and told again while it goes on", async () => {
  const { listener, publishers, payloads, closed } = await listen();
  const peer = await openPeer(listener.port);
  const caller = connected(peer, await call(peer, { socketId: 9, streamId: "key" }));
  publishers[0]?.end("key-rotated");
  await peer.ofKind("shutdown");
  await soon(150);
  caller.send(Buffer.from("late"), 0);
  await expect.poll(caller.shutdowns, { timeout: 5_000 }).toBe(2);
  expect([payloads.length, closed.length]).toEqual([0, 0]); // the hub has closed its side itself
  expect(publishers[0]?.isDead()).toBe(true);
});

test("admission's lifetime ends the publisher", async () => {
  const { listener, closed } = await listen({ admit: async () => allowed({ lifetimeMs: 60 }) });
  const peer = await openPeer(listener.port);
  await call(peer, { socketId: 9, streamId: "key" });
  await peer.ofKind("shutdown");
  expect(closed).toEqual(["ended"]);
});

test("a caller that falls silent is lost after 5 s", async () => {
  const { listener, closed, publishers, skew } = await listen();
  const peer = await openPeer(listener.port);
  await call(peer, { socketId: 9, streamId: "key" });
  expect(publishers[0]?.isDead()).toBe(false);
  skew.ms = 2_500;
  expect(publishers[0]?.isDead()).toBe(true);
  await soon(50);
  expect(closed).toEqual([]);
  skew.ms = 5_000;
  await peer.ofKind("shutdown");
  expect(closed).toEqual(["lost"]);
});

test("closing tells every caller", async () => {
  const { listener, closed } = await listen();
  const peer = await openPeer(listener.port);
  await call(peer, { socketId: 9, streamId: "key" });
  await listener.close();
  await peer.ofKind("shutdown");
  expect(closed).toEqual(["ended"]);
});

test("an address with ten wrong keys gets no answer any more, not even to an induction", async () => {
  const { listener } = await listen({
    admit: async () => ({ allowed: false, reason: "unknown-key" }),
    wrongKeys: 2,
  });
  for (const socketId of [1, 2]) {
    const peer = await openPeer(listener.port);
    expect((await call(peer, { socketId, streamId: "guess" })).type).toBe(2401);
  }
  const late = await openPeer(listener.port);
  late.send(induction({ socketId: 3 }));
  await soon(150);
  expect(late.got).toEqual([]);
});

test("at most 64 callers of an address are being decided about; the next is told to come later", async () => {
  const decide: ((verdict: Verdict) => void)[] = [];
  const { listener, asked, skew } = await listen({
    admit: () => new Promise((resolve) => decide.push(resolve)),
  });
  const peer = await openPeer(listener.port);
  for (let socketId = 1; socketId <= 60; socketId++) peer.send(induction({ socketId }));
  const cookies = await peer.until(() => (peer.got.length === 60 ? peer.handshakes() : undefined));
  for (const { socketId, cookie } of cookies) peer.send(conclusion({ socketId, streamId: "key" }, cookie));
  await expect.poll(() => asked.length).toBe(60);
  skew.ms = 1_000; // handshakes of one address are counted by the second
  for (let socketId = 61; socketId <= 70; socketId++) peer.send(induction({ socketId }));
  const more = await peer.until(() => (peer.got.length === 70 ? peer.handshakes().slice(60) : undefined));
  for (const { socketId, cookie } of more) peer.send(conclusion({ socketId, streamId: "key" }, cookie));
  await peer.until(() =>
    peer.handshakes().filter(({ type }) => type === 2402).length === 6 ? true : undefined,
  );
  expect(asked).toHaveLength(64);
  for (const one of decide) one({ allowed: false, reason: "not-ready" });
});

test("a rendezvous is refused with no more bytes than it sent; noise and short packets get nothing", async () => {
  const { listener } = await listen();
  const peer = await openPeer(listener.port);
  const first = parseSrtPacket(induction({ socketId: 5 }));
  if (first.is !== "handshake") throw new Error("not a handshake");
  const asked = toNobody({ ...parseHandshake(first.body), type: HANDSHAKE_TYPE.waveAHand });
  peer.send(asked);
  const answer = await peer.answer(() => true);
  expect([answer.type, peer.got[0]?.length]).toEqual([1004, asked.length]);
  for (const length of [1, 15, 16, 40, 1400]) peer.send(randomBytes(length));
  peer.send(new Uint8Array(64));
  await soon(100);
  expect(peer.got).toHaveLength(1);
});

test("0.0.0.0 takes callers over IPv6 too", async () => {
  const { listener, asked } = await listen({ host: "0.0.0.0" });
  const four = await openPeer(listener.port);
  const six = await openPeer(listener.port, "::1");
  expect((await call(six, { socketId: 9, streamId: "six" })).type).toBe(HANDSHAKE_TYPE.conclusion);
  await call(four, { socketId: 9, streamId: "four" });
  expect(asked.map(([key, { address }]) => [key, address])).toEqual([
    ["six", "::1"],
    ["four", "127.0.0.1"],
  ]);
});

test("a port that is taken is an error that names it", async () => {
  const { listener } = await listen();
  const silent = () => {};
  const again = startSrtListener({
    ...{ host: "127.0.0.1", port: listener.port, clock: systemClock },
    admit: async () => allowed(),
    hub: { publish: () => "already-live" },
    refused: silent,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    wrongKeys: attemptBudget(10, 60_000, () => 0),
  });
  await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
});
