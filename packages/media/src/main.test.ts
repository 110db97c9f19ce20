import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { connectEngine, type EngineLink, type ProductDuties } from "./control/client.js";
import { makeProductKeys } from "./control/fixtures/product-keys.js";
import { CONTROL_PROTOCOL, type EngineEvent, type EngineSettings } from "./control/protocol.js";
import { hashSettings, SETTINGS_VARIABLE } from "./control/settings.js";

// The engine under test is the built one: dist/ must be there (npm run build).
const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

const keys = await makeProductKeys();
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const settingsFor = (changes: Partial<EngineSettings> = {}): EngineSettings => {
  const directory = mkdtempSync(join(tmpdir(), "engine-"));
  cleanUp.push(() => rmSync(directory, { recursive: true, force: true }));
  return {
    controlPath: join(directory, "control.sock"),
    httpPath: join(directory, "http.sock"),
    rtmp: { host: "127.0.0.1", port: 0 },
    rtmps: null,
    srt: null,
    whip: true,
    relay: null,
    recordingsDir: join(directory, "recordings"),
    webrtc: { firstPort: 0, lastPort: 0, publicAddress: null, bindAddress: "127.0.0.1" },
    logLevel: "info",
    orphanMs: 60_000,
    serviceKeys: keys.publicKeys,
    ...changes,
  };
};

type Engine = { child: ChildProcess; log: () => string; exited: Promise<number | null> };

const start = (settings: unknown): Engine => {
  const child = spawn(process.execPath, [program], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, [SETTINGS_VARIABLE]: JSON.stringify(settings) },
  });
  let text = "";
  child.stderr?.on("data", (piece: Buffer) => {
    text += piece.toString();
  });
  const exited = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  cleanUp.push(() => child.kill("SIGKILL"));
  return { child, log: () => text, exited };
};

