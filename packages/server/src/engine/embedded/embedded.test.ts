import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IngestUrl } from "@colourstream/contract";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startPublisher } from "../../../../../tests/tools/publisher.js";
import type { IngestPorts } from "../../addresses.js";
import { openServiceKeys, type ServiceKeys } from "../../auth/service-keys.js";
import { createAlone } from "../../bus/alone.js";
import { createRoomDirectory, type RoomDirectory } from "../../rooms/directory.js";
import { createSrtAccess } from "../../rooms/srt-access.js";
import { createSealer } from "../../secrets.js";
import type { StoredServiceKey } from "../../store/service-keys.js";
import { storedRoom } from "../../testing/ome-room.js";
import { type EngineScene, holdToEngineContract } from "../engine.contract.js";
import { type EngineNews, EngineSettingError, type IngestAccess } from "../engine.js";
import { askEngine } from "./ask-engine.js";
import { createEmbeddedEngine, type EmbeddedEngine } from "./embedded.js";
import type { EngineWish } from "./engine-settings.js";
import { isAlive } from "./process.js";

// The engine is the built one: packages/media/dist has to be there.
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const ROOM = storedRoom("the-key", {
  id: "room-id",
  name: "Room",
  streamName: "stream-name",
  createdAt: new Date(),
  srtEncrypted: true,
});

const ACCESS: IngestAccess = { key: "the-key", srtId: "the-srt-id", srtPassphrase: null };
const RELAY = { secret: "a secret of 22 letters" };
const srtAccess = createSrtAccess(createSealer(randomBytes(32)));

function toldPorts({ rtmp }: IngestPorts, { key }: IngestAccess): IngestUrl[] {
  return rtmp === null
    ? []
    : [{ protocol: "rtmp", server: `rtmp://test:${rtmp}`, key, url: "", passphrase: null }];
}

function keysInMemory(): Promise<ServiceKeys> {
  let rows: StoredServiceKey[] = [];
  const store = {
    all: async () => rows,
    add: async (key: StoredServiceKey, keep: number) => {
      rows = [key, ...rows.slice(0, keep)];
    },
  };
  return openServiceKeys(
    store,
    createSealer(randomBytes(32)),
    Date.now,
    createAlone("test"),
    () => undefined,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "0.0.0.0");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

type Scene = {
  wish: EngineWish;
  readonly runDir: string;
  readonly keys: ServiceKeys;
  readonly said: string[];
  readonly blocked: Set<string>;
  readonly rooms: RoomDirectory;
  product(): EmbeddedEngine;
  pid(): Promise<number>;
};

async function makeScene(undo: (() => unknown)[] = cleanUp): Promise<Scene> {
  const runDir = await mkdtemp(join(tmpdir(), "cs-engine-"));
  undo.push(() => rm(runDir, { recursive: true, force: true }));
  const first = 40_000 + 10 * Math.floor(Math.random() * 1_000);
  const ports = { webrtcFirstPort: first, webrtcLastPort: first + 9 };
  const keys = await keysInMemory();
  const scene: Scene = {
    wish: {
      rtmpOn: true,
      rtmpPort: await freePort(),
      rtmpsOn: false,
      rtmpsPort: 1,
      srtOn: false,
      srtPort: 1,
      whipOn: true,
      ...ports,
      publicAddress: "127.0.0.1",
      relayOn: true,
      relayPort: await freePort(),
    },
    runDir,
    keys,
    said: [],
    blocked: new Set(),
    rooms: createRoomDirectory([ROOM], srtAccess),
    product: () => {
      const engine = createEmbeddedEngine({
        settings: () => scene.wish,
        logLevel: "silent",
        rtmpsFiles: null,
        recordingsDir: join(runDir, "recordings"),
        relay: RELAY,
        ingestUrls: toldPorts,
        iceServers: (username) => [{ urls: ["stun:a"] }, { urls: ["turn:a"], username, credential: "c" }],
        srtAccess,
        runDir,
        build: "0.1.0",
        rooms: scene.rooms,
        blocks: { isBlocked: (address) => scene.blocked.has(address) },
        serviceKeys: keys,
        wallClock: Date.now,
        log: (_level, message) => scene.said.push(message),
      });
      undo.push(() => engine.stop());
      return engine;
    },
    pid: async () => Number(await readFile(join(runDir, "engine.pid"), "utf8")),
  };
  return scene;
}

const accepts = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    (error: { cause?: { code?: string } }) => error.cause?.code !== "ECONNREFUSED",
  );

