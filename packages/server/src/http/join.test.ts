import type { Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { accept, invite } from "../testing/people.js";
import { type Browser, openBrowser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  server = await startTestServer();
  owner = await openOwner(server);
});
afterAll(() => server.close());

async function makeRoom(name: string, password?: string): Promise<Room> {
  const answer = await owner.ask("POST", "/rooms", { name, ...(password !== undefined && { password }) });
  expect(answer.statusCode).toBe(201);
  return answer.json();
}

let nextAddress = 0;
const visitor = (): Browser => openBrowser(server, `198.51.100.${nextAddress++}`);

test("a room's link and password open it, for whoever types the password with or without dashes", async () => {
  const room = await makeRoom("Open");
  const typed = room.reviewerPassword.replaceAll("-", " ").toUpperCase();
  const ada = visitor();
  const joined = await ada.ask("POST", `/rooms/${room.id}/join`, { name: " Ada  L ", password: typed });
  expect(joined.statusCode).toBe(201);
  expect(joined.json()).toMatchObject({
    seat: { room: { id: room.id, name: "Open" }, participant: { name: "Ada L" }, state: "admitted" },
    review: {
      id: room.id,
      name: "Open",
      participant: { name: "Ada L", role: "reviewer" },
      isHost: false,
      watermark: false,
      lockedAt: null,
      stream: null,
    },
  });
  expect(joined.body).not.toContain(room.reviewerPassword);
  expect((await ada.ask("GET", `/rooms/${room.id}/review`)).json().participant.name).toBe("Ada L");
  const ticket = await ada.ask("POST", `/rooms/${room.id}/ticket`);
  expect([ticket.statusCode, ticket.json().url]).toEqual([201, "/whep"]);
});

test("a wrong password, a missing room and an archived room cannot be told apart", async () => {
  const room = await makeRoom("Indistinct");
  const archived = await makeRoom("Indistinct, archived");
  await owner.ask("PATCH", `/rooms/${archived.id}`, { archived: true });
  const tries: [string, string][] = [
    [room.id, "wrong password"],
    ["AAAAAAAAAAAAAAAAAAAAAA", "wrong password"],
    [archived.id, archived.reviewerPassword],
  ];
  const bodies: unknown[] = [];
  for (const [id, password] of tries) {
    const answer = await visitor().ask("POST", `/rooms/${id}/join`, { name: "Eve", password });
    const { requestId: _one, ...body } = answer.json();
    bodies.push([answer.statusCode, body, answer.headers["set-cookie"]]);
  }
  expect(bodies[1]).toEqual(bodies[0]);
  expect(bodies[2]).toEqual(bodies[0]);
});

