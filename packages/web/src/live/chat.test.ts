import type { ChatMessage, ClientMessage, HistoryEntry, ServerMessage } from "@colourstream/contract";
import { expect, test } from "vitest";
import { type Chat, createChat, type EarlierMessages } from "./chat.js";
import type { ChatStorage } from "./chat-storage.js";
import { openLine } from "./line.js";
import { createVirtualClock } from "./virtual-clock.js";

const ROOM = "room";

function memory(): ChatStorage["ofTab"] {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => {
      kept.set(key, value);
    },
  };
}

/** A page's chat over a line whose other end is the test. */
function open(storage: ChatStorage = { ofTab: memory(), ofBrowser: memory() }) {
  const clock = createVirtualClock();
  const said: ClientMessage[] = [];
  const { line, hear, linkIs } = openLine((message) => {
    said.push(message);
    return true;
  });
  let ids = 0;
  const pages: { before: string; answer: (page: EarlierMessages) => void; fail: (error: Error) => void }[] =
    [];
  const chat = createChat({
    roomId: ROOM,
    line,
    clock,
    newId: () => `mine-${++ids}`,
    earlier: (before) =>
      new Promise((answer, fail) => {
        pages.push({ before, answer, fail });
      }),
    storage,
  });
  chat.youAre("me");
  const begin = (more: Partial<Extract<ServerMessage, { type: "history.begin" }>> = {}) =>
    hear({
      type: "history.begin",
      roomId: ROOM,
      seq: 0,
      isWhole: true,
      hasEarlier: false,
      entries: [],
      ...more,
    });
  const tell = (one: HistoryEntry) => hear({ type: "history.entry", roomId: ROOM, entry: one });
  const refuse = (ref: string, retryAfterMs: number | null, message = "No.") =>
    hear({ type: "chat.refused", roomId: ROOM, ref, error: "x", message, retryAfterMs });
  const last = () => said.at(-1);
  const sent = () => said.flatMap((one) => (one.type === "chat.send" ? [one.clientId] : []));
  return { chat, clock, said, sent, last, hear, linkIs, begin, tell, refuse, pages, storage };
}

function entry(seq: number, more: Partial<ChatMessage> = {}): HistoryEntry {
  const message: ChatMessage = {
    id: `id-${seq}`,
    clientId: `c-${seq}`,
    author: { personId: "other", name: "Other", role: "reviewer" },
    audience: "all",
    text: `text ${seq}`,
    mentions: [],
    at: 1_000 * seq,
    editedAt: null,
    deletedAt: null,
    ...more,
  };
  return { seq, message };
}
const texts = (chat: Chat) => chat.view().messages.map(({ text }) => text);
const states = (chat: Chat) => chat.view().outgoing.map(({ state }) => state.is);
const me = { personId: "me", name: "Me", role: "reviewer" } as const;

test("after every return it asks for what came after the last number that it has", () => {
  const { chat, linkIs, begin, tell, last } = open();
  expect(chat.view().isReady).toBe(false);
  linkIs(true);
  expect(last()).toEqual({ type: "history.watch", since: null });
  begin({ seq: 7, entries: [entry(3), entry(5)] });
  tell(entry(8));
  linkIs(false);
  linkIs(true);
  expect(last()).toEqual({ type: "history.watch", since: 8 });
  begin({
    seq: 11,
    isWhole: false,
    entries: [entry(9), entry(10, { id: "id-3", text: "text 3, edited", at: 3_000 })],
  });
  expect(texts(chat)).toEqual(["text 3, edited", "text 5", "text 8", "text 9"]);
  linkIs(false);
  linkIs(true);
  expect(last()).toEqual({ type: "history.watch", since: 11 });
});

test("a chat that begins anew forgets what it had", () => {
  const { chat, linkIs, begin } = open();
  linkIs(true);
  begin({ seq: 9, entries: [entry(8), entry(9)] });
  begin({ seq: 10 });
  expect(texts(chat)).toEqual([]);
  begin({ seq: 4, entries: [entry(4)] }); // from a backup: its numbers are lower
  linkIs(false);
  linkIs(true);
  expect(texts(chat)).toEqual(["text 4"]);
});

test("of two states of a message the later one counts, in whichever order they come", () => {
  const { chat, linkIs, begin, tell } = open();
  linkIs(true);
  begin({ seq: 1, entries: [entry(1)] });
  tell(entry(3, { id: "id-1", text: "", deletedAt: 9, at: 1_000 }));
  tell(entry(2, { id: "id-1", text: "edited", editedAt: 8, at: 1_000 }));
  expect(chat.view().messages).toMatchObject([{ text: "", deletedAt: 9 }]);
});

