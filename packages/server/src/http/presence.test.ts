import type { Ban, Participant, Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAlone } from "../bus/alone.js";
import { openBans } from "../rooms/bans.js";
import { createTurns } from "../rooms/turns.js";
import { type Line, openLine } from "../testing/line.js";
import { accept, invite, join, makeRoom, openColourist, visitor } from "../testing/people.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

const alone = { wallClock: Date.now, inTurn: createTurns(), bus: createAlone("test"), warn: () => undefined };
let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  server = await startTestServer();
  owner = await openOwner(server);
});
afterAll(() => server.close());

const watch = async (browser: Browser, room: Room): Promise<Line> => {
  const line = await openLine(server, browser);
  line.say({ type: "watch.room", roomId: room.id });
  return line;
};
const noted = async (action: string): Promise<string[]> => {
  const { events } = (await owner.ask("GET", `/audit?action=${action}`)).json();
  return events.map(({ detail }: { detail: string }) => detail);
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const presenterIn = async (room: Room, name = "Petra") =>
  accept(server, (await invite(owner, room, { role: "presenter" })).secret, name);

test("who made presenter hosts at once, by socket and by API, and who is one no more does not", async () => {
  const room = await makeRoom(owner);
  const ada = await join(server, room);
  const [line, host] = [await watch(ada.browser, room), await watch(owner, room)];
  await line.until("room.stream");
  await host.until("room.people", ({ participants }) => participants.length === 1);
  expect((await ada.browser.ask("GET", `/rooms/${room.id}/participants`)).statusCode).toBe(403);
  for (const one of [line, host]) one.say({ type: "call.join", resume: null });
  const { peerId } = await line.until("call.welcome");
  const untilPeer = (role: string) =>
    host.until("call.peer", ({ peer }) => peer.peerId === peerId && peer.role === role);
  const change = (role: string) =>
    owner.ask("POST", `/rooms/${room.id}/participants/${ada.id}/role`, { role });

  expect((await change("presenter")).statusCode).toBe(204);
  await line.until("seat.role", ({ role, isHost }) => role === "presenter" && isHost);
  await line.until("room.people", ({ participants }) => participants[0]?.role === "presenter");
  await host.until("room.presence", ({ people }) =>
    people.some(({ id, role, isHost }) => id === ada.id && role === "presenter" && isHost),
  );
  expect((await untilPeer("presenter")).peer.isHost).toBe(true);
  const listed = await ada.browser.ask("GET", `/rooms/${room.id}/participants`);
  expect(listed.json().participants.map(({ role }: Participant) => role)).toEqual(["presenter"]);
  expect((await ada.browser.ask("GET", `/rooms/${room.id}/review`)).json()).toMatchObject({ isHost: true });

  expect((await change("observer")).statusCode).toBe(204);
  await line.until("seat.role", ({ role, isHost }) => role === "observer" && !isHost);
  expect((await untilPeer("observer")).peer.isHost).toBe(false);
  await pause(300); // what was under way to hosts has arrived
  line.forget();
  await join(server, room, "Bea");
  await host.until("room.people", ({ participants }) => participants.length === 2);
  expect(line.heard.filter(({ type }) => type === "room.people")).toEqual([]);
  expect((await ada.browser.ask("GET", `/rooms/${room.id}/participants`)).statusCode).toBe(403);
  expect((await change("observer")).statusCode).toBe(204); // is what was asked for
  expect(await noted("participant.role-changed")).toEqual([
    "Ada: presenter, now observer",
    "Ada: reviewer, now presenter",
  ]);
  for (const one of [line, host]) one.socket.close();
});

test("who waits and is made presenter still waits, and hosts once they are let in", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const ada = await join(server, room);
  const line = await watch(ada.browser, room);
  await line.until("seat.waiting");
  await owner.ask("POST", `/rooms/${room.id}/participants/${ada.id}/role`, { role: "presenter" });
  expect((await ada.browser.ask("GET", `/rooms/${room.id}/participants`)).statusCode).toBe(404);
  expect(line.heard.map(({ type }) => type)).toEqual(["seat.waiting"]);
  await owner.ask("POST", `/rooms/${room.id}/participants/${ada.id}/admit`);
  await line.until("room.people");
  expect(line.heard.slice(0, 3).map(({ type }) => type)).toEqual([
    "seat.waiting",
    "seat.admitted",
    "room.presence",
  ]);
  line.socket.close();
});

