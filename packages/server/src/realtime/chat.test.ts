import { randomBytes } from "node:crypto";
import type { Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeId } from "../domain/room.js";
import { type Line, openLine } from "../testing/line.js";
import { accept, invite, join, makeRoom } from "../testing/people.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  server = await startTestServer();
  owner = await openOwner(server);
});
afterAll(() => server.close());

/** A page in the room; `since` undefined: one that does not ask for the history. */
async function enter(browser: Browser, room: Room, since?: number | null): Promise<Line> {
  const line = await openLine(server, browser);
  line.say({ type: "watch.room", roomId: room.id });
  await line.until("room.stream");
  if (since !== undefined) {
    line.say({ type: "history.watch", since });
    await line.until("history.begin");
  }
  return line;
}

/** Sends a message and answers what its page calls it. */
function send(line: Line, text: string, more: object = {}): string {
  const clientId = makeId(randomBytes);
  line.say({ type: "chat.send", clientId, text, mentions: [], audience: "all", ...more });
  return clientId;
}
const entryOf = (line: Line, clientId: string) =>
  line.until("history.entry", ({ entry }) => entry.message.clientId === clientId);
const textsHeardBy = ({ heard }: Line): string[] =>
  heard.flatMap((said) => {
    if (said.type === "history.entry") return [said.entry.message.text];
    return said.type === "history.begin" ? said.entries.map(({ message }) => message.text) : [];
  });

test("what is written is told to all who follow the chat, with who wrote it, whatever they claim", async () => {
  const room = await makeRoom(owner);
  const [ada, bea] = [await join(server, room, "Ada"), await join(server, room, "Bea")];
  const [one, two] = [await enter(ada.browser, room, null), await enter(bea.browser, room, null)];
  const quiet = await enter((await join(server, room, "Cleo")).browser, room);
  const first = send(one, "Hello");
  for (const line of [one, two])
    expect((await entryOf(line, first)).entry).toMatchObject({
      seq: 1,
      message: { text: "Hello", author: { name: "Ada", role: "reviewer" }, audience: "all" },
    });
  expect(one.heard.filter(({ type }) => type === "history.entry")).toHaveLength(1);
  one.say({ type: "chat.send", clientId: makeId(randomBytes), text: "x", author: "Bea", mentions: [] });
  expect(await one.until("refused")).toMatchObject({ error: "invalid_request" });
  // One who does not follow it is told what became of their own, and no more.
  const own = send(quiet, "Me too");
  await entryOf(quiet, own);
  expect(textsHeardBy(quiet)).toEqual(["Me too"]);
  const { id } = (await entryOf(two, own)).entry.message;
  two.say({ type: "chat.delete", id });
  expect(await two.until("chat.refused")).toMatchObject({
    ref: id,
    error: "not_allowed",
    retryAfterMs: null,
  });
  quiet.say({ type: "chat.edit", id, text: "Me as well", mentions: [] });
  await two.until("history.entry", ({ entry }) => entry.message.text === "Me as well" && entry.seq === 3);
  for (const line of [one, two, quiet]) line.socket.close();
});

test("a host takes away what another wrote, and the audit log says so; one's own is one's own affair", async () => {
  const room = await makeRoom(owner);
  const ada = await enter((await join(server, room, "Ada")).browser, room, null);
  const host = await enter(owner, room, null);
  for (const line of [ada, host]) {
    const { entry } = await entryOf(host, send(line, "Gone soon"));
    host.say({ type: "chat.delete", id: entry.message.id });
    await ada.until(
      "history.entry",
      ({ entry: { message } }) => message.id === entry.message.id && message.deletedAt !== null,
    );
  }
  const noted = async () =>
    (await owner.ask("GET", `/audit?action=chat.message-deleted&roomId=${room.id}`)).json().events;
  await expect.poll(noted).toMatchObject([{ detail: "Ada" }]);
  for (const line of [ada, host]) line.socket.close();
});

test("the client's side is heard by those on it, and by no host: live, on return, in older pages, as a text", async () => {
  const room = await makeRoom(owner);
  const ada = await join(server, room, "Ada");
  const petra = await accept(server, (await invite(owner, room, { role: "presenter" })).secret, "Petra");
  const [one, two] = [
    await enter(ada.browser, room, null),
    await enter((await join(server, room, "Bea")).browser, room, null),
  ];
  const hosts = [await enter(owner, room, null), await enter(petra.browser, room, null)];
  const side = send(one, "Between us", { audience: "side" });
  await entryOf(two, side);
  const open = send(one, "For everybody");
  for (const host of hosts) await entryOf(host, open);
  const refused = send(hosts[1] as Line, "Let me in", { audience: "side" });
  expect(await hosts[1]?.until("chat.refused")).toMatchObject({ ref: refused, error: "not_allowed" });
  for (const browser of [owner, petra.browser]) {
    const later = await enter(browser, room, 0);
    hosts.push(later);
    for (const path of ["chat", "chat/export"])
      expect((await browser.ask("GET", `/rooms/${room.id}/${path}`)).body).not.toContain("Between us");
  }
  for (const host of hosts) {
    expect(textsHeardBy(host)).toEqual(["For everybody"]);
    expect(JSON.stringify(host.heard)).not.toContain("Between us");
  }
  expect((await ada.browser.ask("GET", `/rooms/${room.id}/chat`)).json().messages).toHaveLength(2);
  for (const line of [one, two, ...hosts]) line.socket.close();
});

