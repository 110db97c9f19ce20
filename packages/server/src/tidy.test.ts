import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRoom } from "./testing/people.js";
import { type Browser, openOwner, startTestServer, type TestServer } from "./testing/server.js";
import { createTidy } from "./tidy.js";

const DAY_MS = 86_400_000;
let server: TestServer;
let owner: Browser;
beforeAll(async () => {
  server = await startTestServer();
  owner = await openOwner(server);
});
afterAll(() => server.close());

const actions = async (): Promise<string[]> =>
  (await server.store.auditReader.page({}, null, 200)).map(
    ({ action, detail }) => `${action} ${detail ?? ""}`,
  );

test("what has been kept for as long as the settings say goes, and nothing else does", async () => {
  const { product, store } = server;
  const kept = await makeRoom(owner, { name: "Kept" });
  const old = await makeRoom(owner, { name: "Old" });
  await owner.ask("PATCH", `/rooms/${old.id}`, { archived: true });
  const startedAt = new Date();
  const take = { roomId: kept.id, startedAt, protocol: null, encoder: null };
  await store.takes.begin({ id: "ended", ...take });
  await store.takes.end("ended", startedAt, "ended");
  await store.takes.begin({ id: "running", ...take });
  await product.blocks.add(
    { address: "203.0.113.7", reason: "x", expiresAt: Date.now() + DAY_MS },
    "owner",
    null,
  );
  await product.settings.change({ auditDays: 20, takesDays: 5, archivedRoomsDays: 10 });

  let now = Date.now();
  const tidy = createTidy({ ...product, wallClock: () => now }, store);
  const removedTakes = () => store.takes.removeEndedBefore(new Date(now - 5 * DAY_MS));

  now += 4 * DAY_MS;
  await tidy();
  expect(product.directory.byId(old.id)).not.toBeNull();
  expect(await actions()).toContain("room.created Old");

  now += 2 * DAY_MS; // the sixth day
  await tidy();
  expect(await removedTakes()).toBe(0);
  expect(product.directory.byId(old.id)).not.toBeNull();

  now += 5 * DAY_MS;
  await tidy();
  expect(product.directory.byId(old.id)).toBeNull();
  expect(product.directory.byId(kept.id)).not.toBeNull();
  expect(await actions()).toContain("room.deleted Old: archived for more than 10 days");
  expect(await store.rooms.all()).toHaveLength(1);

  now += 10 * DAY_MS;
  await tidy();
  expect(await actions()).not.toContain("room.created Old");
});

test("with retention off takes and archived rooms stay for good", async () => {
  const { product, store } = server;
  const room = await makeRoom(owner);
  await owner.ask("PATCH", `/rooms/${room.id}`, { archived: true });
  await product.settings.change({ takesDays: null, archivedRoomsDays: null });
  await createTidy({ ...product, wallClock: () => Date.now() + 3_000 * DAY_MS }, store)();
  expect(product.directory.byId(room.id)).not.toBeNull();
});
