import { randomBytes } from "node:crypto";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";
import { API_PREFIX, recordingRoutes, roomRoutes } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StoredRecording } from "../store/recordings.js";
import { addRecording } from "../testing/recordings.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "../testing/server.js";
import { askAs, makeWorld, PEOPLE, type World } from "../testing/world.js";

let server: TestServer;
let world: World;
let owner: Browser;
const CONTENT = randomBytes(1000);
beforeAll(async () => {
  server = await startTestServer();
  world = await makeWorld(server);
  owner = await openOwner(server);
});
afterAll(() => server.close());

const fileOf = ({ id }: StoredRecording): string => `/recordings/${id}/file`;
const get = (path: string, headers: Record<string, string> = {}, method: "GET" | "HEAD" = "GET") =>
  server.app.inject({
    method,
    url: API_PREFIX + path,
    headers: { cookie: owner.cookieHeader(), ...headers },
  });
const newRecording = (more: Parameters<typeof addRecording>[3] = {}) =>
  addRecording(server, world.roomA, "ready", { content: CONTENT, ...more });

// Test 27 of reliability for the addresses that are no JSON: as the contract's table for readRecording and readRoom.
const MAY = [401, 401, 401, 401, 401, 401, 401, 404, 200, 200, 403, 403, 200] as const;
test("27: a file and its small picture are for whom the recording is; not there and not yours look the same", async () => {
  const recording = await newRecording({ hasThumbnail: true });
  const thumbnail = server.product.recordings.thumbnailPath(recording) ?? "";
  await writeFile(thumbnail, CONTENT);
  for (const [at, who] of PEOPLE.entries()) {
    const person = await world.person(who, recordingRoutes.readRecording);
    const roomPerson = await world.person(who, roomRoutes.readRoom);
    const expected = MAY[at] ?? 0;
    for (const [path, missing, asker] of [
      [fileOf(recording), fileOf({ ...recording, id: "A".repeat(22) }), person],
      [`/recordings/${recording.id}/thumbnail`, `/recordings/${"A".repeat(22)}/thumbnail`, person],
      [`/rooms/${world.roomA}/thumbnail`, `/rooms/${"A".repeat(22)}/thumbnail`, roomPerson],
    ] as const) {
      const answer = await askAs(server, asker, "GET", path);
      const isOfRoom = path.startsWith("/rooms"); // nothing is live there: 404 to those who may, too
      expect([who, path, answer.statusCode]).toEqual([
        who,
        path,
        isOfRoom && expected === 200 ? 404 : expected,
      ]);
      if (expected !== 404) continue;
      const notThere = await askAs(server, asker, "GET", missing);
      const said = (body: string): unknown => ({ ...JSON.parse(body), requestId: "" });
      expect([notThere.statusCode, said(notThere.body)]).toEqual([404, said(answer.body)]);
    }
  }
  const presenter = await world.person("presenterA", recordingRoutes.readRecording);
  expect((await askAs(server, presenter, "HEAD", fileOf(recording))).statusCode).toBe(401);
});

test.each([
  "/recordings/short/file",
  "/recordings/..%2f..%2fkey/file",
  `/recordings/${"A".repeat(22)}/file/x`,
])("%s is not there", async (path) => {
  expect((await get(path)).statusCode).toBe(404);
});

test("the whole file, with what a player needs to jump about in it and a browser to keep it from doing anything", async () => {
  const recording = await newRecording();
  const whole = await get(fileOf(recording));
  expect(whole.statusCode).toBe(200);
  expect(whole.rawPayload.equals(CONTENT)).toBe(true);
  expect(whole.headers).toMatchObject({
    "content-type": "video/mp4",
    "content-length": "1000",
    "accept-ranges": "bytes",
    "content-disposition": "inline",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-cache",
  });
  const head = await get(fileOf(recording), {}, "HEAD");
  expect([head.statusCode, head.headers["content-length"], head.body]).toEqual([200, "1000", ""]);
  const known = await get(fileOf(recording), { "if-none-match": String(whole.headers.etag) });
  expect([known.statusCode, known.body]).toEqual([304, ""]);
});

