import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectPlain, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Verdict } from "../../control/protocol.js";
import { attemptBudget } from "../../net/attempt-budget.js";
import { writeSelfSigned } from "../../net/fixtures/self-signed.js";
import type { TlsFilePair } from "../../net/tls-files.js";
import { fromHex } from "../../wire/hex.js";
import { joined } from "../../wire/rtmp/enhanced.js";
import type { PublishRefused } from "../ports.js";
import { clientBytes as client } from "./client-bytes.js";
import { startRecordingHub } from "./recording-hub.js";
import { type Rtmps, type RtmpsOptions, startRtmps } from "./rtmps.js";

const opened: { listeners: Rtmps[]; sockets: Socket[] } = { listeners: [], sockets: [] };
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rtmps-"));
});

afterEach(async () => {
  for (const socket of opened.sockets.splice(0)) socket.destroy();
  await Promise.all(opened.listeners.splice(0).map((listener) => listener.close()));
  rmSync(folder, { recursive: true });
});

const YES: Verdict = { allowed: true, stream: "room", viewer: null, lifetimeMs: null, passphrase: null };
const AUDIO = joined([client.audio(fromHex("af 00 1190"), 0), client.audio(fromHex("af 01 2110"), 0)]);

async function start(files: TlsFilePair, options: Partial<RtmpsOptions> = {}) {
  const { hub, publishers } = startRecordingHub();
  const refusals: PublishRefused[] = [];
  const lines: string[] = [];
  const line = (object: object, message: string) => void lines.push(`${message} ${JSON.stringify(object)}`);
  const rtmps = await startRtmps({
    host: "127.0.0.1",
    port: 0,
    admit: async (key) => (key.startsWith("good") ? YES : { allowed: false, reason: "unknown-key" }),
    hub,
    refused: (event) => refusals.push(event),
    log: { debug: () => {}, info: line, warn: line, error: line },
    wrongKeys: attemptBudget(10, 60_000, () => performance.now()),
    lookEveryMs: 20,
    ...files,
    ...options,
  });
  opened.listeners.push(rtmps);
  return { rtmps, publishers, refusals, lines };
}

type Dialled<S extends Socket> = { socket: S; closed: Promise<string> };

function heard<S extends Socket>(socket: S): Dialled<S> {
  opened.sockets.push(socket);
  const parts: Buffer[] = [];
  socket.on("data", (part) => parts.push(part));
  socket.on("error", () => {}); // a reset or an alert is a close
  const closed = new Promise<string>((resolve) => {
    socket.on("close", () => resolve(Buffer.concat(parts).toString("latin1")));
  });
  return { socket, closed };
}

function dial({ rtmps }: { rtmps: Rtmps }, bytes: Uint8Array, options: object = {}): Dialled<TLSSocket> {
  const socket = connect({
    port: rtmps.port() ?? 0,
    host: "127.0.0.1",
    rejectUnauthorized: false,
    ...options,
  });
  const dialled = heard(socket);
  socket.write(bytes);
  return dialled;
}

function dialPlain({ rtmps }: { rtmps: Rtmps }, bytes: Uint8Array): Dialled<Socket> {
  const dialled = heard(connectPlain({ port: rtmps.port() ?? 0, host: "127.0.0.1" }));
  dialled.socket.write(bytes);
  return dialled;
}

async function until(what: () => boolean, forMs = 10_000): Promise<void> {
  for (const end = performance.now() + forMs; !what(); await sleep(5)) {
    if (performance.now() > end) throw new Error(`not within ${forMs} ms: ${what}`);
  }
}

test("an encoder publishes over TLS, admission and hub know it as rtmps", async () => {
  const asked: unknown[] = [];
  const admit = async (_key: string, from: unknown) => {
    asked.push(from);
    return YES;
  };
  const running = await start(await writeSelfSigned(folder), { admit });
  const { socket } = dial(running, joined([client.start("good"), AUDIO]));
  await until(() => running.publishers[0]?.audio.length === 1);
  expect(asked).toEqual([{ address: "127.0.0.1", protocol: "rtmps" }]);
  expect(running.publishers[0]?.port.source).toMatchObject({ protocol: "rtmps", address: "127.0.0.1" });
  expect(["TLSv1.2", "TLSv1.3"]).toContain(socket.getProtocol());
  expect(socket.alpnProtocol).toBe(false);
  socket.destroy();
  await until(() => running.publishers[0]?.closed === "lost");
});

