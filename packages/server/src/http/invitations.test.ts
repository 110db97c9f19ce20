import type { Invitation, Room } from "@colourstream/contract";
import ICAL from "ical.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLine } from "../testing/line.js";
import { accept, invite, join, makeRoom, openColourist, visitor } from "../testing/people.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
let owner: Browser;
let passedMs = 0;
const now = (): number => Date.now() + passedMs;
beforeAll(async () => {
  server = await startTestServer({}, now);
  owner = await openOwner(server);
});
afterAll(() => server.close());

const list = async (room: Room): Promise<Invitation[]> =>
  (await owner.ask("GET", `/rooms/${room.id}/invitations`)).json().invitations;
const hour = 3_600_000;

test("an invitation's link opens the room with the name and role that the studio gave it", async () => {
  const room = await makeRoom(owner);
  const { secret, link, id } = await invite(owner, room, { name: " Ines  B ", role: "presenter" });
  expect(link).toMatch(/^http:\/\/localhost:\d+\/i#[A-Za-z0-9_-]{43}$/);
  const ines = visitor(server);
  const opened = await ines.ask("POST", "/invitations/open", { secret });
  expect(opened.json()).toEqual({
    roomId: room.id,
    roomName: room.name,
    from: "Olga",
    name: "Ines B",
    role: "presenter",
    isInUse: false,
  });
  const accepted = await ines.ask("POST", "/invitations/accept", { secret, name: "Ines Berg" });
  expect(accepted.statusCode).toBe(201);
  expect(accepted.json()).toMatchObject({
    seat: { state: "admitted", participant: { name: "Ines Berg", role: "presenter" } },
    review: { id: room.id, isHost: true },
  });
  expect((await ines.ask("GET", `/rooms/${room.id}/review`)).json().participant.role).toBe("presenter");
  expect((await ines.ask("POST", "/invitations/open", { secret })).json().isInUse).toBe(true);
  expect(await list(room)).toMatchObject([{ id, uses: 1, state: "open", link }]);
});

test("of fifty who accept a link for one at the same moment exactly one gets a seat", async () => {
  const room = await makeRoom(owner);
  const { secret } = await invite(owner, room, { maxUses: 1 });
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      visitor(server).ask("POST", "/invitations/accept", { secret, name: "I" }),
    ),
  );
  const statuses = answers.map(({ statusCode }) => statusCode).sort();
  expect(statuses).toEqual([201, ...Array.from({ length: 49 }, () => 401)]);
  expect(await list(room)).toMatchObject([{ uses: 1, state: "used-up" }]);
  expect(await server.product.sessions.seats(room.id)).toHaveLength(1);
});

test("uses are counted by the database itself, not by whoever asks it", async () => {
  const room = await makeRoom(owner);
  const { id } = await invite(owner, room, { maxUses: 3 });
  const now = new Date();
  const used = await Promise.all(Array.from({ length: 20 }, () => server.store.invitations.use(id, now)));
  expect(used.filter((wasFree) => wasFree)).toHaveLength(3);
});

test("the browser that holds a seat by it comes back without another use; another browser does not", async () => {
  const room = await makeRoom(owner);
  const { secret } = await invite(owner, room, { maxUses: 1 });
  const { browser, id } = await accept(server, secret);
  const again = await browser.ask("POST", "/invitations/accept", { secret, name: "Ines" });
  expect(again.statusCode).toBe(201);
  expect(again.json().seat.participant.id).not.toBe(id);
  expect(await list(room)).toMatchObject([{ uses: 1 }]);
  expect(await server.product.sessions.seats(room.id)).toHaveLength(1);
  const other = await visitor(server).ask("POST", "/invitations/accept", { secret, name: "Ines" });
  expect([other.statusCode, other.json().error]).toEqual([401, "invitation_wrong"]);
});

test("whatever keeps a link from working, the answer is one and the same", async () => {
  const [room, gone] = [await makeRoom(owner), await makeRoom(owner)];
  const usedUp = await invite(owner, room, { maxUses: 1 });
  await accept(server, usedUp.secret);
  const revoked = await invite(owner, room);
  await owner.ask("DELETE", `/rooms/${room.id}/invitations/${revoked.id}`);
  const expired = await invite(owner, room, { expiresAt: now() + hour });
  const ofArchived = await invite(owner, gone);
  await owner.ask("PATCH", `/rooms/${gone.id}`, { archived: true });
  passedMs += hour;
  const secrets = [usedUp.secret, revoked.secret, expired.secret, ofArchived.secret, "A".repeat(43), "x"];
  for (const path of ["/invitations/open", "/invitations/accept"]) {
    const answers = await Promise.all(
      secrets.map(async (secret) => {
        const body = path.endsWith("open") ? { secret } : { secret, name: "Eve" };
        const answer = await visitor(server).ask("POST", path, body);
        const { requestId: _one, ...said } = answer.json();
        return [answer.statusCode, said, answer.headers["set-cookie"]];
      }),
    );
    expect(answers[0]?.[0]).toBe(401);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  }
  const states = (await list(room)).map(({ id, state }) => [id, state]);
  expect(Object.fromEntries(states)).toEqual({
    [usedUp.id]: "used-up",
    [revoked.id]: "revoked",
    [expired.id]: "expired",
  });
});

