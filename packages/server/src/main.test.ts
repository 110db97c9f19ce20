import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAuthenticator } from "../../../tests/tools/authenticator.js";
import { enrol, signIn as showPasskey } from "../../../tests/tools/ceremony.js";
import {
  makePlace,
  type Place,
  runCli,
  runRefused,
  type ServerProcess,
  startServer,
  until,
} from "./testing/process.js";

let place: Place;
let server: ServerProcess;
let cookie = "";
const authenticator = createAuthenticator();

beforeAll(async () => {
  place = await makePlace();
  server = await startServer(place);
});
afterAll(async () => {
  if (server.child.exitCode === null) await server.end("SIGKILL");
  await place.clear();
});

async function ask(method: string, path: string, body?: object): Promise<{ status: number; json: unknown }> {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { origin: origin(), cookie, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const set = answer.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  if (set.length > 0) cookie = set.join("; ");
  return { status: answer.status, json: text === "" ? null : JSON.parse(text) };
}

/** Where passkeys work: at the name of the address that we ask. */
const origin = (): string => server.url.replace("127.0.0.1", "localhost");

/** As tests/tools/ceremony.ts asks. */
async function askOrThrow<T>(method: string, path: string, body?: unknown): Promise<T> {
  const { status, json } = await ask(method, path, body as object | undefined);
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`);
  return json as T;
}

test("a start says the address, the one-time link, where to publish, and how to stop: one line each", async () => {
  const said = server.lines
    .filter((line) => line.startsWith("  "))
    .map((line) => line.trim().replace(/\s+/g, " "));
  expect(said).toHaveLength(7);
  expect(said[0]).toMatch(/^Open http:\/\/localhost:\d+$/);
  expect(said[1]).toMatch(/^Set up \(once\) http:\/\/localhost:\d+\/set-up#[a-z2-9]{32}$/);
  expect(said[2]).toMatch(/^Publish to rtmp:\/\/localhost:[1-9]\d*\/live$/);
  expect(said[3]).toMatch(/^Publish to srt:\/\/localhost:[1-9]\d*\?latency=\d+$/);
  expect(said[4]).toMatch(/^Publish to http:\/\/localhost:\d+\/whip$/);
  expect(said[5]).toMatch(/^Calls relayed where they must, by port [1-9]\d* \(UDP and TCP\)$/);
  expect(said[6]).toBe("Press Ctrl-C to stop");
  expect(await server.health()).toEqual({ version: "0.1.0", database: "ok", engine: "ok" });
});

test("the link in the terminal makes the owner, once", async () => {
  const link = server.lines.find((line) => line.includes("/set-up#"))?.match(/http\S+/)?.[0] ?? "";
  await enrol(askOrThrow, link, authenticator, { origin: origin() }, "Olga");
  expect((await ask("GET", "/rooms")).status).toBe(200);
  expect((await ask("POST", "/set-up", { code: new URL(link).hash.slice(1) })).status).toBe(401);
});

test("a second start on the same data is refused in one line", async () => {
  const refused = await runRefused(place);
  expect([refused.code, refused.out]).toEqual([1, ""]);
  expect(refused.err.trim()).toBe(
    `ColourStream cannot start: another ColourStream (process ${server.child.pid}) is running on ${place.dataDir}.`,
  );
});

test.each(["PORT", "RTMP_PORT"])(
  "a %s in use is named, and nothing is left running",
  async (variable) => {
    const squatter = createServer().listen(0, "0.0.0.0");
    await once(squatter, "listening");
    const { port } = squatter.address() as { port: number };
    const other = await makePlace();
    const refused = await runRefused(other, { [variable]: String(port), HOST: "0.0.0.0" });
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`port ${port} (${variable}) is in use by another program`);
    const again = await startServer(other);
    expect(await again.end("SIGTERM")).toBe(0);
    await other.clear();
    squatter.close();
  },
  60_000,
);

test("a setting that cannot be used is named", async () => {
  const refused = await runRefused(place, { WEBRTC_PORTS: "many" });
  expect([refused.code, refused.err.trim()]).toEqual([
    1,
    'ColourStream cannot start: WEBRTC_PORTS is "many"; expected UDP ports such as 10000-10009, at most 1000 of them.',
  ]);
});

test("the command line works while the server runs: what it makes is there at once, and publishes", async () => {
  const created = await runCli(place, ["room", "create", "--name", "From the shell", "--json"]);
  expect(created.code).toBe(0);
  const room = JSON.parse(created.out);
  expect(Object.keys(room)).toEqual(["roomId", "name", "ingest", "reviewerLink", "reviewerPassword"]);
  expect(room.ingest[0].server).toBe(
    server.lines
      .find((line) => line.includes("rtmp:"))
      ?.trim()
      .split(/\s+/)[2],
  );
  expect(((await ask("GET", `/rooms/${room.roomId}`)).json as Room).name).toBe("From the shell");

  const twice = await runCli(place, ["room", "create", "--name", "from the SHELL", "--json"]);
  expect([twice.code, twice.out]).toEqual([1, ""]);
  expect(twice.err).toContain("There is a room named");
  expect((await runCli(place, ["room", "delete", room.roomId])).code).toBe(2);
  expect((await runCli(place, ["room", "delete", room.roomId, "--yes"])).code).toBe(0);
  expect((await ask("GET", `/rooms/${room.roomId}`)).status).toBe(404);
  expect((await runCli(place, ["room", "dance"])).code).toBe(2);
}, 60_000);

test("recover prints a link by which the owner adds another passkey, once", async () => {
  const { link, purpose } = JSON.parse((await runCli(place, ["recover", "--json"])).out);
  expect(purpose).toBe("recovery");
  expect(link.startsWith(`${origin()}/set-up#`)).toBe(true);
  cookie = "";
  await enrol(askOrThrow, link, createAuthenticator(), { origin: origin() });
  expect((await ask("GET", "/rooms")).status).toBe(200);
  expect((await ask("POST", "/set-up", { code: new URL(link).hash.slice(1) })).status).toBe(401);
});