test("messages go one by one, in their order, each until it is acknowledged", () => {
  const { chat, linkIs, begin, tell, sent } = open();
  linkIs(true);
  begin();
  for (const text of ["a", "b", "c"]) expect(chat.send(text, [], "all")).toBe(true);
  expect(sent()).toEqual(["mine-1"]);
  expect(states(chat)).toEqual(["sending", "sending", "sending"]);
  tell(entry(1, { clientId: "mine-1", author: me }));
  expect(sent()).toEqual(["mine-1", "mine-2"]);
  tell(entry(2, { clientId: "mine-2", author: me }));
  tell(entry(3, { clientId: "mine-3", author: me }));
  expect(chat.view().outgoing).toEqual([]);
  expect(sent()).toEqual(["mine-1", "mine-2", "mine-3"]);
});

test("what is typed without a connection is held, outlives the page, and is sent after what was missed", () => {
  const first = open();
  first.chat.send("a", ["other"], "side");
  first.chat.send("b", [], "all");
  expect(states(first.chat)).toEqual(["held", "held"]);
  expect(first.said).toEqual([]);
  first.chat.close();
  const { chat, linkIs, begin, said, last } = open(first.storage);
  expect(chat.view().outgoing.map(({ text }) => text)).toEqual(["a", "b"]);
  linkIs(true);
  expect(said).toEqual([{ type: "history.watch", since: null }]);
  begin();
  expect(last()).toEqual({
    type: "chat.send",
    clientId: "mine-1",
    text: "a",
    mentions: ["other"],
    audience: "side",
  });
});

test("a message whose acknowledgement was lost is not sent again where the history has it", () => {
  const { chat, linkIs, begin, sent } = open();
  linkIs(true);
  begin();
  chat.send("a", [], "all");
  chat.send("b", [], "all");
  linkIs(false);
  expect(states(chat)).toEqual(["held", "held"]);
  linkIs(true);
  begin({ seq: 1, isWhole: false, entries: [entry(1, { clientId: "mine-1", author: me })] });
  expect(sent()).toEqual(["mine-1", "mine-2"]);
});

test("who is too fast waits as long as they are told; no answer at all is asked for again", () => {
  const { chat, clock, linkIs, begin, refuse, sent } = open();
  linkIs(true);
  begin();
  chat.send("a", [], "all");
  refuse("mine-1", 4_000);
  expect(states(chat)).toEqual(["sending"]);
  clock.advance(3_999);
  expect(sent()).toHaveLength(1);
  clock.advance(1);
  expect(sent()).toEqual(["mine-1", "mine-1"]);
  clock.advance(15_000);
  expect(sent()).toHaveLength(3);
});

test("a refused message stays with its reason, lets the others pass, and is tried again or let go", () => {
  const { chat, linkIs, begin, refuse, sent, tell } = open();
  linkIs(true);
  begin();
  chat.send("a", [], "all");
  chat.send("b", [], "all");
  refuse("mine-1", null, "Observers read along.");
  expect(chat.view().outgoing[0]?.state).toEqual({ is: "refused", why: "Observers read along." });
  expect(sent()).toEqual(["mine-1", "mine-2"]);
  tell(entry(1, { clientId: "mine-2", author: me }));
  chat.retry("mine-1");
  expect(sent()).toEqual(["mine-1", "mine-2", "mine-1"]);
  refuse("mine-1", null);
  chat.discard("mine-1");
  expect(chat.view().outgoing).toEqual([]);
});

test("an edit and a deletion show at once, wait for a connection, and give way to a refusal", () => {
  const { chat, linkIs, begin, tell, refuse, said, last } = open();
  linkIs(true);
  begin({ seq: 2, entries: [entry(1, { author: me, editedAt: 5 }), entry(2, { author: me })] });
  linkIs(false);
  chat.edit("id-1", "better", []);
  chat.remove("id-2");
  expect(texts(chat)).toEqual(["better", ""]);
  linkIs(true);
  begin({
    seq: 2,
    isWhole: true,
    entries: [entry(1, { author: me, editedAt: 5 }), entry(2, { author: me })],
  });
  expect(last()).toEqual({ type: "chat.edit", id: "id-1", text: "better", mentions: [] });
  tell(entry(3, { id: "id-1", text: "better", editedAt: 9, author: me, at: 1_000 }));
  expect(last()).toEqual({ type: "chat.delete", id: "id-2" });
  refuse("id-2", null, "There is nothing here.");
  expect(texts(chat)).toEqual(["better", "text 2"]);
  expect(chat.view().problem).toBe("It was not deleted. There is nothing here.");
  chat.dismiss();
  expect(chat.view().problem).toBeNull();
  expect(said.filter(({ type }) => type === "chat.edit")).toHaveLength(1);
});