test("a revoked invitation sends out whoever came by it within a second, and nobody else", async () => {
  const room = await makeRoom(owner);
  const { secret, id } = await invite(owner, room);
  const [ines, ada] = [await accept(server, secret), await join(server, room)];
  const [line, other] = [await openLine(server, ines.browser), await openLine(server, ada.browser)];
  for (const one of [line, other]) {
    one.say({ type: "watch.room", roomId: room.id });
    await one.until("room.stream");
  }
  server.engine.cuts.length = 0;
  const began = performance.now();
  expect((await owner.ask("DELETE", `/rooms/${room.id}/invitations/${id}`)).statusCode).toBe(204);
  expect(await line.until("room.closed")).toMatchObject({ reason: "invitation-revoked" });
  await line.closed;
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(server.engine.cuts).toEqual([{ participantId: ines.id }]);
  expect((await ines.browser.ask("GET", `/rooms/${room.id}/review`)).statusCode).toBe(404);
  expect((await ada.browser.ask("GET", `/rooms/${room.id}/review`)).statusCode).toBe(200);
  other.socket.close();
});

test("revoking while somebody accepts leaves nobody in", async () => {
  const room = await makeRoom(owner);
  for (let n = 0; n < 5; n++) {
    const { secret, id } = await invite(owner, room);
    const ines = visitor(server);
    await Promise.all([
      ines.ask("POST", "/invitations/accept", { secret, name: "Ines" }),
      owner.ask("DELETE", `/rooms/${room.id}/invitations/${id}`),
    ]);
    expect([401, 404]).toContain((await ines.ask("GET", `/rooms/${room.id}/review`)).statusCode);
  }
  expect(await server.product.sessions.seats(room.id)).toEqual([]);
});

test("an invitation of another room is not there, whoever asks", async () => {
  const colourist = await openColourist(server);
  const [mine, theirs] = [await makeRoom(colourist), await makeRoom(owner)];
  const { id } = await invite(owner, theirs, { startsAt: now() + hour });
  for (const [method, path] of [
    ["DELETE", `/rooms/${mine.id}/invitations/${id}`],
    ["GET", `/rooms/${mine.id}/invitations/${id}/calendar.ics`],
    ["DELETE", `/rooms/${theirs.id}/invitations/${id}`],
    ["GET", `/rooms/${theirs.id}/invitations`],
  ] as const)
    expect([path, (await colourist.ask(method, path)).statusCode]).toEqual([path, 404]);
  expect(await list(theirs)).toMatchObject([{ id, state: "open" }]);
});

test("guesses at links end in 429 at an address; right ones do not count", async () => {
  const room = await makeRoom(owner);
  const { secret } = await invite(owner, room);
  const ines = visitor(server);
  for (let n = 0; n < 15; n++)
    expect((await ines.ask("POST", "/invitations/open", { secret })).statusCode).toBe(200);
  const eve = visitor(server);
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++)
    statuses.push((await eve.ask("POST", "/invitations/open", { secret: `guess ${n}` })).statusCode);
  expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
  expect(statuses.at(-1)).toBe(429);
});

test("a time that cannot be is refused and named", async () => {
  const room = await makeRoom(owner);
  const path = `/rooms/${room.id}/invitations`;
  const at = now();
  for (const [field, times] of [
    ["expiresAt", { expiresAt: at - 1 }],
    ["expiresAt", { expiresAt: 1e308 }],
    ["startsAt", { startsAt: at + 2 * hour, expiresAt: at + hour }],
    ["durationMinutes", { durationMinutes: 30 }],
  ] as const) {
    const answer = await owner.ask("POST", path, { name: "Ines", role: "reviewer", ...times });
    expect([answer.statusCode, answer.json().error]).toEqual([400, "invalid_request"]);
    expect(answer.json().message).toContain(field);
  }
});

test("the calendar file has the meeting in UTC, its link, and lines that every calendar takes", async () => {
  const name = `Reel 7 – „Größe“, final; grade ${"長".repeat(30)}`;
  const room = await makeRoom(owner, { name });
  const startsAt = Date.UTC(2099, 2, 29, 9, 30);
  const { id, link } = await invite(owner, room, { startsAt, durationMinutes: 90 });
  const answer = await owner.ask("GET", `/rooms/${room.id}/invitations/${id}/calendar.ics`);
  expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "text/calendar; charset=utf-8"]);
  expect(answer.headers["content-disposition"]).toBe('attachment; filename="Reel-7-Gro-e-final-grade.ics"');
  const lines = answer.body.split("\r\n");
  expect(lines.at(-1)).toBe("");
  for (const line of lines) {
    expect(line).not.toMatch(/[\r\n]/);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  }
  expect(lines).toContain("DTSTART:20990329T093000Z");
  expect(lines).toContain("DTEND:20990329T110000Z");
  const event = new ICAL.Component(ICAL.parse(answer.body)).getFirstSubcomponent("vevent");
  expect(event?.getFirstPropertyValue("uid")).toBe(id);
  expect(event?.getFirstPropertyValue("summary")).toBe(name);
  expect(event?.getFirstPropertyValue("url")).toBe(link);
  expect(String(event?.getFirstPropertyValue("description"))).toContain(link);
});

test("an invitation without a time has no calendar file", async () => {
  const room = await makeRoom(owner);
  const { id } = await invite(owner, room);
  const answer = await owner.ask("GET", `/rooms/${room.id}/invitations/${id}/calendar.ics`);
  expect([answer.statusCode, answer.json().error]).toEqual([404, "not_found"]);
});

test("a link's secret is in no answer but the studio's, and not in the database", async () => {
  const room = await makeRoom(owner);
  const { secret, id } = await invite(owner, room);
  const { joined, browser } = await accept(server, secret);
  expect(JSON.stringify(joined)).not.toContain(secret);
  expect([...browser.cookies.values()].join()).not.toContain(secret);
  const stored = await server.store.invitations.byId(room.id, id);
  expect(Buffer.from(stored?.sealedSecret ?? []).toString("latin1")).not.toContain(secret);
});
