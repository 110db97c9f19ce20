import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { Verdict } from "../../control/protocol.js";
import { attemptBudget } from "../../net/attempt-budget.js";
import type { GuardedListener } from "../../net/guarded-listener.js";
import { fromHex } from "../../wire/hex.js";
import { joined } from "../../wire/rtmp/enhanced.js";
import type { PublishRefused } from "../ports.js";
import { clientBytes as client } from "./client-bytes.js";
import { type RtmpListenerOptions, startRtmpListener } from "./listener.js";
import { startRecordingHub } from "./recording-hub.js";

const opened: { listeners: GuardedListener[]; sockets: Socket[] } = { listeners: [], sockets: [] };

afterEach(async () => {
  for (const socket of opened.sockets.splice(0)) socket.destroy();
  await Promise.all(opened.listeners.splice(0).map((listener) => listener.close()));
});

const YES: Verdict = { allowed: true, stream: "room", viewer: null, lifetimeMs: null, passphrase: null };

async function start(options: Partial<RtmpListenerOptions> = {}) {
  const { hub, publishers } = startRecordingHub();
  const refusals: PublishRefused[] = [];
  const lines: string[] = [];
  const line = (object: object, message: string) => void lines.push(`${message} ${JSON.stringify(object)}`);
  const listener = await startRtmpListener({
    host: "127.0.0.1",
    port: 0,
    admit: async (key) => (key.startsWith("good") ? YES : { allowed: false, reason: "unknown-key" }),
    hub,
    refused: (event) => refusals.push(event),
    log: { debug: line, info: line, warn: line, error: line },
    wrongKeys: attemptBudget(10, 60_000, () => performance.now()),
    ...options,
  });
  opened.listeners.push(listener);
  return { listener, publishers, refusals, lines };
}

/** Connects and sends; `closed` resolves when the other side has closed, with all that it said. */
function dial(port: number, bytes: Uint8Array = new Uint8Array(0), from = "127.0.0.1") {
  const socket = connect({ port, host: "127.0.0.1", localAddress: from });
  opened.sockets.push(socket);
  const parts: Buffer[] = [];
  socket.on("data", (part) => parts.push(part));
  socket.on("error", () => {}); // a reset is a close
  socket.write(bytes);
  const said = () => Buffer.concat(parts).toString("latin1");
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(said())));
  return { socket, closed, said };
}

async function until(what: () => boolean, forMs = 3000): Promise<void> {
  for (const end = performance.now() + forMs; !what(); await sleep(5)) {
    if (performance.now() > end) throw new Error(`not within ${forMs} ms: ${what}`);
  }
}

const AUDIO = joined([client.audio(fromHex("af 00 1190"), 0), client.audio(fromHex("af 01 2110"), 0)]);

test("an admitted publisher's units reach the hub, early ones too, and its lost socket ends the publication", async () => {
  const { listener, publishers } = await start({ admit: async () => sleep(100).then(() => YES) });
  const { socket } = dial(listener.port, joined([client.start("good"), AUDIO]));
  await until(() => publishers[0]?.audio.length === 1);
  expect(publishers[0]?.port.source).toEqual({ protocol: "rtmp", address: "127.0.0.1", encoder: "test" });
  expect(publishers[0]?.port.isDead()).toBe(false);
  socket.destroy();
  await until(() => publishers[0]?.closed === "lost");
  expect(publishers[0]?.port.isDead()).toBe(true);
});

test("an unknown key is answered by BadName in words, told to the studio without the key, and closed", async () => {
  const { listener, refusals, lines, publishers } = await start();
  const said = await dial(listener.port, joined([client.start("wrong-secret"), AUDIO])).closed;
  expect(said).toContain("NetStream.Publish.BadName");
  expect(said).toContain("This stream key is not known here.");
  expect(refusals).toEqual([
    {
      stream: null,
      from: { address: "127.0.0.1", protocol: "rtmp" },
      reason: "unknown-key",
      detail: "The stream key wron… was refused (unknown-key).",
    },
  ]);
  expect(lines.join()).not.toContain("wrong-secret");
  expect(publishers).toEqual([]);
});

