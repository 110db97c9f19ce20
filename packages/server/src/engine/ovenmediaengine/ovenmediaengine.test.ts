import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { waitFor } from "../../../../../tests/tools/wait.js";
import { directoryOf, listeningBus, storedRoom } from "../../testing/ome-room.js";
import { type RecordedOme, startRecordedOme } from "../../testing/recorded-ome.js";
import { type EngineScene, holdToEngineContract } from "../engine.contract.js";
import { EngineAwayError, EngineCannotError, type EngineNews } from "../engine.js";
import { createOmeEngine, type OmeEngine } from "./ovenmediaengine.js";

const SECRET = "a-secret-of-twenty-two-letters";
const TOKEN = "a-token-of-twenty-two-letters";
const INGEST = "rtmp://localhost:1935/app";
const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  await waitFor("the engine to follow", 15_000, isSo);
};
const ROOM = storedRoom("the-key", { id: "room-id", name: "Room", streamName: "stream-name" });

type Scene = {
  readonly engine: OmeEngine;
  readonly origin: RecordedOme;
  readonly edge: RecordedOme;
  readonly news: EngineNews[];
  readonly blocked: Set<string>;
  readonly folder: string;
  archive(isArchived: boolean): void;
  wantUniversal(isWanted: boolean): void;
  close(): Promise<void>;
};

