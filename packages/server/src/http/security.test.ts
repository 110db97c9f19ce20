import { once } from "node:events";
import type { Attempt, AuditEvent, Block } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import type { AuditAction } from "../journal.js";
import { join, makeRoom } from "../testing/people.js";
import { type Browser, openBrowser, openOwner, startTestServer, type TestServer } from "../testing/server.js";

let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  server = await startTestServer({ TRUST_PROXY: "1" });
  owner = await openOwner(server);
});
afterAll(() => server.close());

const block = (address: string, more: object = {}) =>
  owner.ask("POST", "/blocks", { address, reason: "noise", expiresAt: null, ...more });
const note = (action: AuditAction, address: string, about: { roomId?: string; detail?: string } = {}) =>
  server.product.journal.note(action, { actorId: null, address }, about);

test("a blocked address gets no answer from anything, until it is let in again", async () => {
  const answer = await block("203.0.113.0/24");
  expect(answer.statusCode).toBe(201);
  const { id } = answer.json() as Block;
  const stranger = openBrowser(server, "203.0.113.9");
  for (const path of ["/session", "/health", "/api/openapi.json"]) {
    const refused = await stranger.ask("GET", path);
    expect([refused.statusCode, refused.json().error]).toEqual([403, "address_blocked"]);
    expect(refused.headers["content-security-policy"]).toBeDefined();
  }
  const whep = await server.app.inject({
    method: "POST",
    url: "/whep",
    remoteAddress: "203.0.113.9",
    payload: "v=0",
  });
  expect(whep.statusCode).toBe(403);
  expect((await openBrowser(server, "203.0.114.9").ask("GET", "/session")).statusCode).toBe(200);
  expect((await owner.ask("GET", "/blocks")).json().blocks).toMatchObject([
    { id, by: "owner", reason: "noise" },
  ]);
  expect((await owner.ask("DELETE", `/blocks/${id}`)).statusCode).toBe(204);
  expect((await stranger.ask("GET", "/session")).statusCode).toBe(200);
  expect((await owner.ask("DELETE", `/blocks/${id}`)).statusCode).toBe(404);
});

test("the owner cannot block their own address, a net that holds it, or this machine", async () => {
  for (const address of ["192.0.2.100", "192.0.2.0/24", "127.0.0.1", "nonsense"]) {
    const { statusCode, body } = await block(address);
    expect([address, statusCode, JSON.parse(body).error]).toEqual([address, 400, "invalid_request"]);
  }
  expect((await owner.ask("GET", "/session")).json().user).toMatchObject({ role: "owner" });
});

