import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { IngestUrl } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  conclusion,
  induction,
  makeKeyMaterial,
} from "../../packages/media/src/ingest/srt/fixtures/test-caller.js";
import { HANDSHAKE_TYPE, parseHandshake, SRT_MAGIC } from "../../packages/media/src/wire/srt/handshake.js";
import { parseSrtPacket } from "../../packages/media/src/wire/srt/packet.js";
import { type LiveScene, residentBytes, startLiveScene } from "../tools/live-scene.js";
import type { TestRoom } from "../tools/product.js";
import { pause, waitFor } from "../tools/wait.js";

// 5, 6, 7, 22, 24 at the SRT port. The encoder of the scene publishes by RTMP: same process, same loop.

const FRAME_GAP_MS = 400; // the flood is made on the same two cores
const FLOOD_MS = 1_500;

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

/** A socket that sends to the SRT port and keeps what comes back. */
async function openAttacker() {
  const socket: Socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const answers: Buffer[] = [];
  let sentBytes = 0;
  socket.on("message", (bytes) => answers.push(bytes));
  return {
    answers,
    sentBytes: () => sentBytes,
    answeredBytes: () => answers.reduce((sum, { length }) => sum + length, 0),
    send(bytes: Uint8Array) {
      sentBytes += bytes.length;
      socket.send(bytes, scene.product.srtPort, "127.0.0.1");
    },
    close: () => socket.close(),
  };
}

type Attacker = Awaited<ReturnType<typeof openAttacker>>;

function handshakesOf({ answers }: Attacker) {
  return answers.map((bytes) => {
    const packet = parseSrtPacket(new Uint8Array(bytes));
    if (packet.is !== "handshake") throw new Error(`expected a handshake, got ${packet.is}`);
    return parseHandshake(packet.body);
  });
}

async function cookieFor(attacker: Attacker, socketId: number): Promise<number> {
  const mine = () =>
    handshakesOf(attacker).find((one) => one.socketId === socketId && one.extension === SRT_MAGIC);
  await waitFor(
    "a cookie",
    5_000,
    () => {
      if (mine() === undefined) attacker.send(induction({ socketId }));
      return mine() !== undefined;
    },
    250,
  );
  return mine()?.cookie ?? 0;
}

/** The type of the answer to a call with this streamid: a rejection's number, or that of a conclusion. */
async function call(streamId: string, keyMaterial?: Uint8Array): Promise<number> {
  const attacker = await openAttacker();
  try {
    const wish = { socketId: 7, streamId, ...(keyMaterial !== undefined && { keyMaterial }) };
    const cookie = await cookieFor(attacker, 7);
    const before = attacker.answers.length;
    attacker.send(conclusion(wish, cookie));
    await waitFor("an answer to the conclusion", 5_000, () => attacker.answers.length > before);
    return handshakesOf(attacker).at(-1)?.type ?? -1;
  } finally {
    attacker.close();
  }
}

async function srtOf(room: TestRoom): Promise<IngestUrl> {
  const owner = await scene.product.owner();
  const { urls } = await owner.ask<{ urls: IngestUrl[] }>("POST", `/rooms/${room.id}/ingest/reveal`);
  const srt = urls.find(({ protocol }) => protocol === "srt");
  if (srt === undefined) throw new Error("no SRT address");
  return srt;
}

const materialFor = ({ passphrase }: IngestUrl) =>
  makeKeyMaterial(passphrase ?? "", "even", randomBytes(16), randomBytes(16));

test("6: inductions as fast as they can be sent leave no state, are never answered with more, and the picture goes on", async () => {
  const pid = enginePid();
  const before = await residentBytes(pid);
  const attackers = await Promise.all(Array.from({ length: 4 }, openAttacker));
  let sent = 0;
  const gap = await scene.longestGapDuring(async () => {
    const until = performance.now() + FLOOD_MS;
    while (performance.now() < until) {
      for (let i = 0; i < 250; i++) attackers[i % 4]?.send(induction({ socketId: 1 + (sent++ % 2 ** 29) }));
      await pause(5);
    }
    await pause(300);
  });
  const answered = attackers.reduce((sum, one) => sum + one.answeredBytes(), 0);
  expect(sent).toBeGreaterThan(10_000);
  expect(gap).toBeLessThan(FRAME_GAP_MS);
  expect(answered).toBeGreaterThan(0);
  expect(answered).toBeLessThanOrEqual(attackers.reduce((sum, one) => sum + one.sentBytes(), 0) / 2);
  expect((await residentBytes(pid)) - before).toBeLessThan(64 * 1024 * 1024); // what V8 has not yet collected
  for (const attacker of attackers) attacker.close();
  expect(enginePid()).toBe(pid);
});

