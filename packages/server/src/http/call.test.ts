import type { Room, Talk } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Line, openLine } from "../testing/line.js";
import { accept, invite, join, makeRoom, visitor } from "../testing/people.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

const SILENT = { mic: false, camera: false, screen: false, side: false };

let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  server = await startTestServer();
  owner = await openOwner(server);
});
afterAll(() => server.close());

/** A page of theirs, in the room's call. */
async function inCall(browser: Browser, room: Room): Promise<Line> {
  const line = await openLine(server, browser);
  line.say({ type: "watch.room", roomId: room.id });
  await line.until("room.stream");
  line.say({ type: "call.join", resume: null });
  await line.until("call.welcome");
  return line;
}

/** A phone with their talk link. */
async function phoneOf(browser: Browser, room: Room) {
  const answer = await browser.ask("POST", `/rooms/${room.id}/talk-link`);
  expect([answer.statusCode, answer.body]).toEqual([201, expect.anything()]);
  const { link, expiresAt } = answer.json();
  const secret = new URL(link).hash.slice(1);
  const phone = visitor(server);
  return {
    link: link as string,
    secret,
    expiresAt: expiresAt as number,
    press: (press: string, more: object = {}) => phone.ask("POST", "/talk", { secret, press, ...more }),
    look: async (): Promise<Talk> => (await phone.ask("POST", "/talk", { secret, press: "look" })).json(),
  };
}

const actions = async (): Promise<string[]> =>
  (await owner.ask("GET", "/audit")).json().events.map(({ action }: { action: string }) => action);

test("two pages meet in the call over the channel, and a page that is back has its place again", async () => {
  const room = await makeRoom(owner);
  const host = await inCall(owner, room);
  const ada = await join(server, room, "Ada");
  const line = await inCall(ada.browser, room);
  const { peerId, resume } = await line.until("call.welcome");
  expect((await host.until("call.joined")).peer).toMatchObject({ peerId, id: ada.id, name: "Ada" });

  const signal = { kind: "restart", gen: 3, how: "hard" };
  line.say({ type: "call.signal", to: (await host.until("call.welcome")).peerId, signal });
  expect(await host.until("call.signal")).toEqual({
    type: "call.signal",
    roomId: room.id,
    from: peerId,
    signal,
  });
  line.say({ type: "call.sending", sending: { ...SILENT, mic: true } });
  expect(await host.until("call.sending")).toMatchObject({ peerId, sending: { mic: true }, byHost: false });
  await host.until("room.presence", ({ people }) => people.some((one) => one.call?.mic === true));

  line.socket.terminate();
  await host.until("call.away", ({ isAway }) => isAway);
  const again = await openLine(server, ada.browser);
  again.say({ type: "watch.room", roomId: room.id });
  again.say({ type: "call.join", resume });
  expect(await again.until("call.welcome")).toMatchObject({ peerId, isResumed: true });
  await host.until("call.away", ({ isAway }) => !isAway);
  again.say({ type: "call.leave" });
  expect(await host.until("call.left")).toMatchObject({ peerId, reason: "left" });
});

test("a seat that is ended ends its place in the call and its talk link; a room that is shut ends all", async () => {
  const room = await makeRoom(owner);
  const host = await inCall(owner, room);
  const hostsPhone = await phoneOf(owner, room);
  const ada = await join(server, room, "Ada");
  const line = await inCall(ada.browser, room);
  const phone = await phoneOf(ada.browser, room);
  expect((await phone.look()).isInCall).toBe(true);
  await owner.ask("DELETE", `/rooms/${room.id}/participants/${ada.id}`);
  expect(await line.until("call.ended")).toMatchObject({ reason: "removed" });
  expect(await host.until("call.left")).toMatchObject({ reason: "removed" });
  expect((await phone.press("look")).statusCode).toBe(401);

  expect((await hostsPhone.look()).isInCall).toBe(true);
  await owner.ask("PATCH", `/rooms/${room.id}`, { archived: true });
  await host.until("call.ended");
  expect((await hostsPhone.press("look")).statusCode).toBe(401);
});

test("hosts close microphones: one, or all but their own; it is noted", async () => {
  const room = await makeRoom(owner);
  const host = await inCall(owner, room);
  const ada = await join(server, room, "Ada");
  const line = await inCall(ada.browser, room);
  for (const { say } of [host, line]) say({ type: "call.sending", sending: { ...SILENT, mic: true } });
  const path = `/rooms/${room.id}/participants/${ada.id}/mute`;
  expect((await ada.browser.ask("POST", path)).statusCode).toBe(403);
  expect((await owner.ask("POST", path)).statusCode).toBe(204);
  expect(await line.until("call.talk")).toMatchObject({ press: "mute", by: "Olga" });
  line.forget();
  expect((await owner.ask("POST", `/rooms/${room.id}/mute-all`)).statusCode).toBe(204);
  await line.until("call.talk");
  expect(host.heard.some(({ type }) => type === "call.talk")).toBe(false);
  const absent = await owner.ask("POST", path.replace(ada.id, "A".repeat(22)));
  expect(absent.statusCode).toBe(404);
  expect((await actions()).slice(0, 2)).toEqual(["call.muted-all", "call.muted"]);
});

