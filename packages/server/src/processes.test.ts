import type { Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StoredRoom } from "./store/rooms.js";
import { openLine } from "./testing/line.js";
import { join, makeRoom, visitor } from "./testing/people.js";
import { until } from "./testing/process.js";
import { liveStream } from "./testing/recordings.js";
import {
  type Browser,
  openBrowser,
  openOwner,
  type ServerPair,
  startServerPair,
  type TestServer,
} from "./testing/server.js";

// What one process writes and another keeps a copy of. No page knows at which it is.
const WITHIN_MS = 15_000;

let pair: ServerPair;
/** The owner's browser at each of the two: the same login. */
let owner: Browser;
let there: Browser;
beforeAll(async () => {
  pair = await startServerPair();
  owner = await openOwner(pair.one);
  there = at(pair.two, owner);
});
afterAll(() => pair.close());

/** The same browser, whose next request goes to this process. */
function at(server: TestServer, browser: Browser): Browser {
  const other = openBrowser(server, "192.0.2.100");
  for (const [name, value] of browser.cookies) other.cookies.set(name, value);
  return other;
}

const roomAt = (server: TestServer, { id }: Pick<Room, "id">) => server.product.directory.byId(id);
const enter = async (server: TestServer, room: Room, name: string) => {
  const seat = await join(server, room, name);
  const line = await openLine(server, seat.browser);
  line.say({ type: "watch.room", roomId: room.id });
  await line.until("room.options");
  return { ...seat, line };
};

test("a room made, renamed, given another key, and deleted at one is so at the other, and its pages are told", async () => {
  const room = await makeRoom(owner);
  await until(() => roomAt(pair.two, room) !== null, WITHIN_MS, "it is known there");
  const ada = await enter(pair.two, room, "Ada");

  await owner.ask("PATCH", `/rooms/${room.id}`, { name: "Reel 7", watermark: true });
  await ada.line.until("room.renamed");
  expect(roomAt(pair.two, room)).toMatchObject({ name: "Reel 7", watermark: true });
  expect((await there.ask("GET", `/rooms/${room.id}`)).json()).toMatchObject({ name: "Reel 7" });

  const before = pair.one.product.rooms.streamKey(roomAt(pair.one, room) as StoredRoom);
  expect((await owner.ask("POST", `/rooms/${room.id}/ingest/rotate`)).statusCode).toBe(200);
  const key = pair.one.product.rooms.streamKey(roomAt(pair.one, room) as StoredRoom);
  expect(key).not.toBe(before);
  await until(() => pair.two.product.directory.byKey(key)?.id === room.id, WITHIN_MS, "the new key counts");
  expect(pair.two.product.directory.byKey(before)).toBeNull();

  expect((await there.ask("DELETE", `/rooms/${room.id}`)).statusCode).toBe(204);
  await ada.line.closed;
  await until(() => roomAt(pair.one, room) === null, WITHIN_MS, "it is gone here");
  expect((await owner.ask("GET", `/rooms/${room.id}`)).statusCode).toBe(404);
});

test("who is let in, given a role or sent out by a host elsewhere hears of it, and is nobody there from then on", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  await until(() => roomAt(pair.two, room) !== null, WITHIN_MS, "it is known there");
  const { browser, id } = await join(pair.two, room, "Ben");
  const line = await openLine(pair.two, browser);
  line.say({ type: "watch.room", roomId: room.id });
  await line.until("seat.waiting");
  const seat = `/rooms/${room.id}/participants/${id}`;
  expect((await owner.ask("POST", `${seat}/admit`)).statusCode).toBe(204);
  await line.until("seat.admitted");
  expect((await owner.ask("POST", `${seat}/role`, { role: "presenter" })).statusCode).toBe(204);
  await line.until("seat.role");
  expect((await browser.ask("GET", `/rooms/${room.id}/participants`)).statusCode).toBe(200);

  expect((await owner.ask("DELETE", `${seat}?ban=true`)).statusCode).toBe(204);
  await line.closed;
  expect(line.heard.at(-1)).toMatchObject({ type: "room.closed", reason: "removed" });
  expect((await browser.ask("GET", `/rooms/${room.id}/participants`)).statusCode).toBe(404);
  await until(() => pair.two.product.bans.list(room.id).length === 1, WITHIN_MS, "the ban counts there");
});