test("5, 6: after a flood an honest encoder is let in", async () => {
  const room = await scene.product.createRoom("After the flood");
  const srt = await srtOf(room);
  expect(await call(srt.key, materialFor(srt))).toBe(HANDSHAKE_TYPE.conclusion);
});

test("6: conclusions with invented cookies get no answer and keep nothing", async () => {
  const pid = enginePid();
  const attacker = await openAttacker();
  const gap = await scene.longestGapDuring(async () => {
    for (let round = 0; round < 100; round++) {
      for (let i = 0; i < 50; i++)
        attacker.send(
          conclusion({ socketId: 1 + i, streamId: "x".repeat(500) }, randomBytes(4).readUInt32BE()),
        );
      await pause(5);
    }
  });
  attacker.close();
  expect(gap).toBeLessThan(FRAME_GAP_MS);
  expect(attacker.answers).toEqual([]);
  expect(enginePid()).toBe(pid);
});

test("7: noise, cut and changed packets of every kind change nothing", async () => {
  const pid = enginePid();
  const attacker = await openAttacker();
  const room = await scene.product.createRoom("Strange packets");
  const { key } = await srtOf(room);
  const cookie = await cookieFor(attacker, 9);
  const right = conclusion({ socketId: 9, streamId: key, keyMaterial: new Uint8Array(72) }, cookie);
  const gap = await scene.longestGapDuring(async () => {
    for (let round = 0; round < 200; round++) {
      const changed = right.slice(0, 64 + ((round * 37) % (right.length - 64)));
      changed[64 + (round % (changed.length - 64 || 1))] = round;
      attacker.send(changed);
      attacker.send(randomBytes(1 + (round % 1400)));
      const control = randomBytes(40); // acknowledgements, loss reports, drops, shutdowns for sockets that are not there
      control.writeUInt16BE(0x8000 + (round % 9), 0);
      attacker.send(control);
      await pause(5);
    }
  });
  attacker.close();
  expect(gap).toBeLessThan(FRAME_GAP_MS);
  expect(attacker.answeredBytes()).toBeLessThan(attacker.sentBytes());
  expect(enginePid()).toBe(pid);
  await scene.product.waitForStream(scene.room, "live");
  await scene.product.waitForStream(room, "none");
});

test("24: an SRT encoder is refused while the room's RTMP encoder sends, and one without the passphrase in any case", async () => {
  const srt = await srtOf(scene.room);
  const gap = await scene.longestGapDuring(async () => {
    expect(await call(srt.key, materialFor(srt))).toBe(2409);
    expect(await call(srt.key)).toBe(1011);
    expect(await call(srt.key, materialFor({ ...srt, passphrase: "quite-another-one" }))).toBe(1010);
  });
  expect(gap).toBeLessThan(FRAME_GAP_MS);
  expect(await call(scene.room.ingest.key)).toBe(2401); // a stream key is no streamid
});

// Last: it closes the door to this address for a while.
test("22: a wrong streamid and an archived room look the same; after ten wrong ones nothing is answered", async () => {
  const archived = await scene.product.createRoom("Archived");
  const { key } = await srtOf(archived);
  const owner = await scene.product.owner();
  await owner.ask("PATCH", `/rooms/${archived.id}`, { archived: true });
  expect(await call(key)).toBe(2401);
  expect(await call("abcdefghijkmnpqrstuvwxyz")).toBe(2401);
  const attacker = await openAttacker();
  const cookies: number[] = [];
  for (let socketId = 1; socketId <= 10; socketId++) cookies.push(await cookieFor(attacker, socketId));
  const before = attacker.answers.length;
  for (const [i, cookie] of cookies.entries())
    attacker.send(conclusion({ socketId: i + 1, streamId: `guess${i}` }, cookie));
  await waitFor("the guesses to be refused", 5_000, () => attacker.answers.length > before);
  await pause(500);
  const late = await openAttacker();
  late.send(induction({ socketId: 99 }));
  await pause(500);
  expect(late.answers).toEqual([]);
  attacker.close();
  late.close();
  await scene.product.waitForStream(scene.room, "live");
});