test("a room's password can be tried five times in two minutes from one address, right ones not counted", async () => {
  const room = await makeRoom("Limited");
  const eve = visitor();
  const statuses: number[] = [];
  for (let n = 0; n < 7; n++) {
    statuses.push(
      (await eve.ask("POST", `/rooms/${room.id}/join`, { name: "Eve", password: `guess ${n}!` })).statusCode,
    );
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  const right = { name: "Eve", password: room.reviewerPassword };
  expect((await eve.ask("POST", `/rooms/${room.id}/join`, right)).statusCode).toBe(429);
  for (let n = 0; n < 6; n++) {
    expect((await visitor().ask("POST", `/rooms/${room.id}/join`, right)).statusCode).toBe(201);
  }
});

test("another password ends the seats of those who typed the old one and cuts their picture; the rest stay", async () => {
  const room = await makeRoom("Changed", "first password");
  const ada = visitor();
  const joined = await ada.ask("POST", `/rooms/${room.id}/join`, { name: "Ada", password: "first password" });
  const ines = await accept(server, (await invite(owner, room)).secret);
  server.engine.cuts.length = 0;
  const changed = await owner.ask("PATCH", `/rooms/${room.id}`, { password: "second password" });
  expect(changed.json().reviewerPassword).toBe("second password");
  expect((await ada.ask("GET", `/rooms/${room.id}/review`)).statusCode).toBe(404);
  expect(server.engine.cuts).toEqual([{ participantId: joined.json().seat.participant.id }]);
  expect((await owner.ask("GET", `/rooms/${room.id}/review`)).statusCode).toBe(200);
  expect((await ines.browser.ask("GET", `/rooms/${room.id}/review`)).statusCode).toBe(200);
  const again = await visitor().ask("POST", `/rooms/${room.id}/join`, {
    name: "Ada",
    password: "first password",
  });
  expect(again.statusCode).toBe(401);
});

test("joining while the password is being changed leaves nobody in with the old one", async () => {
  const room = await makeRoom("Raced", "first password");
  const ada = visitor();
  await Promise.all([
    ada.ask("POST", `/rooms/${room.id}/join`, { name: "Ada", password: "first password" }),
    owner.ask("PATCH", `/rooms/${room.id}`, { password: "second password" }),
  ]);
  const answer = await ada.ask("GET", `/rooms/${room.id}/review`);
  expect([401, 404]).toContain(answer.statusCode);
});

test("leaving ends the seat and cuts the picture", async () => {
  const room = await makeRoom("Left");
  const ada = visitor();
  const joined = await ada.ask("POST", `/rooms/${room.id}/join`, {
    name: "Ada",
    password: room.reviewerPassword,
  });
  const cookie = ada.cookieHeader();
  server.engine.cuts.length = 0;
  expect((await ada.ask("POST", `/rooms/${room.id}/leave`)).statusCode).toBe(204);
  expect(server.engine.cuts).toContainEqual({ participantId: joined.json().seat.participant.id });
  const replay = await server.app.inject({ url: `/api/v1/rooms/${room.id}/review`, headers: { cookie } });
  expect(replay.statusCode).toBe(404);
});

test("one who is sent out while asking for a ticket gets none, and what was made is void", async () => {
  const room = await makeRoom("Sent out");
  const ada = visitor();
  const right = { name: "Ada", password: room.reviewerPassword };
  const { id } = (await ada.ask("POST", `/rooms/${room.id}/join`, right)).json().seat.participant;
  const { sessions } = server.product;
  const find = sessions.find;
  const asked = vi.spyOn(sessions, "find").mockImplementationOnce(async (token, address) => {
    const found = await find(token, address);
    await sessions.end(id, "removed"); // between the question who asks and the answer to it
    server.engine.cuts.length = 0;
    return found;
  });
  const answer = await ada.ask("POST", `/rooms/${room.id}/ticket`);
  asked.mockRestore();
  expect([answer.statusCode, answer.json().error]).toEqual([404, "not_found"]);
  expect(server.engine.cuts).toEqual([{ participantId: id }]);
});

test("a seat in one room is nothing in another, and a browser can sit in both", async () => {
  const [a, b] = [await makeRoom("Room A"), await makeRoom("Room B")];
  const ada = visitor();
  await ada.ask("POST", `/rooms/${a.id}/join`, { name: "Ada", password: a.reviewerPassword });
  expect((await ada.ask("GET", `/rooms/${b.id}/review`)).statusCode).toBe(404);
  await ada.ask("POST", `/rooms/${b.id}/join`, { name: "Ada", password: b.reviewerPassword });
  expect((await ada.ask("GET", `/rooms/${a.id}/review`)).statusCode).toBe(200);
  // The seat of A under B's name is still a seat in A only.
  const forged = `seat-${b.id}=${ada.cookies.get(`seat-${a.id}`)}`;
  const answer = await server.app.inject({
    url: `/api/v1/rooms/${b.id}/review`,
    headers: { cookie: forged },
  });
  expect(answer.statusCode).toBe(404);
});

test("looking for rooms ends in 429 after sixty misses a minute, and signed-in neighbours do not notice", async () => {
  const scanner = openBrowser(server, "203.0.113.250");
  const statuses = new Map<number, number>();
  for (let n = 0; n < 100; n++) {
    const id = `${"C".repeat(20)}${String(n).padStart(2, "0")}`;
    const { statusCode } = await scanner.ask("GET", `/rooms/${id}/review`);
    statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
  }
  expect(Object.fromEntries(statuses)).toEqual({ 401: 60, 429: 40 });
  const neighbour = await server.app.inject({
    url: "/api/v1/rooms",
    remoteAddress: "203.0.113.250",
    headers: { cookie: owner.cookieHeader() },
  });
  expect(neighbour.statusCode).toBe(200);
});
