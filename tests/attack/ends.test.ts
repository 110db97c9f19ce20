import { randomBytes } from "node:crypto";
import type { Invitation, Seat } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveScene, startLiveScene } from "../tools/live-scene.js";
import { type LiveSocket, openLiveSocket, SocketRefused } from "../tools/live-socket.js";
import { type ApiClient, makeTicket, type TestRoom } from "../tools/product.js";
import { startViewers, type ViewerCrowd } from "../tools/viewers.js";
import { pause, waitFor, wallMs } from "../tools/wait.js";
import { addressOf, ask, BEHIND_PROXY, IS_FULL, tally } from "./ask.js";

// 26, 28, 29, 30: how sessions end, what can be found by looking for it, and what a socket may say.

const CUT_MS = 1_000;

let scene: LiveScene;
let owner: ApiClient;
let crowd: ViewerCrowd;
let viewers = 0;
beforeAll(async () => {
  scene = await startLiveScene(1, BEHIND_PROXY);
  owner = await scene.product.owner();
  crowd = startViewers(1);
});
afterAll(async () => {
  await crowd?.close();
  await scene?.end();
});

/** Somebody with everything that a session opens: requests, a socket, a picture. */
type Present = { readonly client: ApiClient; readonly socket: LiveSocket; readonly viewer: number };

async function present(client: ApiClient, roomId: string): Promise<Present> {
  const { url } = scene.product;
  const socket = await openLiveSocket(url, { cookie: client.cookie(), origin: url });
  socket.say({ type: "watch.room", roomId });
  await socket.hear("room.stream");
  const { ticket, url: path } = await client.ask<{ ticket: string; url: string }>(
    "POST",
    `/rooms/${roomId}/ticket`,
  );
  await crowd.connect(new URL(path, url).href, ticket);
  const viewer = viewers++;
  await waitFor("a picture", 8_000, async () => ((await crowd.report())[viewer]?.pictures ?? 0) > 3, 100);
  return { client, socket, viewer };
}

/** Fails unless the act ended requests at once, and socket and picture within a second. */
async function expectCut(one: Present, roomId: string, act: () => Promise<unknown>): Promise<void> {
  const before = await one.client.send("GET", `/rooms/${roomId}/review`);
  expect(before.status).toBe(200);
  await act();
  const endedAt = wallMs();
  const endedOnClock = performance.now();
  expect((await one.client.send("GET", `/rooms/${roomId}/review`)).status).toBeGreaterThanOrEqual(401);
  expect((await one.client.send("POST", `/rooms/${roomId}/ticket`)).status).toBeGreaterThanOrEqual(401);
  await waitFor("the socket to close", CUT_MS + 500, () => one.socket.closed());
  expect((one.socket.closed()?.atMs ?? 0) - endedOnClock).toBeLessThan(CUT_MS);
  await pause(CUT_MS + 500 - (wallMs() - endedAt));
  const { records = [] } = (await crowd.report())[one.viewer] ?? {};
  const lastAt = Math.max(0, ...records.map(({ atMs }) => atMs));
  expect(lastAt).toBeGreaterThan(endedAt - 2_000); // it was watching until then
  expect(lastAt - endedAt).toBeLessThan(CUT_MS);
}

async function roomWithPicture(name: string): Promise<TestRoom> {
  const room = await scene.product.createRoom(name);
  await owner.ask("POST", `/rooms/${room.id}/test-signal`);
  await scene.product.waitForStream(room, "live");
  return room;
}

test("26: signing out ends the login at once, with its socket and its picture", async () => {
  const colourist = await scene.product.colourist("Cut at sign-out");
  const room = await colourist.ask<TestRoom>("POST", "/rooms", { name: "Signed out of" });
  await colourist.ask("POST", `/rooms/${room.id}/test-signal`);
  const one = await present(colourist, room.id);
  const stolen = colourist.cookie();
  await expectCut(one, room.id, () => colourist.ask("DELETE", "/session"));
  expect((await ask(scene.product, { path: "/rooms", cookie: stolen, from: addressOf(1) })).status).toBe(401);
});

