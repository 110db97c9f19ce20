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

const list = async (room: Room): Promise<Participant[]> =>
  (await owner.ask("GET", `/rooms/${room.id}/participants`)).json().participants;
const act = async (by: Browser, room: Room, id: string, what: "admit" | "refuse"): Promise<number> =>
  (await by.ask("POST", `/rooms/${room.id}/participants/${id}/${what}`)).statusCode;
const watch = async (browser: Browser, room: Room): Promise<Line> => {
  const line = await openLine(server, browser);
  line.say({ type: "watch.room", roomId: room.id });
  return line;
};
const actions = async (room: Room): Promise<string[]> => {
  const answer = await owner.ask("GET", `/audit?roomId=${room.id}`);
  return answer.json().events.map(({ action }: { action: string }) => action);
};

test("whoever waits has a seat and nothing of the room: no stream, no ticket, no review, no news", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const { browser, joined } = await join(server, room);
  expect(joined).toMatchObject({ seat: { state: "waiting", room: { name: room.name } }, review: null });
  expect((await browser.ask("GET", `/rooms/${room.id}/seat`)).json().state).toBe("waiting");
  for (const [method, path] of [
    ["GET", "review"],
    ["POST", "ticket"],
    ["GET", "participants"],
    ["POST", "lock"],
  ] as const) {
    const answer = await browser.ask(method, `/rooms/${room.id}/${path}`);
    expect([path, answer.statusCode]).toEqual([path, 404]);
  }
  const line = await watch(browser, room);
  await line.until("seat.waiting");
  server.engine.tell({ is: "changed", roomId: room.id });
  await owner.ask("PATCH", `/rooms/${room.id}`, { name: `${room.name}, renamed`, watermark: true });
  await join(server, room, "Another");
  line.say({ type: "clock", clientAt: 1 });
  await line.until("clock");
  expect(line.heard.map(({ type }) => type)).toEqual(["seat.waiting", "clock"]);
  line.socket.close();
});

test("one who is let in hears the room at once by the same socket, and sees it", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const { browser, id } = await join(server, room);
  const line = await watch(browser, room);
  await line.until("seat.waiting");
  const began = performance.now();
  expect(await act(owner, room, id, "admit")).toBe(204);
  await line.until("room.stream");
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(line.heard.map(({ type }) => type)).toEqual([
    "seat.waiting",
    "seat.admitted",
    "room.presence",
    "room.options",
    "room.stream",
  ]);
  expect((await browser.ask("GET", `/rooms/${room.id}/review`)).json()).toMatchObject({ isHost: false });
  expect((await browser.ask("POST", `/rooms/${room.id}/ticket`)).statusCode).toBe(201);
  server.engine.tell({ is: "changed", roomId: room.id });
  line.forget();
  await line.until("room.stream");
  line.socket.close();
});

test("one who is turned away hears why, and the seat is gone", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const { browser, id } = await join(server, room);
  const line = await watch(browser, room);
  await line.until("seat.waiting");
  expect(await act(owner, room, id, "refuse")).toBe(204);
  expect(await line.until("room.closed")).toMatchObject({ roomId: room.id, reason: "refused" });
  await line.closed;
  expect((await browser.ask("GET", `/rooms/${room.id}/seat`)).statusCode).toBe(404);
  expect(await act(owner, room, id, "admit")).toBe(404);
});

test("admitted and refused at the same moment, one of both happens and the other is told so", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  for (let n = 0; n < 8; n++) {
    const { browser, id } = await join(server, room);
    const both = n % 2 === 0 ? (["admit", "refuse"] as const) : (["refuse", "admit"] as const);
    const answers = await Promise.all(both.map((what) => act(owner, room, id, what)));
    expect(answers.sort()).toEqual([204, 404]);
    const isIn = (await browser.ask("GET", `/rooms/${room.id}/review`)).statusCode === 200;
    expect((await list(room)).some((one) => one.id === id)).toBe(isIn);
  }
});

test("presenters do not wait; observers and reviewers do, by invitation too", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const states: Record<string, string> = {};
  for (const role of ["presenter", "reviewer", "observer"]) {
    const { secret } = await invite(owner, room, { role });
    states[role] = (await accept(server, secret)).joined.seat.state;
  }
  expect(states).toEqual({ presenter: "admitted", reviewer: "waiting", observer: "waiting" });
});