test("what is written while somebody begins is told to them once", async () => {
  const room = await makeRoom(owner);
  const writer = await enter((await join(server, room, "Ada")).browser, room, null);
  await entryOf(writer, send(writer, "before"));
  const { chat } = server.store;
  const { newest } = chat;
  let readings = 0;
  chat.newest = async (...asked) => {
    readings += 1;
    const read = await newest(...asked); // what is written now is not in it
    await entryOf(writer, send(writer, "while it was read"));
    return read;
  };
  const reader = await enter((await join(server, room, "Bea")).browser, room, null);
  chat.newest = newest;
  await entryOf(reader, send(writer, "after"));
  expect(readings).toBe(1);
  expect(textsHeardBy(reader)).toEqual(["before", "while it was read", "after"]);
  const again = await enter((await join(server, room, "Cleo")).browser, room, 2);
  expect(textsHeardBy(again)).toEqual(["after"]);
  for (const line of [writer, reader, again]) line.socket.close();
});

test("with the database away a message is refused with when to try again; the rest of the page goes on", async () => {
  const room = await makeRoom(owner);
  const line = await enter((await join(server, room)).browser, room, null);
  const { chat } = server.store;
  const { add, numbers } = chat;
  const away = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  let giveUp = (): void => undefined;
  const hangs = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(away);
  });
  chat.add = () => hangs;
  chat.numbers = () => hangs;
  const clientId = send(line, "Hold on");
  line.say({ type: "history.watch", since: null });
  line.forget();
  line.say({ type: "clock", clientAt: 1 });
  await line.until("clock"); // while the other answer is still out
  giveUp();
  const refused = { error: "database_away", retryAfterMs: 5_000 };
  expect(await line.until("chat.refused", ({ ref }) => ref === clientId)).toMatchObject(refused);
  expect(await line.until("chat.refused", ({ ref }) => ref === "history.watch")).toMatchObject(refused);
  Object.assign(chat, { add, numbers });
  const again = { type: "chat.send", clientId, text: "Hold on", mentions: [], audience: "all" };
  line.say(again);
  await entryOf(line, clientId);
  line.forget();
  line.say(again); // the answer was lost
  expect((await entryOf(line, clientId)).entry.seq).toBe(1);
  line.say({ type: "history.watch", since: 0 });
  expect((await line.until("history.begin")).entries).toHaveLength(1);
  line.socket.close();
});

test("a page that has more under way than a person can is told to wait; another failure closes it", async () => {
  const room = await makeRoom(owner);
  const line = await enter((await join(server, room)).browser, room, null);
  const { chat } = server.store;
  const { byId } = chat;
  let go = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  chat.byId = async () => {
    await held;
    throw new Error("a mistake of ours");
  };
  for (let n = 0; n < 17; n++) line.say({ type: "chat.delete", id: makeId(randomBytes) });
  expect(await line.until("chat.refused")).toMatchObject({ error: "too_many_attempts", retryAfterMs: 2_000 });
  expect(line.heard.filter(({ type }) => type === "chat.refused")).toHaveLength(1);
  go();
  expect(await line.closed).toBe(1011);
  chat.byId = byId;
});

test("the chat is a text to download; clearing it is noted and begins anew for everybody", async () => {
  const room = await makeRoom(owner, { name: "Spot “Été” / v2" });
  const ada = await join(server, room, "Ada");
  const line = await enter(ada.browser, room, null);
  await entryOf(line, send(line, "=1+1\nsecond line"));
  const text = await ada.browser.ask("GET", `/rooms/${room.id}/chat/export`);
  expect(text.headers).toMatchObject({
    "content-type": "text/plain; charset=utf-8",
    "content-disposition": 'attachment; filename="Spot-Ete-v2-chat.txt"',
    "x-content-type-options": "nosniff",
  });
  expect(text.body).toMatch(
    /^ColourStream chat: Spot “Été” \/ v2\n.*\n\n\d{4}-\d\d-\d\d\n\d\d:\d\d {2}Ada \(reviewer\): =1\+1\n {7}second line\n$/,
  );
  line.forget();
  expect((await ada.browser.ask("DELETE", `/rooms/${room.id}/chat`)).statusCode).toBe(401);
  expect((await owner.ask("DELETE", `/rooms/${room.id}/chat`)).statusCode).toBe(204);
  expect(await line.until("history.begin")).toMatchObject({ seq: 2, isWhole: true, entries: [] });
  const { events } = (await owner.ask("GET", `/audit?action=chat.cleared&roomId=${room.id}`)).json();
  expect(events).toHaveLength(1);
  const next = send(line, "A new page");
  expect((await entryOf(line, next)).entry.seq).toBe(3);
  line.socket.close();
});