test("a range, the rest, the end; beyond the end; several are sent whole", async () => {
  const recording = await newRecording();
  const ranged = async (range: string) => {
    const { statusCode, headers, rawPayload } = await get(fileOf(recording), { range });
    return [statusCode, headers["content-range"], rawPayload.toString("hex")];
  };
  const part = (from: number, to: number): string => CONTENT.subarray(from, to).toString("hex");
  expect(await ranged("bytes=10-19")).toEqual([206, "bytes 10-19/1000", part(10, 20)]);
  expect(await ranged("bytes=990-")).toEqual([206, "bytes 990-999/1000", part(990, 1000)]);
  expect(await ranged("bytes=-3")).toEqual([206, "bytes 997-999/1000", part(997, 1000)]);
  expect((await ranged("bytes=1000-")).slice(0, 2)).toEqual([416, "bytes */1000"]);
  expect(await ranged("bytes=0-1,5-6")).toEqual([200, undefined, part(0, 1000)]);
});

test("a range of what has changed since is the whole file", async () => {
  const recording = await newRecording();
  const { headers } = await get(fileOf(recording), {}, "HEAD");
  const range = "bytes=0-9";
  const asked = async (ifRange: string) =>
    (await get(fileOf(recording), { range, "if-range": ifRange })).statusCode;
  expect(await asked(String(headers.etag))).toBe(206);
  expect(await asked(String(headers["last-modified"]))).toBe(206);
  expect(await asked('"another"')).toBe(200);
  expect(await asked("Sat, 01 Jan 2000 00:00:00 GMT")).toBe(200);
});

test("a growing file is there as far as it is, and more of it later under the same tag", async () => {
  const recording = await newRecording({ state: "recording" });
  const first = await get(fileOf(recording));
  expect([first.headers["content-length"], first.headers["cache-control"]]).toEqual(["1000", "no-store"]);
  await appendFile(server.product.recordings.filePath(recording) ?? "", CONTENT);
  const rest = await get(fileOf(recording), { range: "bytes=1000-", "if-range": String(first.headers.etag) });
  expect([rest.statusCode, rest.headers["content-range"]]).toEqual([206, "bytes 1000-1999/2000"]);
});

test("a download carries the recording's name, whatever is in it", async () => {
  const recording = await newRecording({ name: 'Größe "3" / x' });
  const { headers } = await get(`${fileOf(recording)}?download`);
  expect(headers["content-disposition"]).toBe(
    "attachment; filename=\"Groe -3- - x.mp4\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20-3-%20-%20x.mp4",
  );
});

test("without a file, or broken, it is not there, and neither is a small picture that was never made", async () => {
  const noFile = await addRecording(server, world.roomA, "ready");
  const broken = await addRecording(server, world.roomA, "broken");
  for (const recording of [noFile, broken]) expect((await get(fileOf(recording))).statusCode).toBe(404);
  expect((await get(`/recordings/${noFile.id}/thumbnail`)).statusCode).toBe(404);
  const lost = await newRecording({ hasThumbnail: true });
  expect((await get(`/recordings/${lost.id}/thumbnail`)).statusCode).toBe(404);
});

test("readers that take nothing are at most 128, and when they go others come in", async () => {
  const recording = await addRecording(server, world.roomA, "ready", { bytes: 64_000_000 });
  const path = server.product.recordings.filePath(recording) ?? "";
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, Buffer.alloc(64_000_000));
  const { port, hostname } = new URL(server.url);
  const line = `GET ${API_PREFIX}${fileOf(recording)} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncookie: ${owner.cookieHeader()}\r\n\r\n`;
  const open = async () => {
    const socket = connect(Number(port), "127.0.0.1");
    const status = new Promise<string>((resolve, reject) => {
      socket.once("error", reject);
      socket.once("data", (data) => {
        socket.pause();
        resolve(data.toString("latin1", 9, 12));
      });
    });
    socket.write(line);
    return { socket, status: await status };
  };
  const sockets = [];
  for (let count = 0; count < 130; count += 1) sockets.push(await open());
  expect(sockets.map(({ status }) => status).filter((status) => status === "200")).toHaveLength(128);
  expect(sockets.at(-1)?.status).toBe("429");
  for (const { socket } of sockets) socket.destroy();
  await expect.poll(async () => (await get(fileOf(recording), { range: "bytes=0-0" })).statusCode).toBe(206);
});