test("TLS 1.2 is spoken, 1.1 is not, and the studio is told why", async () => {
  const running = await start(await writeSelfSigned(folder));
  dial(running, client.start("good"), { maxVersion: "TLSv1.2" });
  await until(() => running.publishers.length === 1);
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
  await dial(running, client.start("good"), old).closed;
  await until(() => running.refusals.length === 1);
  expect(running.refusals[0]).toMatchObject({
    reason: "not-understood",
    from: { protocol: "rtmps" },
    detail: "the encoder speaks TLS older than 1.2, which is not safe any more",
  });
});

test.each([
  ["plain RTMP", client.start("good"), "plain RTMP on the RTMPS port: use rtmps://"],
  ["HTTP", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"), "an HTTP request on the RTMPS port"],
])("%s on this port is closed with one line in plain words", async (_name, bytes, words) => {
  const running = await start(await writeSelfSigned(folder));
  await dialPlain(running, bytes).closed;
  await until(() => running.refusals.length > 0);
  expect(running.refusals).toMatchObject([{ reason: "not-understood" }]);
  expect(running.lines.filter((line) => line.includes(words))).toHaveLength(1);
  expect(running.publishers).toEqual([]);
});

test("who never ends the TLS handshake is a stranger: 64 from an address, all cut in time", async () => {
  const running = await start(await writeSelfSigned(folder), { limits: { handshakeMs: 1_500 } });
  const half = Array.from({ length: 64 }, (_, i) =>
    dialPlain(running, i % 2 === 0 ? new Uint8Array(0) : fromHex("16 0301 0200 01")),
  );
  await until(() => half.every(({ socket }) => socket.readyState === "open"));
  await sleep(100);
  expect(await dial(running, client.start("good")).closed).toBe(""); // the sixty-fifth
  expect(running.publishers).toEqual([]);
  await Promise.all(half.map(({ closed }) => closed));
  dial(running, client.start("good"));
  await until(() => running.publishers.length === 1);
});

test("a wrong key counts against the address over TLS too", async () => {
  const running = await start(await writeSelfSigned(folder));
  for (let n = 0; n < 10; n++) {
    expect(await dial(running, client.start("wrong")).closed).toContain("NetStream.Publish.BadName");
  }
  expect(await dial(running, client.start("good")).closed).toBe("");
});

test("a new certificate is shown from the next connection on, and cuts nobody", async () => {
  const running = await start(await writeSelfSigned(folder, "old.example.org"));
  const first = dial(running, client.start("good"));
  await until(() => running.publishers.length === 1);
  expect(first.socket.getPeerCertificate().subject.CN).toBe("old.example.org");
  await writeSelfSigned(folder, "new.example.org");
  await until(() => running.lines.some((line) => line.includes("the certificate was read again")));
  const next = dial(running, client.handshake());
  await once(next.socket, "secureConnect");
  expect(next.socket.getPeerCertificate().subject.CN).toBe("new.example.org");
  first.socket.write(AUDIO);
  await until(() => running.publishers[0]?.audio.length === 1);
});

test("files that are damaged while it runs are said once; the certificate before goes on", async () => {
  const files = await writeSelfSigned(folder);
  const running = await start(files);
  writeFileSync(files.certFile, "no certificate\n");
  await until(() => running.lines.length > 0);
  await sleep(100);
  expect(running.lines).toHaveLength(1);
  expect(running.lines[0]).toContain("the one before goes on");
  dial(running, client.start("good"));
  await until(() => running.publishers.length === 1);
});

test("without files that can be used RTMPS is off and says why once; it comes on when they can be", async () => {
  const files = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
  const running = await start(files);
  expect(running.rtmps.port()).toBeNull();
  await sleep(100);
  expect(running.lines).toEqual([
    `rtmps: off, as its certificate cannot be used {"why":"${files.certFile} cannot be read (ENOENT)"}`,
  ]);
  await writeSelfSigned(folder);
  await until(() => running.rtmps.port() !== null);
  dial(running, client.start("good"));
  await until(() => running.publishers.length === 1);
});

test("a key of another certificate is named as what it is", async () => {
  const other = mkdtempSync(join(folder, "other-"));
  const { certFile } = await writeSelfSigned(folder);
  const { keyFile } = await writeSelfSigned(other);
  const running = await start({ certFile, keyFile });
  expect(running.rtmps.port()).toBeNull();
  expect(running.lines[0]).toContain("do not belong together");
});
