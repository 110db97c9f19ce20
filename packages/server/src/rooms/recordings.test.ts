import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Recording, Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeId } from "../domain/room.js";
import type { EngineRecording, RecordingEnd } from "../engine/engine.js";
import type { StoredRecording } from "../store/recordings.js";
import { openLine } from "../testing/line.js";
import { makeRoom } from "../testing/people.js";
import { addRecording, liveStream } from "../testing/recordings.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

const DAY_MS = 86_400_000;
let server: TestServer;
let owner: Browser;
let now = Date.now();
beforeAll(async () => {
  server = await startTestServer({}, () => now);
  owner = await openOwner(server);
});
afterAll(() => server.close());

const goLive = (room: Room, take: string, protocol = "rtmp"): void => {
  server.engine.live.set(room.id, liveStream(take));
  const began = { id: take, roomId: room.id, sinceAt: now, protocol, encoder: null };
  server.engine.tell({ is: "take-began", take: began });
};
const listOf = async (room: Room): Promise<Recording[]> =>
  (await owner.ask("GET", `/recordings?roomId=${room.id}`)).json().recordings;
const shownOf = async (room: Room): Promise<Room["recording"]> =>
  (await owner.ask("GET", `/rooms/${room.id}`)).json().recording;
const begun = (room: Room): number =>
  server.engine.recordings.filter(({ roomId }) => roomId === room.id).length;
const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));
const lastId = (): string => server.engine.recordings.at(-1)?.id ?? "";
const grown = (room: Room, more: Partial<EngineRecording> = {}): EngineRecording => ({
  ...{ id: lastId(), roomId: room.id, startedAt: now, durationMs: 4000, bytes: 9_000_000 },
  ...more,
});
const end = (room: Room, why: RecordingEnd, more: Partial<EngineRecording> = {}): void =>
  server.engine.tell({ is: "recording-ended", recording: grown(room, more), why, detail: null });

test("begun by hand it has the room's name and what is live; a second one, or one of nothing, does not begin", async () => {
  const room = await makeRoom(owner, { name: "Dune" });
  expect((await owner.ask("POST", `/rooms/${room.id}/recording`)).json().error).toBe("not_live");
  goLive(room, "take-1");
  const started = await owner.ask("POST", `/rooms/${room.id}/recording`);
  expect([started.statusCode, started.json()]).toMatchObject([
    201,
    { state: "recording", video: { codec: "H.264 High 4:2:2", width: 1920, height: 1080 }, problem: null },
  ]);
  expect(started.json().name).toMatch(/^Dune \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d$/);
  const again = await owner.ask("POST", `/rooms/${room.id}/recording`);
  expect([again.statusCode, again.json().error]).toEqual([409, "already_recording"]);

  server.engine.tell({ is: "recording-grew", recording: grown(room) });
  expect(await shownOf(room)).toMatchObject({ durationMs: 4000, bytes: 9_000_000, stopped: null });
  expect((await listOf(room))[0]).toMatchObject({ durationMs: 4000, bytes: 9_000_000 });
  expect((await owner.ask("DELETE", `/rooms/${room.id}/recording`)).statusCode).toBe(204);
  expect(await shownOf(room)).toBeNull();
  expect((await owner.ask("DELETE", `/rooms/${room.id}/recording`)).statusCode).toBe(404);
  const written = (await server.store.auditReader.page({}, null, 20)).map(({ action }) => action);
  expect(written).toEqual(expect.arrayContaining(["recording.started", "recording.stopped"]));
});

test("with every take recorded it begins with each take, once; stopped by hand it waits for the next take", async () => {
  const room = await makeRoom(owner, { autoRecord: true });
  const other = await makeRoom(owner);
  goLive(room, "take-1");
  goLive(other, "take-2");
  await expect.poll(() => begun(room)).toBe(1);
  expect(begun(other)).toBe(0);
  await expect.poll(() => shownOf(room)).not.toBeNull();
  server.engine.tell({ is: "recording-grew", recording: grown(room) });
  await owner.ask("DELETE", `/rooms/${room.id}/recording`);
  goLive(room, "take-1"); // the encoder was away for a moment: the same take
  await turns();
  expect(begun(room)).toBe(1);
  goLive(room, "take-3");
  await expect.poll(() => begun(room)).toBe(2);
});