test("nobody changes their own role, an account's or one in another room", async () => {
  const [room, other] = [await makeRoom(owner), await makeRoom(owner)];
  const petra = await presenterIn(room);
  const [line, elsewhere] = [await watch(owner, room), await join(server, other)];
  const { you } = await line.until("room.presence", ({ isAll }) => isAll);
  const change = (by: Browser, id: string) =>
    by.ask("POST", `/rooms/${room.id}/participants/${id}/role`, { role: "observer" });
  expect((await change(petra.browser, petra.id)).json()).toMatchObject({ error: "not_yourself" });
  expect((await change(owner, you ?? "")).json()).toMatchObject({ error: "not_yourself" });
  for (const id of [you ?? "", elsewhere.id, "A".repeat(22)])
    expect((await change(petra.browser, id)).statusCode).toBe(404);
  line.socket.close();
});

test("30: nobody hosts for having come first, for claiming it or by the password: the session's row says who does", async () => {
  const room = await makeRoom(await openColourist(server));
  const first = visitor(server);
  const right = { name: "Eve", password: room.reviewerPassword };
  const claims = [{ role: "presenter" }, { isHost: true }, { participant: { role: "presenter" } }];
  for (const claim of claims)
    expect((await first.ask("POST", `/rooms/${room.id}/join`, { ...right, ...claim })).statusCode).toBe(400);
  const joined = await first.ask("POST", `/rooms/${room.id}/join?role=presenter`, right);
  expect(joined.json().seat.participant.role).toBe("reviewer");
  const { id } = joined.json().seat.participant;
  const line = await watch(first, room);
  await line.until("room.presence");
  const said = [
    { type: "watch.room", roomId: room.id, role: "presenter" },
    { type: "presence.hand", isUp: true, isHost: true },
    { type: "seat.role", roomId: room.id, role: "presenter", isHost: true },
    { type: "call.sending", sending: { mic: true, camera: false, screen: false, side: false }, isHost: true },
  ];
  for (const claim of said) line.say(claim);
  line.say({ type: "clock", clientAt: 1 });
  await line.until("clock");
  expect(line.heard.filter(({ type }) => type === "refused")).toHaveLength(said.length);
  for (const path of [`participants/${id}/role`, `participants/${id}/lower-hand`, "mute-all", "lock"]) {
    const body =
      path === "lock" ? { locked: true } : path.endsWith("role") ? { role: "presenter" } : undefined;
    expect([path, (await first.ask("POST", `/rooms/${room.id}/${path}`, body)).statusCode]).toEqual([
      path,
      403,
    ]);
  }
  expect(server.product.presence.list(room.id)).toMatchObject([{ role: "reviewer", isHost: false }]);
  line.socket.close();
});

test("a hand is up for everybody, also an observer's, until its owner or a host takes it down", async () => {
  const room = await makeRoom(owner);
  const { secret } = await invite(owner, room, { role: "observer" });
  const [obi, ada] = [await accept(server, secret, "Obi"), await join(server, room)];
  const [page, other] = [await watch(obi.browser, room), await watch(ada.browser, room)];
  await other.until("room.presence");
  const untilHand = (isUp: boolean) =>
    other.until("room.presence", ({ people }) =>
      people.some(({ id, handAt }) => id === obi.id && (handAt !== null) === isUp),
    );
  page.say({ type: "presence.hand", isUp: true });
  await untilHand(true);
  const lower = (by: Browser, id: string) =>
    by.ask("POST", `/rooms/${room.id}/participants/${id}/lower-hand`);
  expect((await lower(ada.browser, obi.id)).statusCode).toBe(403);
  other.forget();
  expect((await lower(owner, obi.id)).statusCode).toBe(204);
  await untilHand(false);
  page.say({ type: "presence.hand", isUp: true });
  await untilHand(true);
  other.forget();
  page.say({ type: "presence.hand", isUp: false });
  await untilHand(false);
  expect((await lower(owner, "A".repeat(22))).statusCode).toBe(404);
  for (const one of [page, other]) one.socket.close();
});