test("unread are those of others since it was read last, here or before the page was loaded", () => {
  const first = open();
  first.linkIs(true);
  first.begin({ seq: 1, entries: [entry(1)] });
  first.chat.read();
  expect(first.chat.view()).toMatchObject({ unread: 0, firstUnread: null });
  const { chat, linkIs, begin, tell } = open(first.storage);
  linkIs(true);
  begin({ seq: 2, entries: [entry(1), entry(2)] });
  tell(entry(3, { mentions: [{ personId: "me", name: "Me" }] }));
  tell(entry(4, { author: me }));
  tell(entry(5, { deletedAt: 1 }));
  expect(chat.view()).toMatchObject({ unread: 2, unreadMentions: 1, firstUnread: "id-2" });
  chat.read();
  expect(chat.view()).toMatchObject({ unread: 0, unreadMentions: 0, firstUnread: null });
});

test("older messages are read once at a time, and a change of one that is not here yet does not come alone", async () => {
  const { chat, linkIs, begin, tell, pages } = open();
  linkIs(true);
  begin({ seq: 50, hasEarlier: true, entries: [entry(40), entry(50)] });
  tell(entry(51, { id: "id-30", at: 30_000 }));
  expect(texts(chat)).toEqual(["text 40", "text 50"]);
  chat.loadEarlier();
  chat.loadEarlier();
  expect(pages.map(({ before }) => before)).toEqual(["id-40"]);
  expect(chat.view().isLoadingEarlier).toBe(true);
  pages[0]?.answer({ messages: [entry(30).message], hasEarlier: true });
  await settled();
  expect(texts(chat)).toEqual(["text 30", "text 40", "text 50"]);
  chat.loadEarlier();
  begin({ seq: 52 }); // cleared
  pages[1]?.answer({ messages: [entry(20).message], hasEarlier: true });
  await settled();
  expect(chat.view()).toMatchObject({ messages: [], hasEarlier: false, isLoadingEarlier: false });
  begin({ seq: 53, hasEarlier: true, entries: [entry(53)] });
  chat.loadEarlier();
  pages[2]?.fail(new Error("ColourStream cannot be reached."));
  await settled();
  expect(chat.view()).toMatchObject({
    isLoadingEarlier: false,
    problem: "Older messages could not be read. ColourStream cannot be reached.",
  });
});

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("a history that cannot be read now is asked for again; another role reads anew", () => {
  const { chat, clock, linkIs, refuse, begin, hear, said } = open();
  linkIs(true);
  refuse("history.watch", 5_000);
  clock.advance(5_000);
  expect(said).toHaveLength(2);
  begin({ seq: 2, entries: [entry(2, { audience: "side" })] });
  hear({ type: "seat.role", roomId: ROOM, role: "presenter", isHost: true });
  expect(said.at(-1)).toEqual({ type: "history.watch", since: null });
  begin({ seq: 2 });
  expect(texts(chat)).toEqual([]);
});

test("a page in which nobody acknowledges anything holds fifty messages and takes no more", () => {
  const { chat } = open();
  for (let n = 0; n < 50; n++) expect(chat.send("x", [], "all")).toBe(true);
  expect(chat.send("x", [], "all")).toBe(false);
  chat.remove("id-1");
  expect(chat.view().problem).toContain("Too much waits");
});

test("a page that stays open for ever keeps the newest five thousand and reads older ones again", () => {
  const { chat, linkIs, begin, tell } = open();
  linkIs(true);
  begin({ seq: 5_000, entries: Array.from({ length: 5_000 }, (_, n) => entry(n + 1)) });
  tell(entry(5_001));
  expect(chat.view().messages).toHaveLength(4_001);
  expect(chat.view().hasEarlier).toBe(true);
  expect(texts(chat).at(-1)).toBe("text 5001");
});

test("storage that is switched off or full of somebody else's costs nothing but what it would have kept", () => {
  const broken = {
    getItem: () => {
      throw new DOMException("no", "SecurityError");
    },
    setItem: () => {
      throw new DOMException("no", "QuotaExceededError");
    },
  };
  const { chat } = open({ ofTab: broken, ofBrowser: broken });
  expect(chat.send("x", [], "all")).toBe(true);
  for (const nonsense of ["{", "7", '[{"ref":1}]', "[null]", '[["room"]]']) {
    const strange = { getItem: () => nonsense, setItem: () => undefined };
    expect(open({ ofTab: strange, ofBrowser: strange }).chat.view().outgoing).toEqual([]);
  }
});