test("26: a room's new password sends out who came by the old one, and not who was invited", async () => {
  const room = await roomWithPicture("New password");
  const guest = await present(await scene.product.join(room, "By password"), room.id);
  const { link } = await owner.ask<Invitation>("POST", `/rooms/${room.id}/invitations`, {
    name: "Ines",
    role: "reviewer",
  });
  const invited = await present(await accept(link), room.id);
  await expectCut(guest, room.id, () =>
    owner.ask("PATCH", `/rooms/${room.id}`, { password: "another password" }),
  );
  expect((await invited.client.send("GET", `/rooms/${room.id}/review`)).status).toBe(200);
  expect(invited.socket.closed()).toBeNull();
  invited.socket.end();
});

async function accept(link: string, body: object = {}): Promise<ApiClient> {
  const client = scene.product.visitor();
  const secret = new URL(link).hash.slice(1);
  await client.ask("POST", "/invitations/accept", { secret, name: "Ines", ...body });
  return client;
}

test("26: whoever is removed is out, and another seat of theirs is not to be had by the old cookie", async () => {
  const room = await roomWithPicture("Removed");
  const client = await scene.product.join(room, "Rudi");
  const { participant } = await client.ask<Seat>("GET", `/rooms/${room.id}/seat`);
  const one = await present(client, room.id);
  await expectCut(one, room.id, () =>
    owner.ask("DELETE", `/rooms/${room.id}/participants/${participant.id}`),
  );
});

test("26: an invitation that is taken back ends everybody who came by it, and opens nothing more", async () => {
  const room = await roomWithPicture("Revoked");
  const { id, link } = await owner.ask<Invitation>("POST", `/rooms/${room.id}/invitations`, {
    name: "Ines",
    role: "presenter",
  });
  const one = await present(await accept(link), room.id);
  await expectCut(one, room.id, () => owner.ask("DELETE", `/rooms/${room.id}/invitations/${id}`));
  const secret = new URL(link).hash.slice(1);
  const late = { method: "POST", path: "/invitations/accept", body: { secret, name: "Ines" } };
  expect((await ask(scene.product, { ...late, from: addressOf(2) })).status).toBe(401);
});

test("26: a colourist who is disabled is out everywhere at once, with their API tokens", async () => {
  const colourist = await scene.product.colourist("Cut when disabled");
  const room = await colourist.ask<TestRoom>("POST", "/rooms", { name: "Of the disabled" });
  await colourist.ask("POST", `/rooms/${room.id}/test-signal`);
  const wish = { name: "Robot", scopes: ["rooms:read"], expiresAt: null };
  const { secret } = await colourist.ask<{ secret: string }>("POST", "/tokens", wish);
  const robot = { path: "/rooms", token: secret, from: addressOf(3) };
  expect((await ask(scene.product, robot)).status).toBe(200);
  const one = await present(colourist, room.id);
  const { user } = await colourist.ask<{ user: { id: string } }>("GET", "/session");
  await expectCut(one, room.id, () => owner.ask("PATCH", `/users/${user.id}`, { disabled: true }));
  expect((await ask(scene.product, robot)).status).toBe(401);
});

test("26: a meeting that is ended sends everybody out, also who waits, and lets nobody new in", async () => {
  const room = await roomWithPicture("Ended");
  const one = await present(await scene.product.join(room, "Here"), room.id);
  await expectCut(one, room.id, () => owner.ask("POST", `/rooms/${room.id}/end`));
  const body = { name: "Late", password: room.reviewerPassword };
  const late = { method: "POST", path: `/rooms/${room.id}/join`, body, from: addressOf(4) };
  expect((await ask(scene.product, late)).status).toBe(409);
});