/** An encoder in this room, and its end. */
async function publish(
  room: Room,
): Promise<{ key: string; end(): Promise<unknown>; ended: Promise<unknown> }> {
  const { urls } = (await ask("POST", `/rooms/${room.id}/ingest/reveal`)).json as {
    urls: { server: string; key: string }[];
  };
  const { server: to = "", key = "" } = urls[0] ?? {};
  const [from, codec] = ["-re -f lavfi -i testsrc2=size=320x180:rate=25", "-c:v libx264 -preset ultrafast"];
  const line = `-hide_banner -loglevel error ${from} ${codec} -tune zerolatency -g 25 -f flv ${to}/${key}`;
  const encoder = spawn("ffmpeg", line.split(" "), { stdio: "ignore" });
  const ended = once(encoder, "exit");
  const end = (): Promise<unknown> => {
    encoder.kill("SIGKILL");
    return ended;
  };
  return { key, end, ended };
}

const read = async (room: Room): Promise<Room> => (await ask("GET", `/rooms/${room.id}`)).json as Room;

test("an encoder with the key is live in its room; a rotated key cuts it within a second", async () => {
  const room = (await ask("POST", "/rooms", { name: "Live" })).json as Room;
  const encoder = await publish(room);
  const stream = async () => (await read(room)).stream;
  await until(async () => (await stream())?.video?.width === 320, 15_000, "the stream is there");
  const now = await stream();
  expect(now).toMatchObject({
    state: "live",
    source: { protocol: "rtmp" },
    video: { codec: "h264", height: 180 },
  });
  expect(JSON.stringify(now)).not.toContain(encoder.key);

  await ask("POST", `/rooms/${room.id}/ingest/rotate`);
  await until(async () => (await stream())?.state !== "live", 1_000, "the old publisher is cut");
  await encoder.end();
}, 40_000);

test("a room whose time is over archives itself, cuts its encoder and takes it no more", async () => {
  const expiresAt = Date.now() + 8_000;
  const room = (await ask("POST", "/rooms", { name: "Short", expiresAt })).json as Room;
  const encoder = await publish(room);
  await until(async () => (await read(room)).stream?.video?.width === 320, 7_000, "the stream is there");
  await until(async () => (await read(room)).archivedAt !== null, 15_000, "the room is archived");
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
  await encoder.ended;
  expect((await read(room)).stream?.state).not.toBe("live");
  const late = await publish(room);
  await late.ended;
  expect((await read(room)).lastRefused).toMatchObject({ reason: "archived" });
}, 60_000);

test("the test signal goes on and off", async () => {
  const room = (await ask("POST", "/rooms", { name: "Bars" })).json as Room;
  const on = await runCli(place, ["room", "test-signal", room.id, "on", "--json"]);
  expect([on.code, on.err]).toEqual([0, ""]);
  const isLive = async () =>
    ((await ask("GET", `/rooms/${room.id}`)).json as Room).stream?.source?.protocol === "test-signal";
  await until(isLive, 5_000, "the test signal is live");
  expect((await ask("DELETE", `/rooms/${room.id}/test-signal`)).status).toBe(204);
  await until(async () => !(await isLive()), 5_000, "the test signal has stopped");
}, 30_000);