test.each([
  ["says that it is not ready", async (): Promise<Verdict> => ({ allowed: false, reason: "not-ready" })],
  ["fails", () => Promise.reject(new Error("no product"))],
  ["does not answer", () => new Promise<Verdict>(() => {})],
])(
  "when admission %s the socket is closed without BadName, so that OBS comes again",
  async (_name, admit) => {
    const { listener, refusals } = await start({ admit, limits: { admissionMs: 50 } });
    const said = await dial(listener.port, client.start("good")).closed;
    expect(said).not.toContain("BadName");
    expect(refusals[0]?.reason).toBe("not-ready");
  },
);

test("a second publisher is refused with the stream's name for the studio; not one byte of it reaches the hub", async () => {
  const { listener, publishers, refusals } = await start();
  dial(listener.port, joined([client.start("good-1"), AUDIO]));
  await until(() => publishers[0]?.audio.length === 1);
  const said = await dial(listener.port, joined([client.start("good-2"), AUDIO])).closed;
  expect(said).toContain("Another encoder is live");
  expect(refusals).toMatchObject([{ stream: "room", reason: "already-live" }]);
  expect(publishers).toHaveLength(1);
  expect(publishers[0]?.audio).toHaveLength(1);
  expect(publishers[0]?.closed).toBeNull();
});

test("a missing key is named", async () => {
  const { listener, refusals } = await start();
  const bytes = joined([client.handshake(), client.connect({ app: "" }), client.publish("")]);
  expect(await dial(listener.port, bytes).closed).toContain("No stream key was given");
  expect(refusals).toMatchObject([{ reason: "not-understood" }]);
});

