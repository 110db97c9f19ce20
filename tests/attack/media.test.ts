import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveScene, residentBytes, startLiveScene } from "../tools/live-scene.js";
import { makeTicket } from "../tools/product.js";
import { drip, openRaw, type RawSocket } from "../tools/raw-socket.js";
import { pause, waitFor } from "../tools/wait.js";

const FRAME_GAP_MS = 200;
const HANDSHAKE_WITHIN_MS = 10_000;
const SLACK_MS = 2000;

let scene: LiveScene;
beforeAll(async () => {
  scene = await startLiveScene();
});
afterAll(() => scene?.end());

function enginePid(): number {
  const pid = scene.product.enginePid();
  if (pid === null) throw new Error("no engine process");
  return pid;
}

async function handshaken(): Promise<RawSocket> {
  const raw = openRaw(scene.product.rtmpPort);
  raw.socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(8), randomBytes(1528)]));
  await waitFor("the server's handshake", 5000, () => raw.received().length >= 3073 || !raw.isOpen());
  raw.socket.write(raw.received().subarray(1, 1537));
  return raw;
}

test("5: 1,000 RTMP handshakes of one byte a second are all closed in time; the picture goes on", async () => {
  const gap = await scene.longestGapDuring(async () => {
    const sockets = Array.from({ length: 1000 }, () => openRaw(scene.product.rtmpPort));
    expect(await drip(sockets, "\u0003", HANDSHAKE_WITHIN_MS + SLACK_MS)).toBe(0);
  });
  expect(gap).toBeLessThan(FRAME_GAP_MS);
});

test("4: messages that announce 16 MB on 64 chunk streams are refused before memory is taken for them", async () => {
  const pid = enginePid();
  const before = await residentBytes(pid);
  const bombs = await Promise.all(Array.from({ length: 20 }, handshaken));
  for (const { socket } of bombs) {
    for (let id = 3; id < 64; id += 1) {
      const header = Buffer.from([id, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0]);
      socket.write(Buffer.concat([header, Buffer.alloc(128)]));
    }
  }
  await waitFor("every bomb to be closed", 5000, () => bombs.every((one) => !one.isOpen()));
  const sent = 20 * 61 * 140;
  expect((await residentBytes(pid)) - before).toBeLessThan(sent * 4 + 16 * 1024 * 1024); // and what V8 has not yet collected
  expect(scene.product.enginePid()).toBe(pid);
});

test("3: noise after the handshake, and noise instead of one, ends that connection only", async () => {
  const pid = enginePid();
  const gap = await scene.longestGapDuring(async () => {
    for (let round = 0; round < 50; round += 1) {
      const [late, early] = [await handshaken(), openRaw(scene.product.rtmpPort)];
      late.socket.write(randomBytes(4096));
      early.socket.write(randomBytes(4096));
      await pause(20);
      late.socket.destroy();
      early.socket.destroy();
    }
  });
  expect(gap).toBeLessThan(FRAME_GAP_MS);
  expect(scene.product.enginePid()).toBe(pid);
});

test("6: 4,000 RTMP connections in a rush do not touch the picture", async () => {
  const gap = await scene.longestGapDuring(async () => {
    for (let round = 0; round < 40; round += 1) {
      const rush = Array.from({ length: 100 }, () => openRaw(scene.product.rtmpPort));
      await pause(50);
      for (const { socket } of rush) socket.destroy();
    }
  });
  expect(gap).toBeLessThan(FRAME_GAP_MS);
});

test("9: 20,000 forged datagrams get no answer and do not touch the picture", async () => {
  const pid = enginePid();
  const socket = createSocket("udp4");
  let answers = 0;
  let answeredBytes = 0;
  let sentBytes = 0;
  socket.on("message", (packet) => {
    answers += 1;
    answeredBytes += packet.length;
  });
  const gap = await scene.longestGapDuring(async () => {
    for (let round = 0; round < 200; round += 1) {
      for (let number = 0; number < 100; number += 1) {
        const packet = forged(number % 4);
        sentBytes += packet.length;
        socket.send(packet, scene.product.webrtcPort, "127.0.0.1");
      }
      await pause(10);
    }
    await pause(300);
  });
  socket.close();
  expect(gap).toBeLessThan(FRAME_GAP_MS);
  expect(answers).toBe(0);
  expect(answeredBytes).toBeLessThanOrEqual(sentBytes);
  expect(scene.product.enginePid()).toBe(pid);
});

/** RFC 7983's classes: STUN with an unknown user, DTLS, RTP, nothing at all. */
function forged(kind: number): Buffer {
  if (kind === 0) {
    const user = Buffer.from("abcd:efgh");
    const attribute = Buffer.concat([
      Buffer.from([0, 6, 0, user.length]),
      user,
      Buffer.alloc((4 - (user.length % 4)) % 4),
    ]);
    const header = Buffer.from([0, 1, 0, attribute.length, 0x21, 0x12, 0xa4, 0x42]);
    return Buffer.concat([header, randomBytes(12), attribute]);
  }
  if (kind === 1) return Buffer.concat([Buffer.from([22, 254, 253]), randomBytes(200)]);
  if (kind === 2) return Buffer.concat([Buffer.from([0x80, 96]), randomBytes(1100)]);
  return randomBytes(300);
}

const OFFERS: [string, string][] = [
  ["nothing", ""],
  ["noise", randomBytes(300).toString("base64")],
  ["only a version line", "v=0\r\n"],
  ["no media", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"],
  [
    "SDES instead of DTLS",
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 RTP/SAVP 96\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n",
  ],
  ["10,000 media sections", `v=0\r\n${"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n".repeat(1500)}`],
];

test.each(OFFERS)("10, 13: an offer with %s is refused in words", async (_name, sdp) => {
  const reviewer = await scene.product.join(scene.room, "Odd offers");
  const ticket = await makeTicket(reviewer, scene.room);
  const response = await fetch(new URL(ticket.url, scene.product.url), {
    method: "POST",
    headers: { "content-type": "application/sdp", authorization: `Bearer ${ticket.ticket}` },
    body: sdp,
    signal: AbortSignal.timeout(5000),
  });
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  expect((await response.text()).length).toBeGreaterThan(10);
});

test("4: an offer of 1 MB is refused with 413, one without a ticket with 401, one as JSON with 415", async () => {
  const reviewer = await scene.product.join(scene.room, "Large offers");
  const ticket = await makeTicket(reviewer, scene.room);
  const post = (headers: Record<string, string>, body: string) =>
    fetch(new URL(ticket.url, scene.product.url), {
      method: "POST",
      headers,
      body,
      signal: AbortSignal.timeout(5000),
    }).then((response) => response.status);
  const bearer = { authorization: `Bearer ${ticket.ticket}` };
  expect(await post({ "content-type": "application/sdp", ...bearer }, "a".repeat(1_000_000))).toBe(413);
  expect(await post({ "content-type": "application/sdp" }, "v=0\r\n")).toBe(401);
  expect(await post({ "content-type": "application/json", ...bearer }, "{}")).toBe(415);
});