test("28: looking for rooms and invitations finds none, and after 60 a minute there is no answer", async () => {
  const guest = await scene.product.join(scene.room, "Gus");
  const from = addressOf(10);
  const count = IS_FULL ? 10_000 : 300;
  const paths = ["review", "seat", "participants"];
  const answers = [];
  for (let number = 0; number < count; number += 1) {
    const path = `/rooms/${randomBytes(16).toString("base64url")}/${paths[number % paths.length]}`;
    answers.push(await ask(scene.product, { path, cookie: guest.cookie(), from }));
  }
  const counts = tally(answers);
  expect(counts[200] ?? 0).toBe(0);
  expect(counts[404] ?? 0).toBeLessThanOrEqual(61 * Math.ceil(count / 300));
  expect((counts[404] ?? 0) + (counts[429] ?? 0)).toBe(count);
  // It is the address that is limited: the guest goes on from another one.
  const mine = { path: `/rooms/${scene.room.id}/review`, cookie: guest.cookie(), from: addressOf(11) };
  expect((await ask(scene.product, mine)).status).toBe(200);
});

test("28: ids are 128 random bits, links and tickets 256", async () => {
  const rooms = [];
  for (let number = 0; number < 5; number += 1)
    rooms.push(await scene.product.createRoom(`Numbered ${number}`));
  for (const { id } of rooms) expect(Buffer.from(id, "base64url")).toHaveLength(16);
  const first = rooms.map(({ id }) => id.slice(0, 4));
  expect(new Set(first).size).toBe(5);
  const wish = { name: "Ines", role: "observer" };
  const { link } = await owner.ask<Invitation>("POST", `/rooms/${scene.room.id}/invitations`, wish);
  expect(Buffer.from(new URL(link).hash.slice(1), "base64url")).toHaveLength(32);
  const { ticket } = await makeTicket(await scene.product.join(scene.room, "Counter"), scene.room);
  expect(Buffer.from(ticket, "base64url")).toHaveLength(32);
});

test("29: a socket hears of the room that it has a seat in and of no other, whatever it says", async () => {
  const { url } = scene.product;
  const other = await scene.product.createRoom("Not yours");
  const client = await scene.product.join(scene.room, "Nosy");
  const socket = await openLiveSocket(url, { cookie: client.cookie(), origin: url });
  const forged: unknown[] = [
    { type: "watch.room", roomId: other.id },
    { type: "watch.studio" },
    { type: "watch.room", roomId: scene.room.id, role: "presenter" },
    { type: "watch.room", roomId: [scene.room.id, other.id] },
    { type: "room.closed", roomId: other.id, reason: "deleted" },
    { type: "room.people", roomId: other.id, participants: [] },
    { type: "seat.admitted", roomId: other.id, author: "owner", seq: 1 },
    { type: "__proto__" },
    [],
    null,
    "watch.studio",
  ];
  for (const said of forged) socket.sayRaw(JSON.stringify(said));
  socket.sayRaw("{");
  socket.sayRaw(randomBytes(100));
  await waitFor(
    "thirteen refusals",
    5_000,
    () => socket.heard.filter(({ type }) => type === "refused").length === forged.length + 2,
  );
  expect(socket.heard.every(({ type }) => type === "refused")).toBe(true);
  expect(JSON.stringify(socket.heard)).not.toContain("Not yours");
  socket.say({ type: "watch.room", roomId: scene.room.id });
  await socket.hear("room.stream");
  socket.end();
});

test("29: who waits hears that they wait, and nothing of the room", async () => {
  const { url } = scene.product;
  const room = await roomWithPicture("Secret title");
  await owner.ask("PATCH", `/rooms/${room.id}`, { waitingRoom: true });
  const client = scene.product.visitor();
  await client.ask("POST", `/rooms/${room.id}/join`, { name: "Wanda", password: room.reviewerPassword });
  const socket = await openLiveSocket(url, { cookie: client.cookie(), origin: url });
  socket.say({ type: "watch.room", roomId: room.id });
  await socket.hear("seat.waiting");
  await owner.ask("PATCH", `/rooms/${room.id}`, { watermark: true });
  await pause(2_500); // a live room's news come every 2 s
  expect(socket.heard.map(({ type }) => type)).toEqual(["seat.waiting"]);
  expect((await client.send("GET", `/rooms/${room.id}/review`)).status).toBe(404);
  expect((await client.send("POST", `/rooms/${room.id}/ticket`)).status).toBe(404);
  expect((await client.send("GET", `/rooms/${room.id}/participants`)).status).toBe(404);
  socket.end();
});