test.each([
  ["a TLS hello", fromHex("16 0301 0200 01"), "use rtmp:// in the encoder, or rtmps:// with its own port"],
  ["an HTTP request", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"), "an HTTP request on the RTMP port"],
])("%s is logged in plain words and closed", async (_name, bytes, words) => {
  const { listener, lines, refusals } = await start();
  await dial(listener.port, bytes).closed;
  expect(lines.join()).toContain(words);
  expect(refusals).toMatchObject([{ reason: "not-understood" }]);
});

test("what the hub ends is told why and closed; the hub's own end is not reported back", async () => {
  const { listener, publishers } = await start({ limits: { closeMs: 100 } });
  const { closed } = dial(listener.port, client.start("good"));
  await until(() => publishers.length === 1);
  publishers[0]?.port.end("key-rotated");
  expect(await closed).toContain("The stream key has been changed");
});

test("after deleteStream the client may close by itself; it is cut when it does not", async () => {
  const { listener, publishers } = await start({ limits: { closeMs: 200 } });
  const { socket, closed, said } = dial(listener.port, client.start("good"));
  await until(() => publishers.length === 1);
  const before = performance.now();
  socket.write(client.command("deleteStream", 7, null, 1));
  await until(() => said().includes("NetStream.Unpublish.Success"));
  expect(publishers[0]?.closed).toBe("ended");
  await closed;
  expect(performance.now() - before).toBeGreaterThan(150);
});

test("a silent publisher is lost after the idle time, one whose lifetime is over is ended", async () => {
  const idle = await start({ limits: { idleMs: 100 } });
  await dial(idle.listener.port, client.start("good")).closed;
  expect(idle.publishers[0]?.closed).toBe("lost");
  const timed = await start({ admit: async () => ({ ...YES, lifetimeMs: 80 }) });
  await dial(timed.listener.port, client.start("good")).closed;
  expect(timed.publishers[0]?.closed).toBe("ended");
});

test("slow loris: 60 sockets that send a byte now and then are all closed in time, an honest one publishes meanwhile", async () => {
  const { listener, publishers } = await start({ limits: { handshakeMs: 300, publishMs: 600 } });
  const before = performance.now();
  const slow = Array.from({ length: 60 }, (_, i) => {
    const whole = i % 2 === 0 ? client.handshake() : joined([client.handshake(), client.connect()]);
    const { socket, closed } = dial(listener.port, i % 2 === 0 ? whole.subarray(0, 1) : whole);
    const timer = setInterval(() => socket.write(Uint8Array.of(3)), 100);
    return closed.finally(() => clearInterval(timer));
  });
  await sleep(100);
  dial(listener.port, client.start("good"));
  await until(() => publishers.length === 1, 1000);
  await Promise.all(slow);
  expect(performance.now() - before).toBeLessThan(2000);
  expect(publishers[0]?.closed).toBeNull();
});

test("an address has 64 connections before it publishes; more are refused at accept, other addresses are let in", async () => {
  const { listener, publishers } = await start();
  const first = Array.from({ length: 64 }, () => dial(listener.port));
  await until(() => first.every(({ socket }) => socket.readyState === "open"));
  await sleep(50);
  const more = Array.from({ length: 20 }, () => dial(listener.port, client.start("good")).closed);
  expect((await Promise.all(more)).join("")).toBe("");
  expect(publishers).toEqual([]);
  dial(listener.port, client.start("good"), "127.0.0.2");
  await until(() => publishers.length === 1);
  first[0]?.socket.destroy();
  await sleep(50);
  const again = dial(listener.port, client.start("good-too"));
  expect(await again.closed).toContain("Another encoder is live");
});

test("the total of unauthenticated connections has a limit of its own", async () => {
  const { listener } = await start({ limits: { unauthenticated: 8 } });
  const sockets = Array.from({ length: 8 }, (_, i) => dial(listener.port, undefined, `127.0.0.${2 + i}`));
  await until(() => sockets.every(({ socket }) => socket.readyState === "open"));
  await sleep(50);
  expect(await dial(listener.port, client.handshake()).closed).toBe("");
});

test("after ten wrong keys in a minute an address is refused at accept; a minute later it may try again", async () => {
  let now = 0;
  const clock = () => now;
  const wrongKeys = attemptBudget(10, 60_000, clock);
  const { listener, refusals, publishers } = await start({ clock, wrongKeys });
  for (let n = 0; n < 10; n++)
    expect(await dial(listener.port, client.start(`bad-${n}`)).closed).toContain("BadName");
  expect(await dial(listener.port, client.start("good")).closed).toBe("");
  expect(publishers).toEqual([]);
  expect(refusals).toHaveLength(10);
  now = 60_001;
  dial(listener.port, client.start("good"));
  await until(() => publishers.length === 1);
});

test("announced lengths, deep AMF and nonsense end only their own connection", async () => {
  const { listener, publishers } = await start();
  dial(listener.port, joined([client.start("good"), AUDIO]));
  await until(() => publishers[0]?.audio.length === 1);
  const deep = client.message({ is: "unknown", type: 20, payload: new Uint8Array(5000).fill(10) });
  const bombs = [
    fromHex("06 000000 ffffff 09 01000000 00"), // 16 MB announced
    deep,
    fromHex("c5 00"),
    new Uint8Array(3000).fill(0xff),
    client.message({ is: "set-chunk-size", bytes: 0 }),
  ];
  const before = process.memoryUsage().arrayBuffers;
  const said = await Promise.all(
    Array.from({ length: 40 }, (_, i) => {
      const bomb = bombs[i % bombs.length] ?? new Uint8Array(0);
      return dial(listener.port, joined([client.handshake(), client.connect(), bomb])).closed;
    }),
  );
  expect(said.every((text) => text.includes("NetConnection.Connect.Success"))).toBe(true);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
  expect(publishers[0]?.closed).toBeNull();
});

test("a peer that asks and never reads is cut", async () => {
  const { listener } = await start({ limits: { unreadBytes: 4096, publishMs: 5000 } });
  const { socket, closed } = dial(listener.port, joined([client.handshake(), client.connect()]));
  socket.pause();
  const pings = joined(
    Array.from({ length: 2000 }, () => client.message({ is: "user-control", event: 6, values: [1] })),
  );
  const timer = setInterval(() => socket.write(pings), 2);
  const ended = new Promise((resolve) => socket.once("error", resolve));
  await Promise.race([ended, closed]);
  clearInterval(timer);
  expect(socket.destroyed).toBe(true);
});

test("close ends every connection", async () => {
  const { listener, publishers } = await start();
  const publisher = dial(listener.port, client.start("good"));
  const stranger = dial(listener.port);
  await until(() => publishers.length === 1);
  await listener.close();
  await Promise.all([publisher.closed, stranger.closed]);
  expect(publishers[0]?.closed).toBe("lost");
});
