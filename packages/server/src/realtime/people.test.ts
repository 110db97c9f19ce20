import type { Participant, Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Line, openLine } from "../testing/line.js";
import { accept, invite, join, makeRoom, openColourist, visitor } from "../testing/people.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  server = await startTestServer();
  owner = await openOwner(server);
});
afterAll(() => server.close());

const watch = async (browser: Browser, room: Room | null): Promise<Line> => {
  const line = await openLine(server, browser);
  line.say(room === null ? { type: "watch.studio" } : { type: "watch.room", roomId: room.id });
  return line;
};
const untilPeople = (line: Line, room: Room, fits: (all: readonly Participant[]) => boolean) =>
  line.until("room.people", ({ roomId, participants }) => roomId === room.id && fits(participants));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("hosts, in the room and in the studio, hear at once who waits, who came and who went", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const presenter = await accept(server, (await invite(owner, room, { role: "presenter" })).secret, "Petra");
  const inRoom = await watch(presenter.browser, room);
  await untilPeople(inRoom, room, (all) => all.length === 1 && all[0]?.isHere === true);
  const [studio, inOwnRoom] = [await watch(owner, null), await watch(owner, room)];
  await untilPeople(studio, room, (all) => all.length === 1);
  await untilPeople(inOwnRoom, room, (all) => all.length === 1);

  const invitation = await invite(owner, room, { name: "The director" });
  const ines = await accept(server, invitation.secret);
  for (const line of [inRoom, studio, inOwnRoom]) {
    const { participants } = await untilPeople(line, room, (all) => all.some(({ id }) => id === ines.id));
    expect(participants.find(({ id }) => id === ines.id)).toMatchObject({
      name: "Ines",
      role: "reviewer",
      invitation: { id: invitation.id, name: "The director" },
      state: "waiting",
    });
  }
  const page = await watch(ines.browser, room);
  await studio.until("studio.room", ({ room: { id, people } }) => id === room.id && people.waiting === 1);
  await owner.ask("POST", `/rooms/${room.id}/participants/${ines.id}/admit`);
  await untilPeople(inRoom, room, (all) =>
    all.some(({ id, state }) => id === ines.id && state === "admitted"),
  );
  await studio.until("studio.room", ({ room: { people } }) => people.here === 2 && people.waiting === 0);
  expect(page.heard.some(({ type }) => type === "room.people")).toBe(false);
  expect((await owner.ask("GET", `/rooms/${room.id}`)).json().people).toEqual({ here: 2, waiting: 0 });

  inRoom.forget();
  await ines.browser.ask("POST", `/rooms/${room.id}/leave`);
  await untilPeople(inRoom, room, (all) => all.length === 1);
  for (const line of [inRoom, studio, inOwnRoom, page]) line.socket.close();
});

test("a page that is loaded anew has not gone; one that stays away for three seconds has", async () => {
  const room = await makeRoom(owner);
  const ada = await join(server, room);
  const host = await watch(owner, room);
  const first = await watch(ada.browser, room);
  await untilPeople(host, room, ([one]) => one?.isHere === true);
  host.forget();
  first.socket.close();
  await first.closed;
  await pause(500);
  const second = await watch(ada.browser, room);
  await second.until("room.stream");
  await pause(3_500);
  const told = host.heard.flatMap((message) => (message.type === "room.people" ? message.participants : []));
  expect(told.filter(({ isHere }) => !isHere)).toEqual([]); // what is told late still says that she is there
  second.socket.close();
  await pause(1_500);
  expect((await owner.ask("GET", `/rooms/${room.id}`)).json().people.here).toBe(1);
  await untilPeople(host, room, ([one]) => one?.isHere === false);
  expect((await owner.ask("GET", `/rooms/${room.id}`)).json().people.here).toBe(0);
  host.socket.close();
});

test("two pages of one seat are one person, who is there until both have gone", async () => {
  const room = await makeRoom(owner);
  const ada = await join(server, room);
  const [one, two] = [await watch(ada.browser, room), await watch(ada.browser, room)];
  await one.until("room.stream");
  await two.until("room.stream");
  one.socket.close();
  await pause(3_500);
  expect(server.product.people.counts(room.id)).toEqual({ here: 1, waiting: 0 });
  two.socket.close();
});

test("twenty who come at once are told in a few messages, and the last one has all of them", async () => {
  const room = await makeRoom(owner);
  const host = await watch(owner, room);
  await host.until("room.people");
  host.forget();
  const { secret } = await invite(owner, room);
  const all = await Promise.all(Array.from({ length: 20 }, () => accept(server, secret)));
  await untilPeople(host, room, (told) => told.length === all.length);
  expect(host.heard.filter(({ type }) => type === "room.people").length).toBeLessThan(20);
  host.socket.close();
});

