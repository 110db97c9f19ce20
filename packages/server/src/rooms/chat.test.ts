import { randomBytes } from "node:crypto";
import type { Person } from "@colourstream/contract";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeId } from "../domain/room.js";
import { type Store, storeOver } from "../store/store.js";
import { openTestPool } from "../testing/database.js";
import { type Chat, type ChatNews, type ChatPerson, type ChatTaken, createChat } from "./chat.js";
import type { RoomDirectory } from "./directory.js";
import { createTurns } from "./turns.js";

let pool: pg.Pool;
let store: Store;
beforeAll(async () => {
  const database = await openTestPool();
  pool = database.pool;
  store = await storeOver(pool, database.close);
});
afterAll(() => store.close());

const person = (name: string, more: Partial<ChatPerson> = {}): ChatPerson => ({
  personId: `person-of-${name}`,
  name,
  role: "reviewer",
  isHost: false,
  ...more,
});
const ana = person("Ana");
const bo = person("Bo");
const host = person("Hanna", { role: "presenter", isHost: true });

/** A room with its chat, whose clocks stand still until a test moves them. */
async function open(here: ChatPerson[] = []) {
  const roomId = await newRoom();
  const time = { wall: Date.UTC(2026, 10, 22, 9), clock: 0 };
  const chat = createChat({
    store: store.chat,
    directory: { byId: () => ({ name: "Reel 1" }) as ReturnType<RoomDirectory["byId"]> },
    presence: { list: () => here.map((one) => ({ ...one, id: `seat-of-${one.name}` }) as unknown as Person) },
    inTurn: createTurns(),
    wallClock: () => time.wall,
    clock: () => time.clock,
    random: randomBytes,
  });
  const news: ChatNews[] = [];
  chat.onNews((one) => news.push(one));
  const say = async (author: ChatPerson, text: string, more: Partial<Sent> = {}): Promise<ChatTaken> => {
    time.clock += 1_001; // five in five seconds are allowed
    const sent: Sent = { clientId: makeId(randomBytes), text, mentions: [], audience: "all", ...more };
    const taken = await chat.send(roomId, author, sent);
    if ("refused" in taken) throw new Error(`refused: ${taken.refused}`);
    return taken;
  };
  return { roomId, chat, news, say, time };
}
type Sent = Parameters<Chat["send"]>[2];

async function newRoom(): Promise<string> {
  const id = makeId(randomBytes);
  const random = () => new Uint8Array(randomBytes(32));
  await store.rooms.add({
    id,
    name: id,
    streamName: `s-${id}`,
    passwordHash: "x",
    sealedPassword: random(),
    createdAt: new Date(),
    colouristId: null,
    expiresAt: null,
    waitingRoom: false,
    watermark: false,
    srtEncrypted: true,
    autoRecord: false,
    playout: "lowest",
    universal: false,
    keyHash: random(),
    sealedKey: random(),
  });
  return id;
}

const texts = (entries: readonly { message: { text: string } }[]) =>
  entries.map(({ message }) => message.text);

test("changes are numbered from 1 without a gap, and told in that order", async () => {
  const { chat, roomId, news, say } = await open();
  const all = await Promise.all(["1", "2", "3", "4", "5"].map((text, n) => say(n % 2 ? ana : bo, text)));
  expect(all.map(({ entry }) => entry.seq)).toEqual([1, 2, 3, 4, 5]);
  await chat.remove(roomId, bo, all[0]?.entry.message.id ?? "");
  expect(news.map((one) => one.is === "entry" && one.entry.seq)).toEqual([1, 2, 3, 4, 5, 6]);
  expect((await chat.begin(roomId, ana, 0)).entries.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6]);
});

test("a message that is sent again, even at once, is kept once and told once", async () => {
  const { say, news, chat, roomId } = await open();
  const clientId = makeId(randomBytes);
  const sent = await Promise.all([1, 2, 3].map(() => say(ana, "hello", { clientId })));
  expect(sent.map(({ isNews }) => isNews)).toEqual([true, false, false]);
  expect(new Set(sent.map(({ entry }) => entry.message.id)).size).toBe(1);
  expect(news).toHaveLength(1);
  expect((await say(bo, "the same name for another's message", { clientId })).isNews).toBe(true);
  const kept = await chat.begin(roomId, ana, null);
  expect(kept).toMatchObject({ seq: 2, isWhole: true, hasEarlier: false });
});

test("sent twice past each other, the database keeps one and gives the other's number back", async () => {
  const roomId = await newRoom();
  const message = {
    clientId: makeId(randomBytes),
    author: ana,
    audience: "all",
    text: "x",
    mentions: [],
  } as const;
  const added = await Promise.all(
    [1, 2, 3, 4].map(() => store.chat.add(roomId, { ...message, id: makeId(randomBytes), at: new Date() })),
  );
  expect(added.map(({ is }) => is).sort()).toEqual(["kept-before", "kept-before", "kept-before", "new"]);
  expect(await store.chat.numbers(roomId)).toEqual({ seq: 1, clearedSeq: 0 });
});

