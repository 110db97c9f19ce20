import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Person, Room, ServerMessage } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { type Line, openLine } from "../testing/line.js";
import { accept, invite, join as joinRoom, makeRoom } from "../testing/people.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  server = await startTestServer();
  owner = await openOwner(server);
});
afterAll(() => server.close());

const make = (more: object = {}): Promise<Room> => makeRoom(owner, more);
const join = async (room: Room): Promise<Browser> => (await joinRoom(server, room)).browser;
const open = (browser: Browser): Promise<Line> => openLine(server, browser);

async function refusal(headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v1/realtime`, { headers });
  socket.on("error", () => undefined);
  const [, response] = await once(socket, "unexpected-response");
  return (response as { statusCode: number }).statusCode;
}

test("a socket needs our origin and a session", async () => {
  const cookie = owner.cookieHeader();
  expect(await refusal({ cookie, origin: "https://evil.example" })).toBe(403);
  expect(await refusal({ cookie })).toBe(403);
  expect(await refusal({ origin: server.url })).toBe(401);
  expect(
    await refusal({ origin: server.url, cookie: "session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }),
  ).toBe(401);
});

test("one who has joined hears the stream at once and on every change, and nothing of other rooms", async () => {
  const [a, b] = [await make(), await make()];
  const line = await open(await join(a));
  line.say({ type: "watch.room", roomId: b.id });
  expect(await line.until("refused")).toMatchObject({ error: "not_found" });
  line.say({ type: "watch.room", roomId: a.id });
  expect(await line.until("room.stream")).toEqual({ type: "room.stream", roomId: a.id, stream: null });
  line.heard.length = 0;
  server.engine.tell({ is: "changed", roomId: b.id });
  server.engine.tell({ is: "changed", roomId: a.id });
  await line.until("room.stream");
  expect(line.heard).toHaveLength(1);
  line.say({ type: "watch.studio" });
  expect(await line.until("refused")).toMatchObject({ error: "sign_in_needed" });
  line.socket.close();
});

test("the studio hears every room, new ones, renamed ones and deleted ones", async () => {
  const line = await open(owner);
  line.say({ type: "watch.studio" });
  await line.until("studio.room");
  line.heard.length = 0;
  const room = await make();
  const { room: told } = await line.until("studio.room", (message) => message.room.id === room.id);
  expect(told.reviewerPassword).toBe(room.reviewerPassword);
  await owner.ask("PATCH", `/rooms/${room.id}`, { name: `${room.name}, renamed` });
  await line.until("studio.room", (message) => message.room.name === `${room.name}, renamed`);
  await owner.ask("DELETE", `/rooms/${room.id}`);
  expect(await line.until("studio.roomDeleted")).toMatchObject({ roomId: room.id });
  line.socket.close();
});

test("the clock comes back with the server's", async () => {
  const line = await open(owner);
  line.say({ type: "clock", clientAt: 12.5 });
  const answer = await line.until("clock");
  expect(answer.clientAt).toBe(12.5);
  expect(Math.abs(answer.serverAt - Date.now())).toBeLessThan(2_000);
  line.socket.close();
});

test.each([
  ["deleted", (room: Room) => owner.ask("DELETE", `/rooms/${room.id}`)],
  ["archived", (room: Room) => owner.ask("PATCH", `/rooms/${room.id}`, { archived: true })],
  [
    "session-ended",
    (room: Room) => owner.ask("PATCH", `/rooms/${room.id}`, { password: "another password" }),
  ],
] as const)(
  "a room that is shut to one (%s) says so and closes the socket within a second",
  async (reason, shut) => {
    const room = await make();
    const ada = await join(room);
    const line = await open(ada);
    line.say({ type: "watch.room", roomId: room.id });
    await line.until("room.stream");
    const began = performance.now();
    await shut(room);
    expect(await line.until("room.closed")).toEqual({ type: "room.closed", roomId: room.id, reason });
    await line.closed;
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(await refusal({ origin: server.url, cookie: ada.cookieHeader() })).toBe(401);
  },
);

test("a renamed room tells those in it", async () => {
  const room = await make();
  const line = await open(await join(room));
  line.say({ type: "watch.room", roomId: room.id });
  await line.until("room.stream");
  await owner.ask("PATCH", `/rooms/${room.id}`, { name: "By another name" });
  expect(await line.until("room.renamed")).toMatchObject({ name: "By another name" });
  line.socket.close();
});

test("signing out closes the studio's socket", async () => {
  const second = await openOwner(server);
  const line = await open(second);
  line.say({ type: "watch.studio" });
  line.say({ type: "clock", clientAt: 1 });
  await line.until("clock");
  await second.ask("DELETE", "/session");
  expect(await line.closed).toBe(1001);
});

test("forty messages in a burst are all answered, later; five hundred close the socket with 1008", async () => {
  const line = await open(owner);
  const began = performance.now();
  for (let n = 0; n < 40; n++) line.say({ type: "clock", clientAt: n });
  while (line.heard.length < 40) {
    if (performance.now() - began > 5_000) throw new Error(`only ${line.heard.length} were answered`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(performance.now() - began).toBeGreaterThan(900);
  expect(line.heard.map((message) => (message as { clientAt: number }).clientAt)).toEqual(
    Array.from({ length: 40 }, (_, n) => n),
  );
  for (let n = 0; n < 500; n++) line.say({ type: "clock", clientAt: n });
  expect(await line.closed).toBe(1008);
});

test("a message above 64 KiB closes the socket with 1009", async () => {
  const line = await open(owner);
  line.say(JSON.stringify({ type: "clock", clientAt: 1, x: "y".repeat(65 * 1024) }));
  expect(await line.closed).toBe(1009);
});

test("what is no message of ours is refused and the socket stays", async () => {
  const line = await open(owner);
  const wrong = [
    "",
    "{",
    "null",
    "[]",
    '{"type":"watch.room"}',
    '{"type":"clock","clientAt":"1"}',
    '{"type":"clock","clientAt":1,"seq":9}',
    '{"type":"__proto__"}',
  ];
  for (const text of wrong) line.say(text);
  line.say({ type: "clock", clientAt: 7 });
  await line.until("clock");
  expect(line.heard.filter(({ type }) => type === "refused")).toHaveLength(wrong.length);
  line.socket.close();
});

const WITHIN_MS = 8_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const WRITERS = 6;
const EACH = 4; // below what one person may write in five seconds

/** Everybody's state by what one page was told, as a page keeps it. */
function stateBy(heard: readonly ServerMessage[]): Map<string, Person> {
  const people = new Map<string, Person>();
  for (const said of heard) {
    if (said.type !== "room.presence") continue;
    if (said.isAll) people.clear();
    for (const id of said.gone) people.delete(id);
    for (const person of said.people) people.set(person.id, person);
  }
  return people;
}

test("who comes while others write, come and go is told what was, then what is newer: nothing twice, nothing left out", async () => {
  const room = await make();
  const watch = async (line: Line): Promise<Line> => {
    line.say({ type: "watch.room", roomId: room.id });
    line.say({ type: "history.watch", since: null });
    return line;
  };
  const { secret } = await invite(owner, room);
  const come = async (name: string): Promise<Line> => open((await accept(server, secret, name)).browser);
  const writers = await Promise.all(Array.from({ length: WRITERS }, (_, n) => come(`Writer ${n}`)));
  const newcomers = await Promise.all(Array.from({ length: 8 }, (_, n) => come(`Newcomer ${n}`)));
  for (const line of writers) await watch(line);
  for (const line of writers) await line.until("history.begin");
  const write = async (line: Line, isUp: boolean): Promise<void> => {
    line.say({ type: "presence.hand", isUp });
    const clientId = randomBytes(16).toString("base64url");
    line.say({ type: "chat.send", clientId, text: "More green.", mentions: [], audience: "all" });
    await line.until("history.entry", ({ entry }) => entry.message.clientId === clientId);
  };
  const writing = writers.map(async (line) => {
    for (let n = 0; n < EACH; n++) await write(line, n > 1);
  });
  // They come in the midst of it, one after the other.
  for (const line of newcomers) {
    await watch(line);
    await pause(8);
  }
  await Promise.all(writing);
  const last = WRITERS * EACH;
  for (const line of newcomers) {
    const seqs = (): number[] =>
      line.heard.flatMap((said) => {
        if (said.type === "history.begin") return said.entries.map(({ seq }) => seq);
        return said.type === "history.entry" ? [said.entry.seq] : [];
      });
    const end = performance.now() + WITHIN_MS;
    while (!seqs().includes(last) && performance.now() < end) await pause(10);
    expect(seqs()).toEqual(Array.from({ length: last }, (_, n) => n + 1));
  }

  for (const line of newcomers) {
    const { heard } = line;
    const end = performance.now() + WITHIN_MS;
    const truth = () => new Map(server.product.presence.list(room.id).map((one) => [one.id, one]));
    while (JSON.stringify([...stateBy(heard)].sort()) !== JSON.stringify([...truth()].sort())) {
      if (performance.now() > end) expect(stateBy(heard)).toEqual(truth());
      await pause(20);
    }
    const told = heard.flatMap((said) => (said.type === "room.presence" ? [said] : []));
    expect(told[0]?.isAll).toBe(true);
    expect(told.filter(({ isAll }) => isAll)).toHaveLength(1);
    // None is told as they were already.
    const known = new Map<string, string>();
    for (const { people } of told) {
      for (const person of people) {
        expect(known.get(person.id)).not.toBe(JSON.stringify(person));
        known.set(person.id, JSON.stringify(person));
      }
    }
  }
  for (const { socket } of [...writers, ...newcomers]) socket.close();
});