test("bars are recorded when somebody asks for it, not by themselves", async () => {
  const room = await makeRoom(owner, { autoRecord: true });
  goLive(room, "take-1", "test-signal");
  await turns();
  expect(begun(room)).toBe(0);
  expect((await owner.ask("POST", `/rooms/${room.id}/recording`)).statusCode).toBe(201);
});

test("another format is another file, at once; a take without a picture leaves nothing behind", async () => {
  const room = await makeRoom(owner);
  goLive(room, "take-1");
  await owner.ask("POST", `/rooms/${room.id}/recording`);
  now += 1_000;
  end(room, "format-changed");
  await expect.poll(() => begun(room)).toBe(2);
  await expect.poll(async () => (await listOf(room)).length).toBe(2);
  expect((await listOf(room)).map(({ problem }) => problem)).toEqual([
    null,
    expect.stringMatching(/next rec/),
  ]);
  end(room, "take-ended", { bytes: 0, durationMs: 0 });
  await expect.poll(async () => (await listOf(room)).length).toBe(1);
});

test("a full disk is told for an hour, in the room and with the recording; and when none could begin", async () => {
  const room = await makeRoom(owner, { autoRecord: true });
  goLive(room, "take-1");
  await expect.poll(() => shownOf(room)).not.toBeNull();
  end(room, "disk-full");
  await expect.poll(() => shownOf(room)).toMatchObject({ stopped: "disk-full" });
  await expect
    .poll(async () => (await listOf(room))[0]?.problem)
    .toBe("The disk was full. What had come until then is here.");
  now += 3_600_001;
  expect(await shownOf(room)).toBeNull();

  server.engine.startsRecording = "disk-full";
  goLive(room, "take-2");
  await expect.poll(() => shownOf(room)).toMatchObject({ stopped: "disk-full", bytes: 0 });
  const refused = await owner.ask("POST", `/rooms/${room.id}/recording`);
  expect([refused.statusCode, refused.json().error]).toEqual([507, "disk_full"]);
  server.engine.startsRecording = "started";
  expect((await owner.ask("POST", `/rooms/${room.id}/recording`)).statusCode).toBe(201);
});

test("what the engine no longer records when it is back has ended unseen, and goes on with the encoder", async () => {
  const room = await makeRoom(owner);
  goLive(room, "take-1");
  await owner.ask("POST", `/rooms/${room.id}/recording`);
  const id = lastId();
  const part = server.product.recordings.filePath({ id, state: "recording" } as StoredRecording) ?? "";
  await mkdir(dirname(part), { recursive: true });
  await writeFile(part, randomBytes(1000));
  server.engine.tell({ is: "recordings", running: [] });
  await expect.poll(async () => (await listOf(room))[0]?.problem).toMatch(/ended unexpectedly/);
  goLive(room, "take-2");
  await expect.poll(() => begun(room)).toBe(2);
  await server.product.recordings.idle();
  const [running, before] = await listOf(room);
  // There was noise in the file: no fragment, nothing that plays.
  expect([running?.state, before?.state, before?.problem]).toEqual([
    "recording",
    "broken",
    "Nothing that plays was on the disk.",
  ]);
});

test("what the engine still records when the server is back goes on, with or without a row in the database", async () => {
  const room = await makeRoom(owner);
  const other = await makeRoom(owner, { name: "Other" });
  const known = await addRecording(server, room.id, "recording");
  const unknown = makeId(randomBytes);
  const running = [
    grown(room, { id: known.id, bytes: 5 }),
    { id: unknown, roomId: other.id, startedAt: now, durationMs: 1, bytes: 2 },
  ];
  server.engine.tell({ is: "recordings", running });
  await server.product.recordings.recover();
  expect(await listOf(room)).toMatchObject([{ id: known.id, state: "recording", bytes: 5 }]);
  expect(await listOf(other)).toMatchObject([{ id: unknown, state: "recording" }]);
  expect(await shownOf(other)).toMatchObject({ id: unknown });
});

test("at a start, finished ones without a file are broken, unfinished ones are finished, scraps are cleared", async () => {
  const room = await makeRoom(owner);
  const lost = await addRecording(server, room.id, "ready");
  const kept = await addRecording(server, room.id, "ready", { content: randomBytes(10) });
  const unfinished = await addRecording(server, room.id, "finalising", { content: randomBytes(1000) });
  const path = server.product.recordings.filePath(kept) ?? "";
  const scrap = path.replace(kept.id, makeId(randomBytes)).replace(".mp4", ".keyframe.mp4");
  await writeFile(scrap, "x");
  await server.product.recordings.recover();
  await server.product.recordings.idle();
  const states = new Map((await listOf(room)).map(({ id, state }) => [id, state]));
  expect([states.get(lost.id), states.get(kept.id), states.get(unfinished.id)]).toEqual([
    "broken",
    "ready",
    "broken",
  ]);
  expect([existsSync(scrap), existsSync(path)]).toEqual([false, true]);
});

