import { afterAll, beforeAll, expect, test } from "vitest";
import { openLine } from "../testing/line.js";
import { invite, join, makeRoom, visitor } from "../testing/people.js";
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

const HOUR_MS = 3_600_000;
const inAnHour = (): number => now() + HOUR_MS;
const anHourPasses = (): void => {
  passedMs += HOUR_MS;
};

test("a room whose time is over lets nobody in and gives no ticket, before anything has swept", async () => {
  const room = await makeRoom(owner, { expiresAt: inAnHour() });
  const { secret } = await invite(owner, room);
  const { browser } = await join(server, room);
  expect((await browser.ask("POST", `/rooms/${room.id}/ticket`)).statusCode).toBe(201);
  anHourPasses();
  const right = { name: "Ada", password: room.reviewerPassword };
  const answer = await visitor(server).ask("POST", `/rooms/${room.id}/join`, right);
  expect([answer.statusCode, answer.json().error]).toEqual([401, "room_password_wrong"]);
  const accepted = await visitor(server).ask("POST", "/invitations/accept", { secret, name: "Ines" });
  expect([accepted.statusCode, accepted.json().error]).toEqual([401, "invitation_wrong"]);
  expect((await browser.ask("POST", `/rooms/${room.id}/ticket`)).json().error).toBe("room_archived");
  expect((await owner.ask("POST", `/rooms/${room.id}/test-signal`)).json().error).toBe("room_archived");
});

test("it archives itself: who is in it hears why, the encoder is cut, and the log has it; once", async () => {
  const room = await makeRoom(owner, { expiresAt: inAnHour() });
  const [ada, host] = [await join(server, room), await openLine(server, owner)];
  const page = await openLine(server, ada.browser);
  for (const line of [page, host]) {
    line.say({ type: "watch.room", roomId: room.id });
    await line.until("room.stream");
  }
  await server.product.expiry.sweep();
  expect((await owner.ask("GET", `/rooms/${room.id}`)).json().archivedAt).toBeNull();
  anHourPasses();
  server.engine.cuts.length = 0;
  await Promise.all([server.product.expiry.sweep(), server.product.expiry.sweep()]);
  for (const line of [page, host]) {
    expect(await line.until("room.closed")).toMatchObject({ roomId: room.id, reason: "expired" });
    await line.closed;
  }
  expect(server.engine.cuts).toContainEqual(expect.objectContaining({ roomId: room.id, who: "all" }));
  expect((await owner.ask("GET", `/rooms/${room.id}`)).json().archivedAt).toBeGreaterThan(0);
  const { events } = (await owner.ask("GET", `/audit?roomId=${room.id}`)).json();
  const expired = events.filter(({ action }: { action: string }) => action === "room.expired");
  expect(expired).toMatchObject([{ actor: null, detail: room.name }]);
});

test("a room that is restored after its time is open again, without end or until a new one", async () => {
  const rooms = [
    await makeRoom(owner, { expiresAt: inAnHour() }),
    await makeRoom(owner, { expiresAt: inAnHour() }),
  ];
  anHourPasses();
  await server.product.expiry.sweep();
  const later = inAnHour();
  const [one, two] = rooms;
  const restored = await owner.ask("PATCH", `/rooms/${one?.id}`, { archived: false });
  expect(restored.json()).toMatchObject({ archivedAt: null, expiresAt: null });
  const other = await owner.ask("PATCH", `/rooms/${two?.id}`, { archived: false, expiresAt: later });
  expect(other.json()).toMatchObject({ archivedAt: null, expiresAt: later });
  await server.product.expiry.sweep();
  expect((await owner.ask("GET", `/rooms/${one?.id}`)).json().archivedAt).toBeNull();
});

test("a time in the past, or beyond all measure, is refused and named; null takes the end away", async () => {
  const room = await makeRoom(owner, { expiresAt: inAnHour() });
  for (const expiresAt of [now() - 1, 0, -1e308, 1e308, 2 ** 53]) {
    for (const [method, path] of [
      ["POST", "/rooms"],
      ["PATCH", `/rooms/${room.id}`],
    ] as const) {
      const answer = await owner.ask(method, path, { name: "X", expiresAt });
      expect([expiresAt, answer.statusCode, answer.json().error]).toEqual([
        expiresAt,
        400,
        "invalid_request",
      ]);
      expect(answer.json().message).toMatch(/^expiresAt: /);
    }
  }
  const endless = await owner.ask("PATCH", `/rooms/${room.id}`, { expiresAt: null });
  expect(endless.json().expiresAt).toBeNull();
});

test("what is left out of a new room or link is as the settings say", async () => {
  await server.product.settings.change({
    newRoomWaitingRoom: true,
    newRoomWatermark: true,
    newRoomDays: 2,
    newInvitationDays: 3,
  });
  const day = 24 * 3_600_000;
  const room = await makeRoom(owner);
  expect(room).toMatchObject({ waitingRoom: true, watermark: true });
  expect(Math.abs((room.expiresAt ?? 0) - now() - 2 * day)).toBeLessThan(60_000);
  const { expiresAt } = await invite(owner, room);
  expect(Math.abs((expiresAt ?? 0) - now() - 3 * day)).toBeLessThan(60_000);
  const other = await makeRoom(owner, { waitingRoom: false, watermark: false, expiresAt: null });
  expect(other).toMatchObject({ waitingRoom: false, watermark: false, expiresAt: null });
});