test("the engine follows another RTMP port, and goes on untouched when nothing of its own changed", async () => {
  const scene = await makeScene();
  const engine = scene.product();
  await engine.start();
  const before = await scene.pid();
  await engine.reconfigure();
  expect(await scene.pid()).toBe(before);
  expect(await accepts(scene.wish.rtmpPort)).toBe(true);

  const old = scene.wish.rtmpPort;
  scene.wish = { ...scene.wish, rtmpPort: await freePort() };
  await engine.reconfigure();
  expect(engine.isAway()).toBe(false);
  expect(await scene.pid()).not.toBe(before);
  expect(isAlive(before)).toBe(false);
  expect([await accepts(scene.wish.rtmpPort), await accepts(old)]).toEqual([true, false]);
  expect(engine.ingestUrls(ACCESS, null)).toEqual([
    {
      protocol: "rtmp",
      server: `rtmp://test:${scene.wish.rtmpPort}`,
      key: "the-key",
      url: "",
      passphrase: null,
    },
  ]);
}, 30_000);

test("a port that another program has is refused by name, and the engine and its stream go on", async () => {
  const scene = await makeScene();
  const engine = scene.product();
  await engine.start();
  await engine.startTestSignal(ROOM.id);
  const pid = await scene.pid();
  const other = createServer().listen(0, "0.0.0.0");
  await once(other, "listening");
  cleanUp.push(() => other.close());
  const address = other.address();
  const taken = typeof address === "object" && address !== null ? address.port : 0;

  const before = scene.wish;
  scene.wish = { ...before, rtmpPort: taken };
  const refused = engine.reconfigure();
  await expect(refused).rejects.toThrow(EngineSettingError);
  await expect(refused).rejects.toMatchObject({
    setting: "rtmpPort",
    message: expect.stringContaining(String(taken)),
  });
  scene.wish = before;
  expect([await scene.pid(), engine.isAway(), isAlive(pid)]).toEqual([pid, false, true]);
  await expect.poll(() => engine.stream(ROOM.id)?.state, { timeout: 5_000 }).toBe("live");
}, 30_000);

test("the relay for calls is on at its port, moves with it, goes when switched off, and a taken port is no fault", async () => {
  const scene = await makeScene();
  const engine = scene.product();
  await engine.start();
  expect(engine.relayPort()).toBe(scene.wish.relayPort);
  expect(await accepts(scene.wish.relayPort)).toBe(true);
  const other = createServer().listen(0, "0.0.0.0");
  await once(other, "listening");
  const address = other.address();
  const taken = typeof address === "object" && address !== null ? address.port : 0;
  const before = scene.wish;
  scene.wish = { ...before, relayPort: taken };
  await expect(engine.reconfigure()).rejects.toMatchObject({ setting: "relayPort" });
  await engine.stop();
  const again = scene.product(); // starts with it all the same
  await again.start();
  expect([again.isAway(), again.relayPort()]).toEqual([false, null]);
  scene.wish = { ...before, relayOn: false };
  await again.reconfigure();
  expect(again.relayPort()).toBeNull();
  scene.wish = { ...before, relayPort: await freePort() };
  await again.reconfigure();
  expect(again.relayPort()).toBe(scene.wish.relayPort);
  other.close();
}, 30_000);

test("settings with which no engine starts are refused, and one with the settings before is there again", async () => {
  const scene = await makeScene();
  const engine = scene.product();
  await engine.start();
  const before = scene.wish;
  scene.wish = { ...before, webrtcLastPort: before.webrtcFirstPort - 1 }; // the engine ends at once with these
  await expect(engine.reconfigure()).rejects.toThrow(EngineSettingError);
  scene.wish = before;
  expect(engine.isAway()).toBe(false);
  expect(await accepts(before.rtmpPort)).toBe(true);
}, 60_000);

test("with RTMP off nothing listens for encoders and no address is told; on again, it is", async () => {
  const scene = await makeScene();
  const engine = scene.product();
  await engine.start();
  scene.wish = { ...scene.wish, rtmpOn: false };
  await engine.reconfigure();
  expect(engine.ingestUrls(ACCESS, null)).toEqual([]);
  expect(await accepts(scene.wish.rtmpPort)).toBe(false);
  scene.wish = { ...scene.wish, rtmpOn: true };
  await engine.reconfigure();
  expect(engine.ingestUrls(ACCESS, null)).toHaveLength(1);
  expect(await accepts(scene.wish.rtmpPort)).toBe(true);
}, 30_000);