test.each(["SIGKILL", "SIGSTOP"] as const)(
  "an engine that gets %s is replaced by one that answers",
  async (signal) => {
    const pid = await runningEngine();
    process.kill(pid, signal);
    // Killed: 2 s to the next one's answer. Stopped: 2.5 s until it is ended, then the same.
    await until(
      async () => ![0, pid].includes(await server.enginePid()),
      signal === "SIGKILL" ? 2_000 : 4_500,
      "another engine",
    );
    await until(async () => (await server.health())?.engine === "ok", 2_000, "the engine answers");
  },
  20_000,
);

test("a backup is made by the running server, without the key; restoring waits until it has stopped", async () => {
  const file = join(place.dataDir, "made.jsonl.gz");
  const made = await runCli(place, ["backup", file, "--json"]);
  expect([made.code, made.err]).toEqual([0, ""]);
  const saved = JSON.parse(made.out) as { path: string; rows: number };
  expect(saved.path).toBe(file);
  const [header = "", ...rows] = gunzipSync(await readFile(file))
    .toString()
    .trim()
    .split("\n");
  expect(JSON.parse(header)).toMatchObject({ colourstream: "backup", key: null });
  expect(rows.filter((row) => row.startsWith("{"))).toHaveLength(saved.rows);
  expect(rows.some((row) => row.includes('"sealed_key"'))).toBe(true);
  const [again, restored] = await Promise.all([
    runCli(place, ["backup", file]),
    runCli(place, ["restore", file, "--replace", "--yes"]),
  ]);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining("already")]);
  expect([restored.code, restored.err]).toEqual([1, expect.stringContaining("Stop it first")]);
});

test("an engine killed again and again is there again within two seconds each time", async () => {
  for (let n = 0; n < 6; n++) {
    const pid = await runningEngine();
    process.kill(pid, "SIGKILL");
    const isBack = async () =>
      ![0, pid].includes(await server.enginePid()) && (await server.health())?.engine === "ok";
    await until(isBack, 2_000, `engine after kill ${n + 1}`);
  }
}, 30_000);

test("a killed server leaves the engine running, and the next one takes it over, sessions and all", async () => {
  const pid = await runningEngine();
  await server.end("SIGKILL");
  expect(() => process.kill(pid, 0)).not.toThrow();
  server = await startServer(place);
  expect(await server.enginePid()).toBe(pid);
  expect(await server.health()).toMatchObject({ engine: "ok" });
  expect(server.lines.join()).not.toContain("set-up#");
  expect((await ask("GET", "/rooms")).status).toBe(200);
  cookie = "";
  await showPasskey(askOrThrow, authenticator, { origin: origin() });
  expect((await ask("GET", "/rooms")).status).toBe(200);
}, 60_000);

test("an engine with other settings is replaced", async () => {
  const pid = await runningEngine();
  await server.end("SIGKILL");
  server = await startServer(place, { PUBLIC_ADDRESS: "127.0.0.1" });
  expect(await server.enginePid()).not.toBe(pid);
}, 60_000);

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends server and engine within five seconds, with code 0",
  async (signal) => {
    if (server.child.exitCode !== null) server = await startServer(place);
    const pid = await runningEngine();
    const began = performance.now();
    expect(await server.end(signal)).toBe(0);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(() => process.kill(pid, 0)).toThrow();
  },
  60_000,
);

test("the command line works while the server does not run, also two at once", async () => {
  const both = await Promise.all([
    runCli(place, ["room", "create", "--name", "Offline 1", "--password", "spoken aloud", "--json"]),
    runCli(place, ["room", "create", "--name", "Offline 2", "--json"]),
  ]);
  expect(both.map(({ code, err }) => [code, err])).toEqual([
    [0, ""],
    [0, ""],
  ]);
  const listed = JSON.parse((await runCli(place, ["room", "list", "--json"])).out);
  expect(listed.rooms.map(({ name }: Room) => name)).toEqual(
    expect.arrayContaining(["Offline 1", "Offline 2", "Live"]),
  );
  const doctor = await runCli(place, ["doctor", "--json"]);
  expect(JSON.parse(doctor.out).findings).toContainEqual(
    expect.objectContaining({ what: "database", is: "ok" }),
  );
}, 60_000);

/** Its process id, never 0: a signal to 0 goes to the whole group of the one who sends it, which is us. */
async function runningEngine(): Promise<number> {
  const pid = await server.enginePid();
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`no engine is running (pid ${pid})`);
  return pid;
}