test("a colourist hears of their own rooms and never of another's, by studio, room or list", async () => {
  const [cem, dana] = [await openColourist(server), await openColourist(server)];
  const [mine, theirs] = [await makeRoom(cem), await makeRoom(dana)];
  const ofOwner = await makeRoom(owner);
  const line = await watch(cem, null);
  await line.until("studio.room", ({ room }) => room.id === mine.id);
  const guests = [await join(server, theirs), await join(server, ofOwner)];
  const pages = await Promise.all(guests.map(({ browser }, n) => watch(browser, n === 0 ? theirs : ofOwner)));
  for (const page of pages) await page.until("room.stream");
  for (const room of [theirs, ofOwner]) {
    line.say({ type: "watch.room", roomId: room.id });
    await line.until("refused");
    server.engine.tell({ is: "changed", roomId: room.id });
  }
  await dana.ask("PATCH", `/rooms/${theirs.id}`, { name: `${theirs.name}, renamed`, watermark: true });
  await dana.ask("DELETE", `/rooms/${theirs.id}`);
  await pause(300);
  expect(JSON.stringify(line.heard)).not.toContain(theirs.id);
  expect(JSON.stringify(line.heard)).not.toContain(ofOwner.id);
  const listed = (await cem.ask("GET", "/rooms")).json().rooms.map(({ id }: Room) => id);
  expect(listed).toEqual([mine.id]);
  const boss = await watch(owner, null);
  await boss.until("studio.room", ({ room }) => room.id === mine.id);
  for (const one of [line, boss, ...pages]) one.socket.close();
});

test("a changed account's sockets close so that their pages ask anew what they may hear", async () => {
  const cem = await openColourist(server);
  const line = await watch(cem, null);
  line.say({ type: "clock", clientAt: 1 });
  await line.until("clock");
  const [login] = await server.product.sessions.logins(null);
  if (login?.holder.kind !== "user") throw new Error("there is no login");
  server.product.sessions.userChanged(login.holder.user.id);
  expect(await line.closed).toBe(1012);
});

test("the rooms of an account that is gone are the owner's, in memory too", async () => {
  const cem = await openColourist(server);
  const room = await makeRoom(cem);
  expect(room.colourist).not.toBeNull();
  const boss = await watch(owner, null);
  server.product.rooms.ownerGone(room.colourist?.id ?? "");
  await boss.until("studio.room", ({ room: { id, colourist } }) => id === room.id && colourist === null);
  expect((await cem.ask("GET", `/rooms/${room.id}`)).statusCode).toBe(404);
  boss.socket.close();
});

test("watermark and lock are told to those in the room, at once and when they change", async () => {
  const room = await makeRoom(owner, { watermark: true });
  const page = await watch((await join(server, room)).browser, room);
  expect(await page.until("room.options")).toEqual({
    type: "room.options",
    roomId: room.id,
    watermark: true,
    lockedAt: null,
    playout: "lowest",
    universal: false,
  });
  page.forget();
  await owner.ask("PATCH", `/rooms/${room.id}`, { watermark: false });
  expect((await page.until("room.options")).watermark).toBe(false);
  page.forget();
  await owner.ask("PATCH", `/rooms/${room.id}`, { waitingRoom: true });
  await owner.ask("POST", `/rooms/${room.id}/lock`, { locked: true });
  expect((await page.until("room.options")).lockedAt).toBeGreaterThan(0);
  expect(page.heard.filter(({ type }) => type === "room.options")).toHaveLength(1);
  page.forget();
  // The embedded engine makes no other rendition, whatever the room wants.
  await owner.ask("PATCH", `/rooms/${room.id}`, { playout: "smooth", universal: true });
  expect(await page.until("room.options")).toMatchObject({ playout: "smooth", universal: false });
  page.socket.close();
});

test("a page that asks for another room has left the first", async () => {
  const [a, b] = [await makeRoom(owner), await makeRoom(owner)];
  const ada = await join(server, a);
  const right = { name: "Ada", password: b.reviewerPassword };
  await ada.browser.ask("POST", `/rooms/${b.id}/join`, right);
  const line = await watch(ada.browser, a);
  await line.until("room.stream", ({ roomId }) => roomId === a.id);
  line.say({ type: "watch.room", roomId: b.id });
  await line.until("room.stream", ({ roomId }) => roomId === b.id);
  line.forget();
  server.engine.tell({ is: "changed", roomId: a.id });
  server.engine.tell({ is: "changed", roomId: b.id });
  await line.until("room.stream");
  expect(line.heard.map((message) => "roomId" in message && message.roomId)).toEqual([b.id]);
  expect(server.product.people.counts(b.id).here).toBe(1);
  line.socket.close();
});

test("one who has not joined hears nothing", async () => {
  const room = await makeRoom(owner);
  const elsewhere = await makeRoom(owner);
  const line = await watch((await join(server, elsewhere)).browser, room);
  expect(await line.until("refused")).toMatchObject({ error: "not_found" });
  expect((await visitor(server).ask("GET", `/rooms/${room.id}/seat`)).statusCode).toBe(401);
  line.socket.close();
});