test("a presenter lets in, turns away, sends out and locks; a reviewer does none of it", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const presenter = (await accept(server, (await invite(owner, room, { role: "presenter" })).secret)).browser;
  const [one, two] = [await join(server, room, "One"), await join(server, room, "Two")];
  expect(await act(presenter, room, one.id, "admit")).toBe(204);
  expect(await act(one.browser, room, two.id, "admit")).toBe(403);
  const list = `/rooms/${room.id}/participants`;
  expect((await one.browser.ask("GET", list)).statusCode).toBe(403);
  expect((await one.browser.ask("POST", `/rooms/${room.id}/lock`, { locked: true })).statusCode).toBe(403);
  expect((await one.browser.ask("DELETE", `${list}/${two.id}`)).statusCode).toBe(403);
  expect((await presenter.ask("GET", list)).json().participants).toHaveLength(3);
  expect(await act(presenter, room, two.id, "refuse")).toBe(204);
  expect((await presenter.ask("DELETE", `${list}/${one.id}`)).statusCode).toBe(204);
  expect((await presenter.ask("POST", `/rooms/${room.id}/lock`, { locked: true })).statusCode).toBe(204);
  expect((await presenter.ask("PATCH", `/rooms/${room.id}`, { name: "Mine" })).statusCode).toBe(401);
  expect((await presenter.ask("POST", `/rooms/${room.id}/end`)).statusCode).toBe(401);
});

test("a host acts on the seats of that very room: no other id is there, the owner's own session least of all", async () => {
  const colourist = await openColourist(server);
  const [mine, theirs] = [await makeRoom(colourist), await makeRoom(owner, { waitingRoom: true })];
  const ada = await join(server, theirs);
  const [login] = await server.product.sessions.logins(null);
  for (const id of [ada.id, login?.id ?? "", "nobody"]) {
    expect(await act(colourist, mine, id, "admit")).toBe(404);
    expect(await act(colourist, mine, id, "refuse")).toBe(404);
    expect((await colourist.ask("DELETE", `/rooms/${mine.id}/participants/${id}`)).statusCode).toBe(404);
    expect((await colourist.ask("DELETE", `/rooms/${theirs.id}/participants/${id}`)).statusCode).toBe(404);
  }
  expect((await list(theirs)).map(({ id, state }) => [id, state])).toEqual([[ada.id, "waiting"]]);
});

test("one who is sent out loses socket and picture within a second, and their invitation where asked", async () => {
  const room = await makeRoom(owner);
  const invitation = await invite(owner, room);
  const [ines, ada] = [await accept(server, invitation.secret), await join(server, room)];
  for (const { browser, id, revokes } of [
    { ...ada, revokes: false },
    { ...ines, revokes: true },
  ]) {
    const line = await watch(browser, room);
    await line.until("room.stream");
    server.engine.cuts.length = 0;
    const began = performance.now();
    const path = `/rooms/${room.id}/participants/${id}${revokes ? "?revokeInvitation=true" : ""}`;
    expect((await owner.ask("DELETE", path)).statusCode).toBe(204);
    expect(await line.until("room.closed")).toMatchObject({ reason: "removed" });
    await line.closed;
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(server.engine.cuts).toContainEqual({ participantId: id, isSentOut: true });
    expect((await browser.ask("POST", `/rooms/${room.id}/ticket`)).statusCode).toBe(404);
  }
  const again = await ines.browser.ask("POST", "/invitations/accept", {
    secret: invitation.secret,
    name: "Ines",
  });
  expect(again.statusCode).toBe(401);
});

test("into a locked room comes nobody new, but those who were in come back", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const [ada, eve] = [await join(server, room), await join(server, room)];
  await act(owner, room, ada.id, "admit");
  const line = await watch(ada.browser, room);
  await line.until("room.stream");
  await owner.ask("POST", `/rooms/${room.id}/lock`, { locked: true });
  expect((await line.until("room.options", ({ lockedAt }) => lockedAt !== null)).roomId).toBe(room.id);
  const right = { name: "Ada", password: room.reviewerPassword };
  const path = `/rooms/${room.id}/join`;
  const stranger = await visitor(server).ask("POST", path, right);
  expect([stranger.statusCode, stranger.json().error]).toEqual([409, "room_locked"]);
  const wrong = await visitor(server).ask("POST", path, { ...right, password: "wrong password" });
  expect(wrong.json().error).toBe("room_password_wrong");
  expect((await eve.browser.ask("POST", path, right)).statusCode).toBe(409);
  expect((await ada.browser.ask("POST", path, right)).json().seat.state).toBe("admitted");
  const { secret } = await invite(owner, room, { role: "presenter" });
  expect((await visitor(server).ask("POST", "/invitations/accept", { secret, name: "I" })).statusCode).toBe(
    409,
  );
  await owner.ask("POST", `/rooms/${room.id}/lock`, { locked: false });
  expect((await visitor(server).ask("POST", path, right)).statusCode).toBe(201);
});