test("29: 500 messages at once close the socket with 1008, one of 65 kB with 1009, and others notice nothing", async () => {
  const { url } = scene.product;
  const client = await scene.product.join(scene.room, "Flooder");
  const open = () => openLiveSocket(url, { cookie: client.cookie(), origin: url });
  const [flood, large, calm] = [await open(), await open(), await open()];
  calm.say({ type: "watch.room", roomId: scene.room.id });
  await calm.hear("room.stream");
  const gap = await scene.longestGapDuring(async () => {
    for (let number = 0; number < 500; number += 1) flood.say({ type: "clock", clientAt: number });
    large.sayRaw(JSON.stringify({ type: "clock", clientAt: 1, pad: "x".repeat(65 * 1024) }));
    await waitFor("both to be closed", 5_000, () => flood.closed() !== null && large.closed() !== null);
  });
  expect([flood.closed()?.code, large.closed()?.code]).toEqual([1008, 1009]);
  expect(calm.closed()).toBeNull();
  expect(gap).toBeLessThan(400);
  calm.end();
});

test("29: a socket without a session, and one from another origin, is refused at the upgrade", async () => {
  const { url } = scene.product;
  const client = await scene.product.join(scene.room, "Upgrade");
  const refusals = [
    [{ origin: url }, 401],
    [{ origin: url, cookie: "session=made-up; seat-x=made-up" }, 401],
    [{ origin: "https://evil.example", cookie: client.cookie() }, 403],
    [{ cookie: client.cookie() }, 403],
  ] as const;
  for (const [headers, status] of refusals) {
    const refused = await openLiveSocket(url, headers).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SocketRefused);
    expect((refused as SocketRefused).status).toBe(status);
  }
});

test("30: what somebody may do comes from the invitation alone, whatever they claim", async () => {
  const room = await scene.product.createRoom("Roles");
  const client = scene.product.visitor();
  const body = { name: "Claims", password: room.reviewerPassword };
  for (const claim of [{ role: "presenter" }, { isHost: true }, { presenter: 1 }]) {
    const claimed = await client.send("POST", `/rooms/${room.id}/join?role=presenter`, { ...body, ...claim });
    expect(claimed.status).toBe(400);
  }
  await client.ask("POST", `/rooms/${room.id}/join?role=presenter&isHost=true`, body);
  const { participant } = await client.ask<Seat>("GET", `/rooms/${room.id}/seat?role=presenter`);
  expect(participant.role).toBe("reviewer");
  const { link } = await owner.ask<Invitation>("POST", `/rooms/${room.id}/invitations`, {
    name: "Ob",
    role: "observer",
  });
  const secret = new URL(link).hash.slice(1);
  const wish = { secret, name: "Presenter", role: "presenter" };
  const observer = scene.product.visitor();
  expect((await observer.send("POST", "/invitations/accept", wish)).status).toBe(400);
  await observer.ask("POST", "/invitations/accept?role=presenter", { secret, name: "Presenter" });
  for (const who of [client, observer]) {
    const cookie = `${who.cookie()}; role=presenter; isHost=true`;
    const host = await ask(scene.product, {
      path: `/rooms/${room.id}/participants?role=presenter`,
      cookie,
      from: addressOf(20),
    });
    expect(host.status).toBe(403);
    expect((await who.send("POST", `/rooms/${room.id}/lock`, { locked: true })).status).toBe(403);
    expect((await who.send("DELETE", `/rooms/${room.id}/participants/${participant.id}`)).status).toBe(403);
    const review = await who.ask<{ isHost: boolean }>("GET", `/rooms/${room.id}/review`);
    expect(review.isHost).toBe(false);
  }
});