test("blocking an address closes its sockets and cuts its viewers within a second", async () => {
  const room = await makeRoom(owner);
  const { browser, id } = await join(server, room);
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v1/realtime`, {
    headers: { cookie: browser.cookieHeader(), origin: server.url, "x-forwarded-for": "198.51.100.77" },
  });
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "watch.room", roomId: room.id }));
  await once(socket, "message");
  const closed = once(socket, "close"); // it can be closed before the answer is read
  const began = performance.now();
  await block("198.51.100.77");
  const [code] = await closed;
  expect(code).toBe(1008);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(server.engine.cuts).toContainEqual({ participantId: id });
  const isTheirs = server.engine.cuts.findLast((cut) => typeof cut === "function") as (a: string) => boolean;
  expect(["198.51.100.77", "198.51.100.78"].map(isTheirs)).toEqual([true, false]);
});

test("a hundred wrong passwords in an hour block their address for an hour, and the log says who did it", async () => {
  const room = await makeRoom(owner);
  const guesser = openBrowser(server, "198.51.100.5");
  let code = "";
  for (let n = 0; n < 130 && code !== "address_blocked"; n++)
    code = (
      await guesser.ask("POST", `/rooms/${room.id}/join`, { name: "Eve", password: "wrong wrong" })
    ).json().error;
  await expect.poll(async () => (await guesser.ask("GET", "/session")).statusCode).toBe(403);
  const { blocks } = (await owner.ask("GET", "/blocks")).json() as { blocks: Block[] };
  const set = blocks.find(({ by }) => by === "limits");
  expect(set).toMatchObject({ address: "198.51.100.5" });
  const lastsMs = (set?.expiresAt ?? 0) - (set?.createdAt ?? 0); // from when it was decided
  expect([lastsMs > 3_590_000, lastsMs <= 3_600_000]).toEqual([true, true]);
  const { events } = (await owner.ask("GET", "/audit?action=block.added")).json() as { events: AuditEvent[] };
  expect(events[0]).toMatchObject({ actor: null, detail: expect.stringContaining("198.51.100.5") });
});

test("the owner's address is not blocked, however often somebody guesses from it", async () => {
  const room = await makeRoom(owner);
  for (let n = 0; n < 150; n++)
    await openBrowser(server, "192.0.2.100").ask("POST", `/rooms/${room.id}/join`, {
      name: "E",
      password: "wrong wrong",
    });
  expect((await owner.ask("GET", "/session")).statusCode).toBe(200);
}, 30_000);

test("refused attempts are counted by address and kind, most first, with who is blocked", async () => {
  for (let n = 0; n < 3; n++) await note("room.join-refused", "198.18.0.1");
  for (let n = 0; n < 5; n++) await note("set-up.refused", "198.18.0.2");
  await note("room.joined", "198.18.0.3");
  await block("198.18.0.2");
  const { attempts } = (await owner.ask("GET", "/attempts")).json() as { attempts: { address: string }[] };
  expect(attempts.filter(({ address }) => address.startsWith("198.18."))).toMatchObject([
    { address: "198.18.0.2", action: "set-up.refused", count: 5, isBlocked: true },
    { address: "198.18.0.1", action: "room.join-refused", count: 3, isBlocked: false },
  ]);
});

test("a wrong stream key is among the refused attempts, by its protocol; a flood of them is not all written down", async () => {
  const address = "198.51.100.77";
  for (let n = 0; n < 100; n += 1) server.engine.tell({ is: "wrong-key", address, protocol: "srt" });
  const attempts = async (): Promise<Attempt[]> => (await owner.ask("GET", "/attempts")).json().attempts;
  const ofEncoder = async () => (await attempts()).find((one) => one.address === address);
  await expect.poll(async () => (await ofEncoder())?.count).toBe(60);
  expect(await ofEncoder()).toMatchObject({ action: "publish.refused" });
  const { events } = (await owner.ask("GET", `/audit?address=${address}&limit=1`)).json() as {
    events: AuditEvent[];
  };
  expect(events).toMatchObject([{ action: "publish.refused", detail: "SRT", actor: null, room: null }]);
  // The hundredth guess in an hour blocks its address, whatever was guessed at.
  await expect.poll(async () => (await ofEncoder())?.isBlocked).toBe(true);
});

test("the audit log is paged newest first: every event once, also those of one millisecond", async () => {
  const at = new Date();
  for (let n = 0; n < 25; n++)
    await server.store.audit.add({
      id: `page-${n}`,
      at,
      action: "key.revealed",
      actorId: null,
      roomId: null,
      address: "198.18.1.1",
    });
  const seen: string[] = [];
  let next: string | null = "";
  for (let pages = 0; next !== null && pages < 20; pages++) {
    const before: string = next === "" ? "" : `&before=${next}`;
    const page = (await owner.ask("GET", `/audit?address=198.18.1.1&limit=4${before}`)).json();
    expect(page.events.length).toBeLessThanOrEqual(4);
    seen.push(...page.events.map(({ id }: AuditEvent) => id));
    next = page.next;
  }
  expect(next).toBeNull();
  expect(seen).toHaveLength(25);
  expect(new Set(seen).size).toBe(25);
});

test("the filters: an action, its first part, an actor, a room, times; names where they are still there", async () => {
  const room = await makeRoom(owner, { name: "Filtered" });
  const { id: seatId } = await join(server, room, "Nadia");
  const events = async (query: string) =>
    (await owner.ask("GET", `/audit?${query}`)).json().events as AuditEvent[];
  const ofRoom = await events(`roomId=${room.id}`);
  expect(ofRoom.map(({ action }) => action)).toEqual(["room.joined", "room.created"]);
  expect(ofRoom[0]).toMatchObject({
    actor: { id: seatId, name: "Nadia" },
    room: { id: room.id, name: "Filtered" },
  });
  expect(ofRoom[1]).toMatchObject({ actor: { name: "Olga" } });
  expect(await events(`roomId=${room.id}&action=room`)).toHaveLength(2);
  expect(await events(`roomId=${room.id}&action=roo`)).toEqual([]);
  expect(await events(`roomId=${room.id}&action=room.joined`)).toHaveLength(1);
  expect(await events(`roomId=${room.id}&actorId=${seatId}`)).toHaveLength(1);
  expect(await events(`roomId=${room.id}&to=${(ofRoom[1]?.at ?? 0) - 1}`)).toEqual([]);
  expect(await events("action=%25")).toEqual([]);
  await owner.ask("DELETE", `/rooms/${room.id}`);
  expect((await events(`roomId=${room.id}&action=room.joined`))[0]).toMatchObject({
    actor: { id: seatId, name: null },
    room: { id: room.id, name: null },
  });
  for (const wrong of ["before=x", "from=1e300", "limit=201", "limit=0", "colour=red"])
    expect((await owner.ask("GET", `/audit?${wrong}`)).statusCode, wrong).toBe(400);
});

test("the table has every line, ISO times, and no cell that a spreadsheet would run", async () => {
  const formulas = ['=HYPERLINK("http://evil")', "+1", "-1", "@x", "\t=1", 'a "quoted", cell'];
  for (const detail of formulas) await note("room.joined", "198.18.2.2", { detail });
  const more = 1_050; // the table is read a thousand lines at a time
  const at = (n: number): Date => new Date(Date.now() - n);
  const line = { action: "room.left", actorId: null, roomId: null, address: "198.18.2.2" };
  for (let n = 0; n < more; n += 50) {
    const some = Array.from({ length: 50 }, (_, m) => ({ id: `csv-${n + m}`, at: at(n + m), ...line }));
    await Promise.all(some.map(server.store.audit.add));
  }
  const answer = await owner.ask("GET", "/audit.csv?address=198.18.2.2");
  expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "text/csv; charset=utf-8"]);
  expect(answer.headers["content-disposition"]).toBe('attachment; filename="audit.csv"');
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  const lines = answer.body.trimEnd().split("\r\n");
  expect(lines[0]).toBe("time,action,actor,actor_id,room,room_id,address,detail");
  expect(lines).toHaveLength(1 + more + formulas.length);
  expect(lines[1]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,room\./);
  expect(answer.body).toContain(`"'=HYPERLINK(""http://evil"")"`);
  expect(answer.body).not.toMatch(/,"?[=+@\t]/);
  const told = (await owner.ask("GET", "/audit?action=audit.exported")).json();
  expect(told.events).toHaveLength(1);
}, 30_000);

test("all of it is the owner's affair", async () => {
  const stranger = openBrowser(server);
  for (const path of ["/blocks", "/attempts", "/audit", "/audit.csv", "/settings", "/about"])
    expect((await stranger.ask("GET", path)).statusCode, path).toBe(401);
});