test("accounts, blocked addresses, settings and signing keys are the same at both", async () => {
  const { account } = (await owner.ask("POST", "/users", { name: "Cora" })).json();
  const nameThere = () => pair.two.product.accounts.nameOf(account.id);
  await until(() => nameThere() === "Cora", WITHIN_MS, "she is known there");
  await owner.ask("PATCH", `/users/${account.id}`, { name: "Cora Lind" });
  await until(() => nameThere() === "Cora Lind", WITHIN_MS, "her name is another");
  expect((await there.ask("DELETE", `/users/${account.id}`)).statusCode).toBe(204);
  await until(() => pair.one.product.accounts.nameOf(account.id) === null, WITHIN_MS, "she is gone");

  const { id } = (
    await owner.ask("POST", "/blocks", { address: "203.0.113.9", reason: "a test", expiresAt: null })
  ).json();
  await until(() => pair.two.product.blocks.isBlocked("203.0.113.9"), WITHIN_MS, "the block counts there");
  expect(pair.two.engine.cuts.some((cut) => typeof cut === "function" && cut("203.0.113.9"))).toBe(true);
  await there.ask("DELETE", `/blocks/${id}`);
  await until(() => !pair.one.product.blocks.isBlocked("203.0.113.9"), WITHIN_MS, "and is over here");

  expect((await owner.ask("PATCH", "/settings", { auditDays: 90, srtOn: false })).statusCode).toBe(200);
  await until(() => pair.two.product.settings.now().auditDays === 90, WITHIN_MS, "the settings count there");
  await until(() => pair.two.engine.reconfigured === 1, WITHIN_MS, "its engine follows");

  await pair.two.product.serviceKeys.rotate();
  const kids = ({ product }: TestServer) => product.serviceKeys.jwks().keys.map(({ kid }) => kid);
  await until(
    () => kids(pair.one).join() === kids(pair.two).join(),
    WITHIN_MS,
    "both sign with the same key",
  );
});

test("what one missed while the database was away it reads again, and tells its pages", async () => {
  const [kept, shut, gone] = [await makeRoom(owner), await makeRoom(owner), await makeRoom(owner)];
  await until(() => roomAt(pair.two, gone) !== null, WITHIN_MS, "they are known there");
  const ada = await enter(pair.two, kept, "Ada");
  const ben = await enter(pair.two, kept, "Ben");
  const cem = await enter(pair.two, shut, "Cem");

  pair.lines.cut("two");
  await owner.ask("PATCH", `/rooms/${kept.id}`, { name: "Kept" });
  await owner.ask("PATCH", `/rooms/${shut.id}`, { archived: true });
  await owner.ask("DELETE", `/rooms/${gone.id}`);
  const made = await makeRoom(owner);
  await owner.ask("DELETE", `/rooms/${kept.id}/participants/${ben.id}?ban=true`);
  await owner.ask("POST", `/rooms/${kept.id}/participants/${ada.id}/role`, { role: "presenter" });
  await owner.ask("POST", "/blocks", { address: "203.0.113.10", reason: "a test", expiresAt: null });
  await owner.ask("PATCH", "/settings", { auditDays: 91 });
  await pair.lines.quiet();
  expect([roomAt(pair.two, kept)?.name, pair.two.product.settings.now().auditDays]).not.toContain("Kept");

  pair.lines.heal("two");
  await Promise.all([ben.line.closed, cem.line.closed]);
  await ada.line.until("room.renamed");
  await ada.line.until("seat.role");
  expect([ben, cem].map(({ line }) => line.heard.at(-1)?.type)).toEqual(["room.closed", "room.closed"]);
  await until(() => roomAt(pair.two, gone) === null && roomAt(pair.two, made) !== null, WITHIN_MS, "rooms");
  const { bans, blocks, settings } = pair.two.product;
  await until(() => bans.list(kept.id).length === 1, WITHIN_MS, "bans");
  await until(
    () => blocks.isBlocked("203.0.113.10") && settings.now().auditDays === 91,
    WITHIN_MS,
    "the rest",
  );
});