test("a phone presses its owner's button and sees what became of it; a new link ends the one before", async () => {
  const room = await makeRoom(owner);
  const ada = await join(server, room, "Ada");
  const phone = await phoneOf(ada.browser, room);
  expect(phone.link).toMatch(/^http:\/\/localhost:\d+\/talk#[\w-]{43}$/);
  expect(phone.expiresAt).toBeGreaterThan(Date.now() + 11 * 3_600_000);
  const asked = { roomName: room.name, name: "Ada", isLive: false, mayTalk: true, isHost: false };
  expect(await phone.look()).toEqual({ ...asked, isInCall: false });

  const line = await inCall(ada.browser, room);
  expect((await phone.press("down", { forMs: 3_000 })).json()).toEqual({ ...asked, isInCall: true });
  expect(await line.until("call.talk")).toMatchObject({ press: "down", forMs: 3_000, by: "phone" });
  line.say({ type: "call.sending", sending: { ...SILENT, mic: true } });
  while (!(await phone.look()).isLive) await new Promise((resolve) => setTimeout(resolve, 10));
  await phone.press("up");
  await line.until("call.talk", ({ press }) => press === "up");

  const next = await phoneOf(ada.browser, room);
  expect((await next.look()).isLive).toBe(true);
  const ended = await phone.press("mute");
  expect([ended.statusCode, ended.json().error]).toEqual([401, "talk_link_wrong"]);
  expect((await actions()).slice(0, 2)).toEqual(["talk-link.refused", "talk-link.made"]);
});

test("mute-all is a host's button, as they are now", async () => {
  const room = await makeRoom(owner);
  const ada = await join(server, room, "Ada");
  const line = await inCall(ada.browser, room);
  expect((await (await phoneOf(ada.browser, room)).press("mute-all")).statusCode).toBe(403);

  const pia = await accept(server, (await invite(owner, room, { role: "presenter" })).secret, "Pia");
  const phone = await phoneOf(pia.browser, room);
  const host = await inCall(pia.browser, room);
  expect(await phone.look()).toMatchObject({ name: "Pia", isHost: true });
  expect((await phone.press("mute-all")).statusCode).toBe(200);
  expect(await line.until("call.talk")).toMatchObject({ press: "mute", by: "Pia" });
  const [noted] = (await owner.ask("GET", "/audit")).json().events;
  expect(noted).toMatchObject({ action: "call.muted-all", room: { id: room.id } });

  server.product.presence.role(room.id, pia.id, "reviewer", false);
  expect(await phone.look()).toMatchObject({ isHost: false });
  expect((await phone.press("mute-all")).statusCode).toBe(403);
  host.socket.close();
});

test("a program presses the button of whoever its token belongs to, in every browser of theirs", async () => {
  const room = await makeRoom(owner);
  const wish = { name: "Stream Deck", scopes: ["talk:write"], expiresAt: null };
  const { secret } = (await owner.ask("POST", "/tokens", wish)).json();
  const press = (body: object) =>
    server.app.inject({
      method: "POST",
      url: `/api/v1/rooms/${room.id}/talk`,
      remoteAddress: "192.0.2.77",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      payload: JSON.stringify(body),
    });
  expect((await press({ press: "toggle" })).json()).toMatchObject({ isInCall: false, isLive: false });
  const line = await inCall(await openOwner(server), room); // another login
  const answer = await press({ press: "toggle" });
  expect(answer.json()).toEqual({
    roomName: room.name,
    name: "Olga",
    isInCall: true,
    isLive: false,
    mayTalk: true,
    isHost: true,
  });
  expect(await line.until("call.talk")).toMatchObject({ press: "toggle", by: "button" });
  await press({ press: "down" });
  expect(await line.until("call.talk", (said) => said.press === "down")).toMatchObject({ forMs: 30_000 });
  expect((await press({ press: "down", forMs: 200 })).statusCode).toBe(400);
  const cookieToo = await owner.ask("POST", `/rooms/${room.id}/talk`, { press: "look" });
  expect(cookieToo.json()).toMatchObject({ isInCall: true });
});

test("talk links are not to be guessed: the eleventh wrong one from an address has to wait, a right one costs nothing", async () => {
  const room = await makeRoom(owner);
  const { secret } = await phoneOf(owner, room);
  const phone = visitor(server);
  const status = async (tried: string) =>
    (await phone.ask("POST", "/talk", { secret: tried, press: "look" })).statusCode;
  for (let n = 0; n < 15; n++) expect(await status(secret)).toBe(200);
  for (let n = 0; n < 10; n++) expect(await status(`${n}`)).toBe(401);
  expect(await status("10")).toBe(429);
});