test("too old, or too much of the disk: the oldest go, never the running one, and the audit log says so", async () => {
  const room = await makeRoom(owner);
  const at = (days: number) => ({
    startedAt: new Date(now - days * DAY_MS),
    endedAt: new Date(now - days * DAY_MS),
  });
  const old = await addRecording(server, room.id, "ready", {
    ...at(11),
    name: "Old",
    content: randomBytes(10),
  });
  const young = await addRecording(server, room.id, "ready", { ...at(9), name: "Young" });
  const running = await addRecording(server, room.id, "recording", {
    startedAt: new Date(now - 20 * DAY_MS),
  });
  const path = server.product.recordings.filePath(old) ?? "";
  await server.product.settings.change({ recordingsDays: 10 });
  await server.product.recordings.tidy();
  expect((await listOf(room)).map(({ id }) => id)).toEqual([young.id, running.id]);
  expect(existsSync(path)).toBe(false);

  const { totalBytes } = await server.product.recordings.disk();
  await server.store.recordings.change(young.id, { bytes: Math.round(totalBytes * 0.3) });
  const large = await addRecording(server, room.id, "ready", {
    ...at(1),
    ...{ name: "Large", bytes: Math.round(totalBytes * 0.3) },
  });
  await server.product.settings.change({ recordingsDays: null, recordingsDiskPercent: 50 });
  await server.product.recordings.tidy();
  expect((await listOf(room)).map(({ id }) => id)).toEqual([large.id, running.id]);
  const written = (await server.store.auditReader.page({}, null, 20)).map(({ detail }) => detail);
  expect(written).toEqual(
    expect.arrayContaining([
      "Old: kept for 10 days",
      "Young: all recordings took more than 50 % of the disk",
    ]),
  );
});

test("deleted, by itself or with its room, a recording leaves no file; renamed, it keeps it", async () => {
  const room = await makeRoom(owner);
  const [one, two] = [
    await addRecording(server, room.id, "ready", { content: randomBytes(10) }),
    await addRecording(server, room.id, "finalising", { content: randomBytes(10) }),
  ];
  const paths = [one, two].map((recording) => server.product.recordings.filePath(recording) ?? "");
  const renamed = await owner.ask("PATCH", `/recordings/${one.id}`, { name: " Reel 7 " });
  expect([renamed.json().name, paths.map(existsSync)]).toEqual(["Reel 7", [true, true]]);
  expect((await owner.ask("DELETE", `/recordings/${one.id}`)).statusCode).toBe(204);
  expect(paths.map(existsSync)).toEqual([false, true]);
  expect((await owner.ask("DELETE", `/rooms/${room.id}`)).statusCode).toBe(204);
  expect(paths.map(existsSync)).toEqual([false, false]);
  expect(await server.store.recordings.ofRooms([room.id])).toEqual([]);
});

test("the studio hears of a recording as it begins and ends at once, and of its growing once in two seconds", async () => {
  const room = await makeRoom(owner);
  goLive(room, "take-1");
  const line = await openLine(server, owner);
  line.say({ type: "watch.studio" });
  await line.until("studio.room", (message) => message.room.id === room.id);
  line.heard.length = 0;
  await owner.ask("POST", `/rooms/${room.id}/recording`);
  await line.until("studio.room", (message) => message.room.recording?.id === lastId());
  line.heard.length = 0;
  for (let second = 1; second <= 20; second += 1) {
    server.engine.tell({ is: "recording-grew", recording: grown(room, { durationMs: second * 1000 }) });
  }
  await line.until("studio.room", (message) => message.room.recording?.durationMs === 1000);
  await owner.ask("DELETE", `/rooms/${room.id}/recording`);
  await line.until(
    "studio.room",
    (message) => message.room.id === room.id && message.room.recording === null,
  );
  const told = line.heard.filter((message) => message.type === "studio.room" && message.room.id === room.id);
  expect(told.length).toBeLessThan(6);
  line.socket.close();
});
