import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeId } from "../domain/room.js";
import { hashSecret } from "../secrets.js";
import { openTestPool } from "../testing/database.js";
import { NameTakenError } from "./failures.js";
import { MigrationError, migrate } from "./migrate.js";
import type { NewRoom } from "./rooms.js";
import { type Store, storeOver } from "./store.js";
import type { NewCode, OwnerWish } from "./users.js";

let store: Store;
let database: Awaited<ReturnType<typeof openTestPool>>;

beforeAll(async () => {
  database = await openTestPool();
  store = await storeOver(database.pool, database.close);
});
afterAll(() => store.close());

const now = new Date("2026-11-22T12:00:00Z");
const later = new Date("2026-11-22T13:00:00Z");

function newRoom(name: string): NewRoom {
  const id = makeId(randomBytes);
  const random = (): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(32));
  return {
    id,
    name,
    streamName: `s-${id}`,
    passwordHash: "x",
    sealedPassword: random(),
    createdAt: now,
    colouristId: null,
    expiresAt: null,
    waitingRoom: false,
    watermark: false,
    srtEncrypted: true,
    autoRecord: false,
    playout: "lowest",
    universal: false,
    keyHash: random(),
    sealedKey: random(),
  };
}

test("a migrated database needs nothing, and one with a newer migration is refused", async () => {
  expect(await migrate(database.pool)).toEqual([]);
  await database.pool.query(
    "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'y', '29990101000000_later', now())",
  );
  await expect(migrate(database.pool)).rejects.toThrow(/29990101000000_later.*newer ColourStream/);
  await database.pool.query("UPDATE _prisma_migrations SET finished_at = NULL WHERE id = 'x'");
  await expect(migrate(database.pool)).rejects.toThrow(MigrationError);
  await database.pool.query("DELETE FROM _prisma_migrations WHERE id = 'x'");
});

test("a changed migration is refused", async () => {
  await database.pool.query("UPDATE _prisma_migrations SET checksum = 'z' || substr(checksum, 2)");
  await expect(migrate(database.pool)).rejects.toThrow(/was changed/);
});

test("two open rooms cannot share a name; an archived one frees it and cannot come back over it", async () => {
  const first = await store.rooms.add(newRoom("Reel One"));
  await expect(store.rooms.add(newRoom("reel  one"))).rejects.toThrow(NameTakenError);
  await store.rooms.change(first.id, { archivedAt: now });
  const second = await store.rooms.add(newRoom("REEL ONE"));
  await expect(store.rooms.change(first.id, { archivedAt: null })).rejects.toThrow(NameTakenError);
  await store.rooms.change(second.id, { name: "Reel Two" });
  expect((await store.rooms.change(first.id, { archivedAt: null }))?.archivedAt).toBeNull();
});

test("changing or removing a room that is not there says so", async () => {
  expect(await store.rooms.change("nobody", { name: "x" })).toBeNull();
  expect(
    await store.rooms.changeKey("nobody", { hash: hashSecret("a"), sealed: hashSecret("b"), now }),
  ).toBeNull();
  expect(await store.rooms.remove("nobody")).toBe(false);
});

test("a deleted room takes its seats and takes along", async () => {
  const room = await store.rooms.add(newRoom("Doomed"));
  const token = hashSecret("seat");
  const holder = {
    kind: "participant",
    roomId: room.id,
    personId: "person-1",
    name: "Ada",
    role: "reviewer",
    invitationId: null,
    admittedAt: now.getTime(),
  } as const;
  const device = { userAgent: null, address: "192.0.2.1" };
  const terms = { passwordHash: null, wasIn: false, mostWaiting: 1, earlier: null };
  const seat = { id: "seat-1", tokenHash: token, expiresAt: later, now, device, holder };
  expect(await store.sessions.addSeat(seat, terms)).toBe("kept");
  await store.takes.begin({ id: "take-1", roomId: room.id, startedAt: now, protocol: "rtmp", encoder: null });
  expect((await store.sessions.byToken(token))?.holder).toEqual(holder);
  expect(await store.rooms.remove(room.id)).toBe(true);
  expect(await store.sessions.byToken(token)).toBeNull();
  expect(await store.sessions.addSeat({ ...seat, id: "seat-2", tokenHash: hashSecret("late") }, terms)).toBe(
    "closed",
  );
  await store.takes.begin({ id: "take-2", roomId: room.id, startedAt: now, protocol: "rtmp", encoder: null });
  const { rows } = await database.pool.query("SELECT id FROM takes");
  expect(rows).toEqual([]);
});

test("of fifty set-ups at once exactly one makes the owner, and every code is then spent", async () => {
  const codes = Array.from({ length: 50 }, (_, n) => hashSecret(`code ${n % 5}`));
  for (const codeHash of codes.slice(0, 5)) {
    await store.users.addCode(newCode(codeHash, "set_up"));
  }
  const made = await Promise.all(
    codes.map((codeHash, n) => store.users.spendCode(codeHash, now, newOwner(`owner-${n}`))),
  );
  const spent = made.filter((one) => one !== null);
  expect(spent).toHaveLength(1);
  expect(await store.users.owner()).toEqual(spent[0]?.user);
  for (const codeHash of codes.slice(0, 5)) {
    expect(await store.users.spendCode(codeHash, now, newOwner("late"))).toBeNull();
  }
});

test("a recovery code lets the owner in once, and not after its hour", async () => {
  const codeHash = hashSecret("recovery");
  await store.users.addCode(newCode(codeHash, "recovery"));
  const somebody = newOwner("x");
  expect(await store.users.spendCode(codeHash, new Date(later.getTime() + 1), somebody)).toBeNull();
  expect((await store.users.spendCode(codeHash, now, somebody))?.user.role).toBe("owner");
  expect(await store.users.spendCode(codeHash, now, somebody)).toBeNull();
});

function newCode(codeHash: Uint8Array<ArrayBuffer>, purpose: "set_up" | "recovery"): NewCode {
  return { id: makeId(randomBytes), codeHash, purpose, userId: null, createdAt: now, expiresAt: later };
}

function newOwner(id: string): OwnerWish {
  return { name: null, newOwner: { id, name: id, handle: new Uint8Array(randomBytes(32)), createdAt: now } };
}

test("two processes that name a call at once get one name, also when both rename it; a room that has gone has none", async () => {
  const room = newRoom("Named");
  await store.rooms.add(room);
  const [one, two] = await Promise.all([
    store.callNames.nameOf(room.id, "one"),
    store.callNames.nameOf(room.id, "two"),
  ]);
  expect([one, one === "one" || one === "two"]).toEqual([two, true]);
  const from = one ?? "";
  const renamed = await Promise.all(
    ["three", "four"].map((fresh) => store.callNames.rename(room.id, { from, fresh, at: later })),
  );
  expect(new Set(renamed).size).toBe(1);
  expect(renamed[0]).toBe(await store.callNames.nameOf(room.id, "five"));
  await store.rooms.remove(room.id);
  expect(await store.callNames.nameOf(room.id, "six")).toBeNull();
  expect(await store.callNames.rename(room.id, { from, fresh: "seven", at: later })).toBeNull();
});