test("a process that has not heard that a room is locked or shut, or somebody banned, lets nobody in all the same", async () => {
  const room = await makeRoom(owner);
  const eve = await join(pair.one, room, "Eve");
  await until(() => roomAt(pair.two, room) !== null, WITHIN_MS, "it is known there");
  await pair.lines.quiet();
  pair.lines.cut("two");
  const body = { name: "Eve", password: room.reviewerPassword };
  const comes = async (browser: Browser) => {
    const answer = await at(pair.two, browser).ask("POST", `/rooms/${room.id}/join`, body);
    return answer.statusCode === 201 ? "in" : answer.json().error;
  };
  expect(await comes(visitor(pair.two))).toBe("in");

  await owner.ask("DELETE", `/rooms/${room.id}/participants/${eve.id}?ban=true`);
  expect(await comes(eve.browser)).toBe("sent_out");
  await owner.ask("POST", `/rooms/${room.id}/end`);
  expect(await comes(visitor(pair.two))).toBe("room_locked");
  await owner.ask("PATCH", `/rooms/${room.id}`, { archived: true });
  expect(await comes(visitor(pair.two))).toBe("room_password_wrong");
  expect(roomAt(pair.two, room)).toMatchObject({ lockedAt: null, archivedAt: null });
  expect(await pair.two.product.sessions.seats(room.id)).toEqual([]);
  pair.lines.heal("two");
  await until(() => roomAt(pair.two, room)?.archivedAt !== null, WITHIN_MS, "it has heard of it");
});

test("a take that both hear of is recorded once, by the first; who becomes the first records what was left out", async () => {
  const [room, later] = [
    await makeRoom(owner, { autoRecord: true }),
    await makeRoom(owner, { autoRecord: true }),
  ];
  await until(() => roomAt(pair.two, later) !== null, WITHIN_MS, "they are known there");
  const goLive = (to: TestServer, { id: roomId }: Room, id: string): void => {
    to.engine.live.set(roomId, liveStream(id));
    const take = { id, roomId, sinceAt: Date.now(), protocol: "rtmp", encoder: null };
    to.engine.tell({ is: "take-began", take });
  };
  const begun = (to: TestServer, { id }: Room) =>
    to.engine.recordings.filter(({ roomId }) => roomId === id).length;
  goLive(pair.two, room, "take-1");
  goLive(pair.one, room, "take-1");
  await until(() => begun(pair.one, room) === 1, WITHIN_MS, "the first records");
  const [recording] = await pair.two.product.recordings.list([room.id]);
  expect([begun(pair.two, room), recording?.takeId]).toEqual([0, "take-1"]);

  goLive(pair.two, later, "take-2"); // and the first process is killed before it has heard of it
  expect(begun(pair.two, later)).toBe(0);
  pair.lines.kill("one");
  await until(() => begun(pair.two, later) === 1, WITHIN_MS, "the next one records");
  expect(begun(pair.two, room)).toBe(0);

  // Both have heard of the end: it is written down once.
  const ended = {
    id: recording?.id ?? "",
    roomId: room.id,
    startedAt: Date.now(),
    durationMs: 4_000,
    bytes: 9_000,
  };
  for (const { engine } of [pair.one, pair.two])
    engine.tell({ is: "recording-ended", recording: ended, why: "take-ended", detail: null });
  const stateOf = async () => (await pair.two.product.recordings.find(ended.id))?.state;
  await until(async () => (await stateOf()) === "broken", WITHIN_MS, "it is finished: there is no file");
});