const joinAsProduct = async (
  settings: EngineSettings,
  duties: Partial<ProductDuties> = {},
): Promise<EngineLink> => {
  for (let tries = 0; ; tries += 1) {
    try {
      const link = await connectEngine(settings.controlPath, {
        onTell: () => {},
        mayPublish: () => ({ allowed: false, reason: "unknown-key" }),
        mayPlay: () => ({ allowed: false, reason: "invalid-ticket" }),
        token: keys.sign,
        deadlineMs: 2_000,
        ...duties,
      });
      cleanUp.push(() => link.close());
      return link;
    } catch (error) {
      if (tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};

const hello = (link: EngineLink, settings: EngineSettings) =>
  link.ask("hello", { protocol: CONTROL_PROTOCOL, settingsHash: hashSettings(settings) });

const publish = (port: number | null, key: string): ChildProcess => {
  const input = [
    "-re",
    "-f",
    "lavfi",
    "-i",
    "testsrc2=s=640x360:r=25",
    "-f",
    "lavfi",
    "-i",
    "sine=440:r=48000",
  ];
  const video = ["-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency", "-profile:v", "high"];
  const colour = [
    "-color_primaries",
    "bt709",
    "-color_trc",
    "bt709",
    "-colorspace",
    "bt709",
    "-pix_fmt",
    "yuv420p",
  ];
  const sound = ["-c:a", "aac", "-b:a", "128k", "-ac", "2"];
  const target = `rtmp://127.0.0.1:${port}/live/${key}`;
  const child = spawn(
    "ffmpeg",
    ["-v", "error", ...input, ...video, "-g", "25", ...colour, ...sound, "-f", "flv", target],
    { stdio: "ignore" },
  );
  cleanUp.push(() => child.kill("SIGKILL"));
  return child;
};

test("an encoder is admitted, seen with what it sends, heard as Opus, ended, and the engine goes with code 0", async () => {
  const settings = settingsFor();
  const engine = start(settings);
  const told: EngineEvent[] = [];
  const asked: unknown[] = [];
  const link = await joinAsProduct(settings, {
    onTell: (event) => told.push(event),
    mayPublish: (question) => {
      asked.push(question);
      return question.key === "right-key"
        ? { allowed: true, stream: "room-1", viewer: null, lifetimeMs: null, passphrase: null }
        : { allowed: false, reason: "unknown-key" };
    },
  });
  const greeting = await hello(link, settings);
  expect(greeting).toMatchObject({
    protocol: CONTROL_PROTOCOL,
    pid: engine.child.pid,
    settingsHash: hashSettings(settings),
    streams: [],
  });
  expect(greeting.rtmpPort).toBeGreaterThan(0);
  expect(greeting.webrtcPort).toBeGreaterThan(0);

  const stranger = publish(greeting.rtmpPort, "wrong-key");
  await expect
    .poll(() => told.find((event) => event.event === "publishRefused"), { timeout: 10_000 })
    .toMatchObject({ stream: null, reason: "unknown-key", from: { address: "127.0.0.1", protocol: "rtmp" } });
  stranger.kill("SIGKILL");

  publish(greeting.rtmpPort, "right-key");
  await expect
    .poll(() => told.map((event) => event.event), { timeout: 10_000 })
    .toEqual(expect.arrayContaining(["published", "changed"]));
  expect(asked).toContainEqual({ key: "right-key", from: { address: "127.0.0.1", protocol: "rtmp" } });
  const seen = () => link.ask("streams", {}).then(({ streams }) => streams[0]);
  await expect.poll(async () => (await seen())?.video?.frameRate, { timeout: 10_000 }).toBeCloseTo(25, 0);
  await expect.poll(async () => (await seen())?.sound, { timeout: 10_000 }).toBe("ok");
  expect(await seen()).toMatchObject({
    stream: "room-1",
    state: "live",
    source: { protocol: "rtmp", address: "127.0.0.1" },
    video: {
      codec: "h264",
      profile: "High",
      width: 640,
      height: 360,
      bitDepth: 8,
      chroma: "4:2:0",
      reorderFrames: 0,
    },
    audio: { codec: "aac", sampleRate: 48_000, channels: 2 },
    viewers: 0,
  });

  expect(await link.ask("startTestSignal", { stream: "room-1" })).toEqual({
    started: false,
    reason: "already-live",
  });
  expect(
    await link.ask("disconnect", { stream: "room-1", who: "publisher", reason: "disconnected" }),
  ).toEqual({
    ended: 1,
  });
  await expect
    .poll(() => told.at(-1), { timeout: 5_000 })
    .toMatchObject({ event: "unpublished", stream: "room-1" });

  const askedAt = performance.now();
  expect(await link.ask("shutdown", {})).toEqual({});
  expect(await engine.exited).toBe(0);
  expect(performance.now() - askedAt).toBeLessThan(5_000);
  for (const line of engine.log().trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("level");
  expect(engine.log()).not.toContain("right-key");
}, 60_000);

test("the test signal is live 720p24 at once, and stops when asked", async () => {
  const settings = settingsFor({ rtmp: null });
  start(settings);
  const told: EngineEvent[] = [];
  const link = await joinAsProduct(settings, { onTell: (event) => told.push(event) });
  expect((await hello(link, settings)).rtmpPort).toBeNull();
  expect(await link.ask("startTestSignal", { stream: "room" })).toEqual({ started: true, reason: null });
  expect(await link.ask("startTestSignal", { stream: "room" })).toEqual({ started: true, reason: null });
  const seen = () => link.ask("streams", {}).then(({ streams }) => streams[0]);
  await expect.poll(async () => (await seen())?.video?.gopFrames, { timeout: 10_000 }).toBe(24);
  const stream = await seen();
  expect(stream).toMatchObject({
    source: { protocol: "test-signal", address: null },
    video: { width: 1280, height: 720, colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false } },
    audio: { codec: "opus", channels: 2 },
    sound: "ok",
    warnings: [],
  });
  expect(stream?.video?.frameRate).toBeCloseTo(24, 1);
  expect(await link.ask("stopTestSignal", { stream: "room" })).toEqual({ stopped: true });
  expect(await link.ask("stopTestSignal", { stream: "room" })).toEqual({ stopped: false });
  expect(await link.ask("streams", {})).toEqual({ streams: [] });
  await expect.poll(() => told.at(-1)?.event).toBe("unpublished");
}, 30_000);

test("an engine that was told a new key believes it and no longer the old one, and its stream goes on", async () => {
  const settings = settingsFor();
  start(settings);
  const newest = await makeProductKeys();
  const both = { keys: [...newest.publicKeys.keys, ...keys.publicKeys.keys] };
  const link = await joinAsProduct(settings);
  await hello(link, settings);
  await link.ask("startTestSignal", { stream: "room" });
  const { take } = (await link.ask("streams", {})).streams[0] ?? {};

  await link.ask("trustKeys", both);
  const next = await joinAsProduct(settings, { token: newest.sign });
  expect((await hello(next, settings)).streams).toMatchObject([{ stream: "room", take, state: "live" }]);
  await next.ask("trustKeys", newest.publicKeys);
  const retired = connectEngine(settings.controlPath, {
    onTell: () => {},
    mayPublish: () => ({ allowed: false, reason: "unknown-key" }),
    mayPlay: () => ({ allowed: false, reason: "invalid-ticket" }),
    token: keys.sign,
    deadlineMs: 2_000,
  });
  await expect(retired).rejects.toMatchObject({ code: "not-trusted" });
  expect((await next.ask("streams", {})).streams).toMatchObject([{ stream: "room", take, state: "live" }]);
  await expect(next.ask("trustKeys", { keys: [] })).rejects.toMatchObject({ code: "closed" });
}, 30_000);

test("a stopped engine does not answer ping, and does when it goes on", async () => {
  const settings = settingsFor();
  const engine = start(settings);
  const link = await joinAsProduct(settings);
  await hello(link, settings);
  engine.child.kill("SIGSTOP");
  await expect(link.ask("ping", {}, 300)).rejects.toMatchObject({ code: "deadline" });
  engine.child.kill("SIGCONT");
  expect(await link.ask("ping", {})).toEqual({});
});

test("SIGTERM ends it with code 0 with a stream live, SIGINT and SIGHUP do not end it", async () => {
  const settings = settingsFor();
  const engine = start(settings);
  const told: EngineEvent[] = [];
  const link = await joinAsProduct(settings, { onTell: (event) => told.push(event) });
  await hello(link, settings);
  await link.ask("startTestSignal", { stream: "room" });
  engine.child.kill("SIGINT");
  engine.child.kill("SIGHUP");
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await link.ask("ping", {})).toEqual({});
  const askedAt = performance.now();
  engine.child.kill("SIGTERM");
  expect(await engine.exited).toBe(0);
  expect(performance.now() - askedAt).toBeLessThan(5_000);
  await expect.poll(() => told.at(-1)).toMatchObject({ event: "unpublished", reason: "engine-stopping" });
});

test("the product's death with all its pipes does not end the engine; the next product finds the stream", async () => {
  const settings = settingsFor({ logLevel: "debug" });
  const engine = start(settings);
  const first = await joinAsProduct(settings);
  await hello(first, settings);
  await first.ask("startTestSignal", { stream: "room" });
  engine.child.stderr?.destroy();
  engine.child.stdout?.destroy();
  first.close();
  await first.closed;
  for (let times = 0; times < 3; times += 1) {
    const next = await joinAsProduct(settings); // each connection is a line in the log that nobody reads
    expect((await hello(next, settings)).streams).toMatchObject([{ stream: "room", state: "live" }]);
    next.close();
    await next.closed;
  }
  const last = await joinAsProduct(settings);
  await hello(last, settings);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await last.ask("ping", {})).toEqual({});
  expect(engine.child.exitCode).toBeNull();
  await last.ask("shutdown", {});
  expect(await engine.exited).toBe(0);
});

test("a log that nobody reads does not hold the engine up", async () => {
  const settings = settingsFor();
  const engine = start(settings);
  const link = await joinAsProduct(settings);
  await hello(link, settings);
  engine.child.stderr?.pause();
  for (let times = 0; times < 1_500; times += 1) {
    const stranger = connect(settings.controlPath); // refused: a line in the log
    stranger.on("error", () => {});
    stranger.end("no JSON\n");
    await once(stranger.resume(), "close");
  }
  expect(await link.ask("ping", {}, 500)).toEqual({});
  await link.ask("shutdown", {});
  await expect.poll(() => engine.child.exitCode, { timeout: 5_000 }).toBe(0);
}, 30_000);

const childrenOf = (pid: number | undefined): number[] => {
  const list = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" }).stdout;
  return list.split("\n").flatMap((line) => (line.trim() === "" ? [] : [Number(line)]));
};

test("a killed engine leaves no process behind, and the next one takes its sockets", async () => {
  const settings = settingsFor();
  const engine = start(settings);
  const duties = {
    mayPublish: () =>
      ({ allowed: true, stream: "room", viewer: null, lifetimeMs: null, passphrase: null }) as const,
  };
  const link = await joinAsProduct(settings, duties);
  publish((await hello(link, settings)).rtmpPort, "key");
  await expect
    .poll(async () => (await link.ask("streams", {})).streams[0]?.sound, { timeout: 10_000 })
    .toBe("ok");
  const children = childrenOf(engine.child.pid);
  expect(children).toHaveLength(1);
  engine.child.kill("SIGKILL");
  await engine.exited;
  const isAlive = (pid: number): boolean => spawnSync("ps", ["-p", String(pid)]).status === 0;
  await expect.poll(() => children.filter(isAlive), { timeout: 2_000 }).toEqual([]);

  start(settings);
  const next = await joinAsProduct(settings);
  expect((await hello(next, settings)).streams).toEqual([]);
}, 30_000);

test("an engine that no product talks to ends by itself", async () => {
  const settings = settingsFor({ orphanMs: 1_000 });
  const engine = start(settings);
  const link = await joinAsProduct(settings);
  await hello(link, settings);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await link.ask("ping", {})).toEqual({});
  link.close();
  expect(await engine.exited).toBe(0);
});

test("a port in use ends it with code 3 and one line that names port and setting", async () => {
  const other = createServer();
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  cleanUp.push(() => other.close());
  const { port } = other.address() as AddressInfo;
  const engine = start(settingsFor({ rtmp: { host: "127.0.0.1", port }, logLevel: "silent" }));
  expect(await engine.exited).toBe(3);
  expect(engine.log()).toBe(`127.0.0.1:${port} is in use by another program (setting rtmp.port)\n`);
});

test("a second engine with the same settings ends and leaves the first in peace", async () => {
  const settings = settingsFor();
  start(settings);
  const link = await joinAsProduct(settings);
  await hello(link, settings);
  const second = start(settings);
  expect(await second.exited).toBe(3);
  expect(second.log()).toContain("another engine already listens here (setting controlPath)");
  expect(await link.ask("ping", {})).toEqual({});
});

test("wrong settings end it with code 2 and the setting's name", async () => {
  const engine = start({ ...settingsFor(), orphanMs: "soon" });
  expect(await engine.exited).toBe(2);
  expect(engine.log()).toMatch(/^COLOURSTREAM_ENGINE: orphanMs: expected a whole number .* got "soon"\n$/);
});