test("messages stay in their order when the clock goes back", async () => {
  const { say, time, chat, roomId } = await open();
  await say(ana, "first");
  time.wall -= 3_600_000;
  await say(bo, "second");
  await say(ana, "third");
  expect(texts((await chat.begin(roomId, ana, null)).entries)).toEqual(["first", "second", "third"]);
});

test("the text is tidied; what is nothing or too long is refused by name", async () => {
  const { chat, roomId, say } = await open();
  expect((await say(ana, "  e\u0301\r\n\u0007! ")).entry.message.text).toBe("é\n!");
  for (const text of ["\u200b", " \n", "x".repeat(4_001)]) {
    const sent: Sent = { clientId: makeId(randomBytes), text, mentions: [], audience: "all" };
    const refused = { refused: "invalid_request", message: expect.stringContaining("4,000") };
    expect(await chat.send(roomId, ana, sent)).toEqual(refused);
  }
});

test("those are mentioned who are here or wrote here and whose name is in the text; nobody else", async () => {
  const { say } = await open([bo]);
  await say(ana, "I wrote");
  const mentions = [ana, bo, host, person("Bo")].map(({ personId }) => personId).concat("nobody");
  const { entry } = await say(bo, "@Ana and @Hanna and @Bo", { mentions });
  expect(entry.message.mentions).toEqual([
    { personId: bo.personId, name: "Bo" },
    { personId: ana.personId, name: "Ana" },
  ]);
  expect((await say(bo, "no name", { mentions })).entry.message.mentions).toEqual([]);
});

test("one's own is edited and deleted; a host deletes others'; nobody edits them", async () => {
  const { chat, roomId, say, time } = await open();
  const { id } = (await say(ana, "warmr")).entry.message;
  const change = { id, text: "warmer", mentions: [] };
  expect(await chat.edit(roomId, bo, change)).toEqual({ refused: "not_allowed" });
  expect(await chat.edit(roomId, host, change)).toEqual({ refused: "not_allowed" });
  expect(await chat.remove(roomId, bo, id)).toEqual({ refused: "not_allowed" });
  time.wall += 5;
  expect(await chat.edit(roomId, ana, change)).toMatchObject({
    isNews: true,
    entry: { seq: 2, message: { text: "warmer", editedAt: time.wall } },
  });
  expect(await chat.remove(roomId, host, id)).toMatchObject({
    entry: { seq: 3, message: { text: "", deletedAt: time.wall, author: { name: "Ana" } } },
  });
  for (const gone of [id, makeId(randomBytes)]) {
    expect(await chat.remove(roomId, ana, gone)).toEqual({ refused: "not_found" });
    expect(await chat.edit(roomId, ana, { ...change, id: gone })).toEqual({ refused: "not_found" });
  }
  const elsewhere = (await (await open()).say(ana, "in another room")).entry.message.id;
  expect(await chat.remove(roomId, ana, elsewhere)).toEqual({ refused: "not_found" });
});

test("observers read and do not write, not even what they wrote when they could", async () => {
  const { chat, roomId, say } = await open();
  const { id } = (await say(ana, "before")).entry.message;
  const observer = { ...ana, role: "observer" } as const;
  const sent: Sent = { clientId: makeId(randomBytes), text: "x", mentions: [], audience: "all" };
  expect(await chat.send(roomId, observer, sent)).toMatchObject({ refused: "not_allowed" });
  const change = { id, text: "after", mentions: [] };
  expect(await chat.edit(roomId, observer, change)).toEqual({ refused: "not_allowed" });
  expect(texts((await chat.begin(roomId, observer, null)).entries)).toEqual(["before"]);
});

test("a sixth message in five seconds waits as long as it says; others are not held up", async () => {
  const { chat, roomId, time } = await open();
  const send = (author: ChatPerson) =>
    chat.send(roomId, author, { clientId: makeId(randomBytes), text: "x", mentions: [], audience: "all" });
  for (let n = 0; n < 5; n++) expect(await send(ana)).toMatchObject({ isNews: true });
  time.clock += 1_000;
  expect(await send(ana)).toEqual({ refused: "too_many_attempts", retryAfterMs: 4_000 });
  expect(await send(bo)).toMatchObject({ isNews: true });
  time.clock += 4_000;
  expect(await send(ana)).toMatchObject({ isNews: true });
});

test("what is for the client's side is not there for a host, who cannot write to it, change it or find it", async () => {
  const { chat, roomId, say } = await open();
  const { id } = (await say(ana, "too dark, no?", { audience: "side" })).entry.message;
  await say(bo, "Shall we go on?");
  const sent: Sent = { clientId: makeId(randomBytes), text: "x", mentions: [], audience: "side" };
  expect(await chat.send(roomId, host, sent)).toMatchObject({ refused: "not_allowed" });
  for (const since of [null, 0]) {
    expect(texts((await chat.begin(roomId, host, since)).entries)).toEqual(["Shall we go on?"]);
    expect((await chat.begin(roomId, bo, since)).entries).toHaveLength(2);
  }
  expect(await chat.remove(roomId, host, id)).toEqual({ refused: "not_found" });
  // Even whose it is: they host the room now.
  const anaAsHost = { ...ana, isHost: true, role: "presenter" } as const;
  expect(await chat.edit(roomId, anaAsHost, { id, text: "x", mentions: [] })).toEqual({
    refused: "not_found",
  });
  expect((await chat.earlier(roomId, host, null)).messages.map(({ text }) => text)).toEqual([
    "Shall we go on?",
  ]);
  expect(await textOf(chat, roomId, host)).not.toContain("dark");
  expect(await textOf(chat, roomId, ana)).toContain("Ana (reviewer, client’s side only): too dark, no?");
});