test("who is sent out for good is cut, told to the others as gone, and not let in by password or invitation", async () => {
  const [room, other] = [await makeRoom(owner), await makeRoom(owner)];
  const { secret } = await invite(owner, room);
  const ada = await join(server, room);
  const [page, host] = [await watch(ada.browser, room), await watch(owner, room)];
  for (const line of [page, host]) line.say({ type: "call.join", resume: null });
  const { peerId } = await page.until("call.welcome");
  await host.until("room.presence", ({ people }) =>
    people.some(({ id, call }) => id === ada.id && call !== null),
  );
  server.engine.cuts.length = 0;
  expect((await owner.ask("DELETE", `/rooms/${room.id}/participants/${ada.id}?ban=true`)).statusCode).toBe(
    204,
  );
  expect(await page.until("room.closed")).toMatchObject({ reason: "removed" });
  await page.closed;
  await host.until("room.presence", ({ gone }) => gone.includes(ada.id));
  await host.until("call.left", (left) => left.peerId === peerId && left.reason === "removed");
  expect(server.engine.cuts).toContainEqual({ participantId: ada.id, isSentOut: true });

  const right = { name: "Ada again", password: room.reviewerPassword };
  const again = await ada.browser.ask("POST", `/rooms/${room.id}/join`, right);
  expect([again.statusCode, again.json().error]).toEqual([403, "sent_out"]);
  const invited = await ada.browser.ask("POST", "/invitations/accept", { secret, name: "Ada again" });
  expect([invited.statusCode, invited.json().error]).toEqual([403, "sent_out"]);
  const elsewhere = { ...right, password: other.reviewerPassword };
  expect((await ada.browser.ask("POST", `/rooms/${other.id}/join`, elsewhere)).statusCode).toBe(201);

  const bans = async (): Promise<Ban[]> => (await owner.ask("GET", `/rooms/${room.id}/bans`)).json().bans;
  const [ban] = await bans();
  expect(ban).toMatchObject({ name: "Ada", by: "Olga" });
  const reread = await openBans({ store: server.store.bans, ...alone });
  expect(reread.list(room.id)).toEqual([ban]);
  const lift = (in_: Room) => owner.ask("DELETE", `/rooms/${in_.id}/bans/${ban?.id}`);
  expect((await lift(other)).statusCode).toBe(404);
  expect((await lift(room)).statusCode).toBe(204);
  expect((await lift(room)).statusCode).toBe(404);
  expect(await bans()).toEqual([]);
  expect((await ada.browser.ask("POST", `/rooms/${room.id}/join`, right)).statusCode).toBe(201);
  expect(await noted("participant.banned")).toEqual(["Ada"]);
  expect(await noted("participant.ban-lifted")).toEqual(["Ada"]);
  expect(await noted("room.join-refused")).toEqual(["Ada again: banned", "Ada again: banned"]);
  host.socket.close();
});

test("who waits can be sent out for good, with every seat that the same browser took; a host not by themselves", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const ada = await join(server, room);
  const person = ada.browser.cookies.get("person") ?? "";
  ada.browser.cookies.delete(`seat-${room.id}`);
  const right = { name: "Ada too", password: room.reviewerPassword };
  const second = (await ada.browser.ask("POST", `/rooms/${room.id}/join`, right)).json().seat.participant.id;
  const petra = await presenterIn(room);
  const own = await petra.browser.ask("DELETE", `/rooms/${room.id}/participants/${petra.id}?ban=true`);
  expect(own.json()).toMatchObject({ error: "not_yourself" });
  const ban = (id: string) => petra.browser.ask("DELETE", `/rooms/${room.id}/participants/${id}?ban=true`);
  expect((await ban(second)).statusCode).toBe(204);
  expect((await ban(ada.id)).statusCode).toBe(404);
  const listed = (await owner.ask("GET", `/rooms/${room.id}/participants`)).json().participants;
  expect(listed.map(({ name }: Participant) => name)).toEqual(["Petra"]);
  const back = visitor(server);
  back.cookies.set("person", person);
  expect((await back.ask("POST", `/rooms/${room.id}/join`, right)).json()).toMatchObject({
    error: "sent_out",
  });
  expect((await owner.ask("GET", `/rooms/${room.id}/bans`)).json().bans).toMatchObject([{ by: "Petra" }]);
});

test("bans are told from memory, so that they hold while the database is away, and end with their room", async () => {
  const room = await makeRoom(owner);
  const { bans } = server.product;
  await bans.add(room.id, { personId: "p", name: "Ada", by: "Olga" });
  await bans.add(room.id, { personId: "p", name: "Ada again", by: "Olga" });
  expect([bans.isBanned(room.id, "p"), bans.isBanned(room.id, "q")]).toEqual([true, false]);
  expect(bans.list(room.id)).toMatchObject([{ name: "Ada" }]);
  const away = {
    all: server.store.bans.all,
    ofRoom: server.store.bans.ofRoom,
    add: async () => Promise.reject(new Error("away")),
    remove: async () => Promise.reject(new Error("away")),
  };
  const held = await openBans({ store: away, ...alone });
  const [ban] = held.list(room.id);
  await expect(held.lift(room.id, ban?.id ?? "")).rejects.toThrow("away");
  expect(held.isBanned(room.id, "p")).toBe(true);
  await owner.ask("DELETE", `/rooms/${room.id}`);
  expect(bans.isBanned(room.id, "p")).toBe(false);
  expect(await bans.add(room.id, { personId: "p", name: "Ada", by: "Olga" })).toBeNull();
});