test("a rotation of the keys, with the product there or away, leaves the engine and its stream alone", async () => {
  const scene = await makeScene();
  const first = scene.product();
  await first.start();
  await first.startTestSignal(ROOM.id);
  const pid = await scene.pid();
  await scene.keys.rotate(); // told at once
  await expect.poll(() => first.stream(ROOM.id)?.state, { timeout: 5_000 }).toBe("live");
  const take = first.stream(ROOM.id)?.take;
  await scene.keys.rotate();

  // A product that takes the engine over shows the newest key.
  const second = scene.product();
  await second.start();
  expect([await scene.pid(), isAlive(pid)]).toEqual([pid, true]);
  expect(second.stream(ROOM.id)?.take).toBe(take);
}, 30_000);

test("an engine that has not heard of the newest key is taken over by the one before, and told", async () => {
  const scene = await makeScene();
  const first = scene.product();
  await first.start();
  await first.startTestSignal(ROOM.id);
  const pid = await scene.pid();
  // A product that rotates and dies before it can tell: its keys are those that the next one reads.
  const listeners: (() => void)[] = [];
  const rows = await keysInMemory();
  await rows.rotate();
  const untold: ServiceKeys = {
    ...scene.keys,
    onRotated: (listener) => listeners.push(listener),
    jwks: () => ({ keys: [...rows.jwks().keys.slice(0, 1), ...scene.keys.jwks().keys.slice(0, 1)] }),
    sign: (audience, by) => (by === "before" ? scene.keys.sign(audience) : rows.sign(audience)),
  };
  const second = createEmbeddedEngine({
    settings: () => scene.wish,
    logLevel: "silent",
    rtmpsFiles: null,
    recordingsDir: join(scene.runDir, "recordings"),
    relay: RELAY,
    ingestUrls: toldPorts,
    iceServers: () => [],
    srtAccess,
    runDir: scene.runDir,
    build: "0.1.0",
    rooms: createRoomDirectory([ROOM], srtAccess),
    blocks: { isBlocked: () => false },
    serviceKeys: untold,
    wallClock: Date.now,
    log: () => undefined,
  });
  cleanUp.push(() => second.stop());
  await second.start();
  expect([await scene.pid(), isAlive(pid)]).toEqual([pid, true]);
  expect(second.stream(ROOM.id)?.state).toBe("live");
}, 30_000);

test("the check picture is for anybody, credentials of TURN servers are not", async () => {
  const scene = await makeScene();
  const engine = scene.product();
  await engine.start();
  const stranger = await engine.checkTicket(null);
  expect(stranger).toMatchObject({ protocol: "whep", url: "/whep", iceServers: [{ urls: ["stun:a"] }] });
  expect((await engine.checkTicket("dana")).iceServers[1]).toMatchObject({ username: "dana" });
  expect(stranger.iceServers).toHaveLength(1);
});

describe("the embedded engine", () => {
  const undo: (() => unknown)[] = [];
  let held: EngineScene;
  beforeAll(async () => {
    const scene = await makeScene(undo);
    const engine = scene.product();
    const news: EngineNews[] = [];
    engine.on((one) => news.push(one));
    await engine.start();
    // An offer that is none: what is admitted is told so, everything else does not get that far.
    const isLetIn = async (path: string, token: string): Promise<boolean> => {
      const headers = {
        authorization: `Bearer ${token}`,
        "content-type": "application/sdp",
        "x-forwarded-for": "127.0.0.1",
      };
      const body = Buffer.from("no offer");
      const { status } = await askEngine(engine.httpPath, { method: "POST", path, headers, body });
      if (![400, 401, 403].includes(status)) throw new Error(`the engine answered ${status}`);
      return status === 400;
    };
    held = {
      engine,
      room: ROOM,
      news,
      blocked: scene.blocked,
      encode: async (key) => {
        const encoder = startPublisher(`rtmp://127.0.0.1:${scene.wish.rtmpPort}/live/${key}`);
        undo.push(() => encoder.kill());
        return { stop: () => encoder.kill() };
      },
      play: isLetIn,
      publish: isLetIn,
      archive: (isArchived) => scene.rooms.put({ ...ROOM, archivedAt: isArchived ? new Date() : null }),
      kill: async () => {
        process.kill(await scene.pid(), "SIGKILL");
      },
      revive: async () => undefined, // its supervisor does it
    };
  }, 60_000);
  afterAll(async () => {
    for (const one of undo.splice(0).reverse()) await one();
  });
  holdToEngineContract(() => held);
});