async function textOf(chat: Chat, roomId: string, reader: ChatPerson): Promise<string> {
  let text = "";
  for await (const piece of chat.asText(roomId, reader)) text += piece;
  return text;
}

test("who missed a little gets that; who missed much, or has a number from elsewhere, begins anew", async () => {
  const { chat, roomId, say } = await open();
  await say(ana, "one");
  await say(bo, "two");
  expect(await chat.begin(roomId, ana, 2)).toEqual({
    seq: 2,
    isWhole: false,
    hasEarlier: false,
    entries: [],
  });
  expect(texts((await chat.begin(roomId, ana, 1)).entries)).toEqual(["two"]);
  expect(await chat.begin(roomId, ana, 3)).toMatchObject({ isWhole: true, seq: 2 });
  await fill(roomId, 600);
  expect(await chat.begin(roomId, ana, 102)).toMatchObject({ isWhole: false, seq: 602 });
  const anew = await chat.begin(roomId, ana, 101);
  expect(anew).toMatchObject({ isWhole: true, hasEarlier: true, seq: 602 });
  expect(texts(anew.entries).at(-1)).toBe("600");
  expect(anew.entries).toHaveLength(100);
});

test("all of a long chat is read page by page, each message once, and as a text", async () => {
  const { chat, roomId } = await open();
  await fill(roomId, 1_203);
  const all: string[] = [];
  let before: string | null = null;
  for (let pages = 0; pages < 20; pages++) {
    const page: Awaited<ReturnType<Chat["earlier"]>> = await chat.earlier(roomId, ana, before);
    all.unshift(...page.messages.map(({ text }) => text));
    before = page.messages[0]?.id ?? null;
    if (!page.hasEarlier) break;
  }
  expect(all).toEqual(Array.from({ length: 1_203 }, (_, n) => String(n + 1)));
  const lines = (await textOf(chat, roomId, ana)).trimEnd().split("\n");
  expect(lines.filter((line) => line.includes("Filler")).map((line) => line.split(": ")[1])).toEqual(all);
  expect(await chat.earlier(roomId, ana, makeId(randomBytes))).toEqual({ messages: [], hasEarlier: false });
});

/** Many messages, a second apart, in one statement. */
async function fill(roomId: string, count: number): Promise<void> {
  await pool.query(
    `INSERT INTO chat_messages (id, room_id, seq, client_id, person_id, author_name, author_role, audience, text, mentions, at)
     SELECT $1 || n, $1, seq + n, 'c' || n, 'filler', 'Filler', 'reviewer', 'all', n::text, '[]',
       timestamptz '2026-11-22 10:00Z' + n * interval '1 second'
     FROM rooms, generate_series(1, $2::int) n WHERE id = $1`,
    [roomId, count],
  );
  await pool.query("UPDATE rooms SET seq = seq + $2 WHERE id = $1", [roomId, count]);
}

test("a cleared chat is empty for everybody, whatever number they have, and goes on counting", async () => {
  const { chat, roomId, say, news } = await open();
  await say(ana, "one");
  await say(ana, "two");
  await chat.clear(roomId);
  expect(news.at(-1)).toEqual({ roomId, is: "cleared", seq: 3 });
  for (const since of [null, 0, 2])
    expect(await chat.begin(roomId, ana, since)).toMatchObject({ isWhole: true, seq: 3, entries: [] });
  expect((await say(ana, "three")).entry.seq).toBe(4);
  expect(texts((await chat.begin(roomId, ana, 3)).entries)).toEqual(["three"]);
});

test("a full chat says so until it is cleared; a room that has gone is not there", async () => {
  const { chat, roomId, say } = await open();
  await pool.query("UPDATE rooms SET seq = 100000 WHERE id = $1", [roomId]);
  const sent: Sent = { clientId: makeId(randomBytes), text: "x", mentions: [], audience: "all" };
  expect(await chat.send(roomId, ana, sent)).toMatchObject({ refused: "too_large" });
  expect(await store.chat.numbers(roomId)).toMatchObject({ seq: 100_000 });
  await chat.clear(roomId);
  expect((await say(ana, "room again")).entry.seq).toBe(100_002);
  await store.rooms.remove(roomId);
  expect(await chat.send(roomId, ana, sent)).toEqual({ refused: "not_found" });
  await chat.clear(roomId);
  expect(await chat.begin(roomId, ana, 5)).toMatchObject({ isWhole: true, entries: [] });
});