async function makeScene(limits = { originViewers: 60, edgeViewers: 80 }): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), "cs-ome-"));
  const standIn = { secret: SECRET, token: TOKEN, admission: () => engine.admission, folder };
  const origin = await startRecordedOme(standIn);
  const edge = await startRecordedOme(standIn);
  const rooms = directoryOf(["the-key"], [ROOM]);
  const blocked = new Set<string>();
  const news: EngineNews[] = [];
  const engine: OmeEngine = createOmeEngine({
    config: {
      origin: { name: "origin", apiUrl: origin.apiUrl, publicUrl: "https://live.example.org" },
      edges: [{ name: "one", apiUrl: edge.apiUrl, publicUrl: "https://edge1.example.org" }],
      apiToken: TOKEN,
      webhookSecret: SECRET,
      vhost: "default",
      app: "app",
      universalApp: "universal",
      ovtUrl: "ovt://127.0.0.1:9000",
      ...limits,
    },
    publicUrl: "https://live.example.org",
    settings: () =>
      ({ rtmpOn: true, rtmpsOn: true, srtOn: true, whipOn: true, publicAddress: null }) as ReturnType<
        Parameters<typeof createOmeEngine>[0]["settings"]
      >,
    rooms,
    blocks: { isBlocked: (address) => blocked.has(address) },
    iceServers: () => [],
    recordingsDir: folder,
    ticketKey: new Uint8Array(32).fill(7),
    bus: listeningBus(),
    clock: () => performance.now(),
    wallClock: Date.now,
    log: () => undefined,
  });
  engine.on((one) => news.push(one));
  await engine.start();
  let room = ROOM;
  return {
    engine,
    origin,
    edge,
    news,
    blocked,
    folder,
    archive: (isArchived) => {
      room = { ...room, archivedAt: isArchived ? new Date() : null };
      rooms.put(room);
    },
    wantUniversal: (universal) => {
      room = { ...room, universal };
      rooms.put(room);
    },
    close: async () => {
      await engine.stop();
      await origin.close();
      await edge.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const wss = (url: string): string => url.replace("wss:", "ws:");
const WEBRTC = { way: "webrtc", rendition: "untouched" } as const;
const viewerOf = (participantId: string) => ({ participantId, sessionExpiresAt: Date.now() + 60_000 });

describe("OvenMediaEngine, by what was recorded of it", () => {
  let scene: Scene;
  let held: EngineScene;
  beforeAll(async () => {
    scene = await makeScene();
    const { engine, origin } = scene;
    held = {
      engine,
      room: ROOM,
      news: scene.news,
      blocked: scene.blocked,
      encode: async (key) => {
        const publisher = await origin.publish(`${INGEST}/${key}`);
        return { stop: async () => publisher?.stop() };
      },
      play: async (url) => origin.play(wss(url)) !== null,
      publish: async (url) => {
        const publisher = await origin.publish(url, "WebRTC");
        publisher?.stop();
        return publisher !== null;
      },
      archive: scene.archive,
      kill: origin.kill,
      revive: origin.start,
    };
  });
  afterAll(() => scene.close());
  holdToEngineContract(() => held);
});

// They wait for polls most of the time: all at once, they take as long as the longest.
describe.concurrent("what is OvenMediaEngine's own", () => {
  const begin = async ({ onTestFinished }: TestContext, limits?: Parameters<typeof makeScene>[0]) => {
    const scene = await makeScene(limits);
    onTestFinished(scene.close);
    const state = () => scene.engine.stream(ROOM.id)?.state ?? "none";
    return {
      ...scene,
      state,
      isLive: () => until(() => state() === "live"),
      isOver: () => until(() => state() === "none"),
    };
  };

  test("viewers are put on the origin until it has its share, then on the edge, never on one that is gone", async (it) => {
    const { engine, origin, edge, isLive } = await begin(it, { originViewers: 2, edgeViewers: 2 });
    await origin.publish(`${INGEST}/the-key`);
    await isLive();
    const hosts = [1, 2, 3, 4].map(
      (n) => new URL(engine.ticket(ROOM.id, viewerOf(`p${n}`), WEBRTC).url).host,
    );
    expect(hosts).toEqual(
      [..."oo", ..."ee"].map((c) => (c === "o" ? "live.example.org" : "edge1.example.org")),
    );
    await edge.kill();
    await until(async () => (await engine.view()).nodes[1]?.state === "away");
    expect(new URL(engine.ticket(ROOM.id, viewerOf("p5"), WEBRTC).url).host).toBe("live.example.org");
    expect((await engine.view()).nodes[1]?.problem).toContain("OvenMediaEngine one: GET /v1/stats/current");
  }, 30_000);

  test("who is sent out of an edge is cut there at once, who leaves cuts nobody; at the origin the others stay", async (it) => {
    const { engine, origin, edge, state, isLive, isOver } = await begin(it, {
      originViewers: 1,
      edgeViewers: 8,
    });
    await origin.publish(`${INGEST}/the-key`);
    await isLive();
    const [first, second] = ["at-origin", "at-edge"].map((who) =>
      engine.ticket(ROOM.id, viewerOf(who), WEBRTC),
    );
    expect(origin.play(wss(first?.url ?? ""))?.isWatching()).toBe(true);
    edge.pull(ROOM.streamName);
    const atEdge = edge.play(wss(second?.url ?? ""));
    await engine.disconnect({ participantId: "at-edge" });
    await engine.disconnect({ participantId: "at-origin", isSentOut: true });
    expect([atEdge?.isWatching(), state()]).toEqual([true, "live"]);
    await engine.disconnect({ participantId: "at-edge", isSentOut: true });
    expect(atEdge?.isWatching()).toBe(false);
    const { id: roomId, streamName } = ROOM;
    await engine.disconnect({ roomId, streamName, who: "viewers", reason: "disconnected" });
    await isOver(); // the encoder may come back; nobody watches until it does
  }, 30_000);

  test("a rendition for every browser is pulled while a room wants it and is live, and let go after", async (it) => {
    const { engine, origin, isLive, wantUniversal } = await begin(it);
    const wish = { way: "webrtc", rendition: "universal" } as const;
    const publisher = await origin.publish(`${INGEST}/the-key`);
    await isLive();
    expect(engine.ticket(ROOM.id, viewerOf("u"), wish).rendition).toBe("untouched");
    wantUniversal(true);
    await until(() => engine.ticket(ROOM.id, viewerOf("u"), wish).rendition === "universal");
    const { url } = engine.ticket(ROOM.id, viewerOf("u"), wish);
    expect(url).toMatch(/^wss:\/\/live\.example\.org\/universal\/v/);
    expect(origin.play(wss(url))?.name).toBe(ROOM.streamName);
    publisher?.stop();
    await until(() =>
      origin.asked.includes(`DELETE /v1/vhosts/default/apps/universal/streams/${ROOM.streamName}`),
    );
  }, 30_000);

  test("a recording is a file of the room's by its id, by hand and when its take ends; a killed engine says failed", async (it) => {
    const { engine, origin, folder, news, isLive } = await begin(it);
    const [byHand, ofTake, lost] = [
      "byHandByHandByHandByHa",
      "ofTakeOfTakeOfTakeOfTa",
      "lostLostLostLostLostLo",
    ];
    expect(await engine.startRecording(ROOM.id, byHand)).toBe("not-live");
    const publisher = await origin.publish(`${INGEST}/the-key`);
    await isLive();
    expect(await engine.startRecording(ROOM.id, byHand)).toBe("started");
    expect(await engine.startRecording(ROOM.id, ofTake)).toBe("already-recording");
    await until(() => news.some(({ is }) => is === "recording-grew"));
    expect(await engine.stopRecording(byHand)).toBe(true);
    expect(await engine.stopRecording(byHand)).toBe(false);
    const ends = () =>
      news.flatMap((one) => (one.is === "recording-ended" ? [[one.recording.id, one.why]] : []));
    expect(ends()).toEqual([[byHand, "stopped"]]);

    expect(await engine.startRecording(ROOM.id, ofTake)).toBe("started");
    publisher?.stop();
    await until(() => ends().length === 2);
    expect(ends()[1]).toEqual([ofTake, "take-ended"]);
    expect((await readdir(folder)).sort()).toEqual([`${byHand}.mp4`, `${ofTake}.mp4`]);

    await origin.publish(`${INGEST}/the-key`);
    await isLive();
    expect(await engine.startRecording(ROOM.id, lost)).toBe("started");
    await origin.kill();
    await until(() => engine.isAway());
    await expect(engine.startRecording(ROOM.id, byHand)).rejects.toThrow(EngineAwayError);
    await origin.start();
    const told = () => news.findLast(({ is }) => is === "recordings");
    await until(() => engine.isAway() === false);
    expect(told()).toEqual({ is: "recordings", running: [] }); // its row ends unseen
  }, 30_000);

  // reliability.md, test 47: away and back is in the contract; here it answers 500, or not at all.
  test.for([
    ["failing", "failing"],
    ["hanging", "away"],
  ] as const)(
    "47: %s, it leaves no room live for 10 s, and its take goes on when it is back",
    { timeout: 60_000 },
    async ([health, is], it) => {
      const { engine, origin, news, isLive, isOver } = await begin(it);
      const publisher = await origin.publish(`${INGEST}/the-key`);
      await isLive();
      const take = engine.stream(ROOM.id)?.take;
      origin.health = health;
      const beganMs = performance.now();
      await isOver();
      expect(performance.now() - beganMs).toBeLessThan(10_000);
      expect([engine.isAway(), (await engine.view()).nodes[0]?.state]).toEqual([is === "away", is]);
      origin.health = "ok";
      await isLive();
      expect(engine.stream(ROOM.id)?.take).toBe(take);
      expect(news.filter((one) => one.is === "take-ended")).toEqual([]);
      publisher?.stop();
      await isOver();
      const ended = { is: "take-ended", takeId: take, reason: "ended" };
      expect(news.filter((one) => one.is === "take-ended")).toEqual([ended]);
    },
  );

  test("a publisher that falls silent stalls, and loses its place to the next", async (it) => {
    const { origin, engine, state, isLive } = await begin(it);
    const publisher = await origin.publish(`${INGEST}/the-key`);
    await isLive();
    publisher?.freeze();
    await until(() => state() === "stalled");
    const next = await origin.publish(`${INGEST}/the-key`);
    expect([publisher?.isLive(), next?.isLive()]).toEqual([false, true]);
    await isLive();
    await expect(engine.startTestSignal(ROOM.id)).rejects.toThrow(EngineCannotError);
    await expect(engine.checkTicket(null)).rejects.toThrow(EngineAwayError);
  }, 30_000);
});