test("a use of a link is not spent on a room that is locked", async () => {
  const room = await makeRoom(owner);
  const { secret } = await invite(owner, room, { maxUses: 1 });
  await owner.ask("POST", `/rooms/${room.id}/lock`, { locked: true });
  const ines = visitor(server);
  expect((await ines.ask("POST", "/invitations/accept", { secret, name: "Ines" })).statusCode).toBe(409);
  await owner.ask("POST", `/rooms/${room.id}/lock`, { locked: false });
  expect((await ines.ask("POST", "/invitations/accept", { secret, name: "Ines" })).statusCode).toBe(201);
});

test("one who was let in is not let in twice when they come back the same way; by another way they are", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const { browser, id } = await join(server, room);
  await act(owner, room, id, "admit");
  const right = { name: "Ada", password: room.reviewerPassword };
  const back = await browser.ask("POST", `/rooms/${room.id}/join`, right);
  expect(back.json()).toMatchObject({ seat: { state: "admitted" }, review: { id: room.id } });
  const { secret } = await invite(owner, room);
  const other = await browser.ask("POST", "/invitations/accept", { secret, name: "Ada" });
  expect(other.json().seat.state).toBe("waiting");
  expect(await list(room)).toHaveLength(1);
});

test("the end of the meeting sends everybody out and locks the room; the encoder goes on", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const [ada, bob] = [await join(server, room, "Ada"), await join(server, room, "Bob")];
  await act(owner, room, ada.id, "admit");
  const lines = [await watch(ada.browser, room), await watch(bob.browser, room)];
  await lines[0]?.until("room.stream");
  await lines[1]?.until("seat.waiting");
  server.engine.cuts.length = 0;
  const began = performance.now();
  expect((await owner.ask("POST", `/rooms/${room.id}/end`)).statusCode).toBe(204);
  for (const line of lines) {
    expect(await line.until("room.closed")).toMatchObject({ reason: "meeting-ended" });
    await line.closed;
  }
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(server.engine.cuts).toContainEqual(expect.objectContaining({ roomId: room.id, who: "viewers" }));
  expect(server.engine.cuts).not.toContainEqual(expect.objectContaining({ who: "all" }));
  expect((await owner.ask("GET", `/rooms/${room.id}`)).json().lockedAt).toBeGreaterThan(0);
  const right = { name: "Ada", password: room.reviewerPassword };
  expect((await ada.browser.ask("POST", `/rooms/${room.id}/join`, right)).json().error).toBe("room_locked");
});

test("joining while the meeting is being ended leaves nobody in", async () => {
  const room = await makeRoom(owner);
  const right = { name: "Ada", password: room.reviewerPassword };
  await Promise.all([
    ...Array.from({ length: 6 }, () => visitor(server).ask("POST", `/rooms/${room.id}/join`, right)),
    new Promise((resolve) => setTimeout(resolve, 150)).then(() => owner.ask("POST", `/rooms/${room.id}/end`)),
  ]);
  expect(await list(room)).toEqual([]);
});

test("fifty may wait; who has left the page makes way for the next, who has it open does not", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const { secret } = await invite(owner, room);
  const first = await accept(server, secret, "First");
  const line = await watch(first.browser, room);
  await line.until("seat.waiting");
  await Promise.all(Array.from({ length: 52 }, () => accept(server, secret)));
  const waiting = await list(room);
  expect(waiting).toHaveLength(50);
  expect(waiting[0]).toMatchObject({ id: first.id, isHere: true });

  for (const { id } of waiting)
    if (id !== first.id) server.product.people.arrive({ roomId: room.id, sessionId: id, isIn: false });
  const one = await visitor(server).ask("POST", "/invitations/accept", { secret, name: "Too many" });
  expect([one.statusCode, one.json().error]).toEqual([409, "room_full"]);
  expect(await list(room)).toHaveLength(50);
  line.socket.close();
});

test("who did what in a room is in the audit log", async () => {
  const room = await makeRoom(owner, { waitingRoom: true });
  const [ada, bob] = [await join(server, room, "Ada"), await join(server, room, "Bob")];
  await act(owner, room, ada.id, "admit");
  await act(owner, room, bob.id, "refuse");
  await owner.ask("DELETE", `/rooms/${room.id}/participants/${ada.id}`);
  const { id } = await invite(owner, room);
  await owner.ask("DELETE", `/rooms/${room.id}/invitations/${id}`);
  await owner.ask("POST", `/rooms/${room.id}/lock`, { locked: true });
  await owner.ask("POST", `/rooms/${room.id}/lock`, { locked: false });
  await owner.ask("POST", `/rooms/${room.id}/end`);
  await visitor(server).ask("POST", `/rooms/${room.id}/join`, { name: "E", password: room.reviewerPassword });
  expect((await actions(room)).sort()).toEqual([
    "invitation.created",
    "invitation.revoked",
    "meeting.ended",
    "participant.admitted",
    "participant.removed",
    "participant.turned-away",
    "room.created",
    "room.join-refused",
    "room.joined",
    "room.joined",
    "room.locked",
    "room.unlocked",
  ]);
});
