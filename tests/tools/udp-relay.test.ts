import { createSocket, type Socket } from "node:dgram";
import { afterEach, expect, test } from "vitest";
import { percentile } from "./percentile.js";
import { startUdpRelay, type UdpRelay } from "./udp-relay.js";
import { pause, waitFor } from "./wait.js";

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function udpSocket(): Promise<Socket> {
  const socket = createSocket("udp4");
  open.push(socket);
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return socket;
}

async function echoThrough(settings: Omit<Parameters<typeof startUdpRelay>[0], "targetPort">) {
  const target = await udpSocket();
  target.on("message", (packet, from) => target.send(packet, from.port, from.address));
  const relay: UdpRelay = await startUdpRelay({ ...settings, targetPort: target.address().port });
  open.push(relay);
  const peer = await udpSocket();
  const answers: { number: number; tookMs: number }[] = [];
  peer.on("message", (packet) => {
    answers.push({ number: packet.readUInt32BE(0), tookMs: performance.now() - packet.readDoubleBE(4) });
  });
  function send(number: number): void {
    const packet = Buffer.alloc(100);
    packet.writeUInt32BE(number, 0);
    packet.writeDoubleBE(performance.now(), 4);
    peer.send(packet, relay.port, "127.0.0.1");
  }
  return { relay, answers, send };
}

test("packets go both ways, in order, after twice the one-way delay", async () => {
  const { answers, send } = await echoThrough({ seed: 1, toTarget: { delayMs: 20, jitterMs: 5 } });
  for (let number = 0; number < 100; number += 1) {
    send(number);
    await pause(2);
  }
  await waitFor("all answers", 2000, () => answers.length === 100);
  expect(answers.map((answer) => answer.number)).toEqual(Array.from({ length: 100 }, (_, at) => at));
  const tookMs = answers.map((answer) => answer.tookMs);
  expect(Math.min(...tookMs)).toBeGreaterThanOrEqual(40);
  expect(percentile(tookMs, 0.5)).toBeLessThan(150); // 45 on a quiet machine
});

test("every packet from a peer is seen before it is lost or delayed", async () => {
  const seen: number[] = [];
  const { relay, send } = await echoThrough({
    seed: 2,
    toTarget: { loss: 0.5, delayMs: 20 },
    seen: (packet) => seen.push(packet.readUInt32BE(0)),
  });
  for (let number = 0; number < 50; number += 1) {
    send(number);
    await pause(1);
  }
  await waitFor("all to be seen", 10_000, () => seen.length === 50);
  expect(seen).toEqual(Array.from({ length: 50 }, (_, at) => at));
  expect(relay.counts().toTarget.lost).toBeGreaterThan(0);
});

test("loss counts in each direction by itself", async () => {
  const { relay, answers, send } = await echoThrough({ seed: 3, toTarget: { loss: 0.2 }, toPeer: {} });
  for (let number = 0; number < 500; number += 1) {
    send(number);
    if (number % 20 === 0) await pause(2);
  }
  const counts = relay.counts();
  await waitFor(
    "every packet to be lost or answered",
    2000,
    () => counts.toTarget.lost + answers.length === 500 && counts.toTarget.passed === answers.length,
  );
  expect(counts.toTarget.lost).toBeGreaterThan(60);
  expect(counts.toPeer.lost).toBe(0);
});

test("an outage ends by itself", async () => {
  const { relay, answers, send } = await echoThrough({ seed: 1, toTarget: {} });
  relay.cutFor(150);
  send(1);
  await pause(50);
  expect(answers).toEqual([]);
  await pause(150);
  send(2);
  await waitFor("an answer after the outage", 1000, () => answers.length === 1);
  expect(answers[0]?.number).toBe(2);
});
