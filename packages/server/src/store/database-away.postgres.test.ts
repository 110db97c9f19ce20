import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { makeId, makeStreamName } from "../domain/room.js";
import { hashSecret } from "../secrets.js";
import { makePostmaster, type Postmaster } from "../testing/postmaster.js";
import { makePlace, type Place, type ServerProcess, startServer, until } from "../testing/process.js";
import { isDatabaseAway } from "./failures.js";
import { openStore } from "./store.js";

// reliability.md, test 46. AWAY_MS=30000 is its full size.
const AWAY_MS = Number(process.env["AWAY_MS"] ?? 2_000);
const NOTICED_MS = 20_000; // three attempts of five seconds, on a busy machine
const BACK_MS = 5_000;
const LOGIN = "colourstream";
vi.setConfig({ testTimeout: 4 * AWAY_MS + 120_000 });

let postmaster: Postmaster;
let place: Place;
let server: ServerProcess;
beforeAll(async () => {
  postmaster = await makePostmaster();
  await postmaster.query(`CREATE ROLE ${LOGIN} LOGIN`);
  await postmaster.query(`CREATE DATABASE product OWNER ${LOGIN}`);
  place = await makePlace();
}, 90_000);
afterAll(async () => {
  if (server?.child.exitCode === null) await server.end("SIGKILL");
  await place?.clear();
  await postmaster?.close();
}, 60_000);

const rest = (most = AWAY_MS) => new Promise((resolve) => setTimeout(resolve, Math.min(AWAY_MS, most)));
const answers = async (path: string): Promise<number> =>
  (await fetch(server.url + path, { signal: AbortSignal.timeout(15_000) })).status;
/** Resolves when somebody has tried to connect there, and has been hung up on. */
async function somebodyAsks(port: number): Promise<void> {
  const ear = createServer((socket) => socket.destroy());
  const asked = once(ear, "connection");
  ear.listen(port, "127.0.0.1");
  await asked;
  await new Promise((resolve) => ear.close(resolve));
}

/** The process lives and says so, and that it is not ready. */
const isAway = async (): Promise<boolean> => {
  expect([await answers("/healthz"), server.child.exitCode]).toEqual([200, null]);
  return (await server.health())?.database === "away" && (await answers("/readyz")) === 503;
};
const isBack = async (): Promise<boolean> =>
  (await server.health())?.database === "ok" && (await answers("/readyz")) === 200;

test("46: PostgreSQL is down at the start, frozen, stopped, full: the process lives, says so, and is back in five seconds", async () => {
  await postmaster.stop("fast");
  const starting = startServer(place, { DATABASE_URL: postmaster.url("product", LOGIN) }, ["--liftoff-only"]);
  await somebodyAsks(postmaster.port); // it knows by then that nobody is there
  await rest(20_000); // a test's server has 40 s to start
  await postmaster.start();
  server = await starting;
  expect(server.log()).toContain("Waiting for PostgreSQL at 127.0.0.1");
  await until(isBack, NOTICED_MS, "it has started");

  const back: Record<string, number> = {};
  await postmaster.freeze();
  await until(isAway, NOTICED_MS, "frozen, it is away");
  await rest();
  await postmaster.thaw();
  back["frozen"] = await until(isBack, 2 * BACK_MS, "it is back");

  await postmaster.stop("immediate");
  await until(isAway, NOTICED_MS, "stopped, it is away");
  await rest();
  await postmaster.start();
  back["stopped"] = await until(isBack, 2 * BACK_MS, "it is back");

  await postmaster.query(`ALTER ROLE ${LOGIN} CONNECTION LIMIT 1`);
  await postmaster.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${LOGIN}'`);
  await Promise.all(Array.from({ length: 8 }, () => answers("/api/v1/session")));
  expect([await answers("/healthz"), server.child.exitCode]).toEqual([200, null]);
  await postmaster.query(`ALTER ROLE ${LOGIN} CONNECTION LIMIT -1`);
  back["full"] = await until(isBack, 2 * BACK_MS, "it is back");

  expect(Object.entries(back).filter(([, ms]) => ms > BACK_MS)).toEqual([]);
  expect(await server.end("SIGTERM")).toBe(0);
});

test("46: restarted in the middle of transactions, each has happened or is told as away", async () => {
  const where = {
    dataDir: "/nowhere",
    databaseUrl: postmaster.url("product", LOGIN),
    database: { connections: 4, tls: "off", caFile: null } as const,
  };
  const store = await openStore(where, () => undefined);
  const told = { kept: new Set<string>(), away: 0 };
  const add = async (): Promise<void> => {
    const id = makeId(randomBytes);
    try {
      await store.rooms.add({
        ...{ id, name: id, streamName: makeStreamName(randomBytes), passwordHash: "x", colouristId: null },
        ...{ sealedPassword: randomBytes(8), sealedKey: randomBytes(8), keyHash: hashSecret(id) },
        ...{
          createdAt: new Date(),
          expiresAt: null,
          waitingRoom: false,
          watermark: false,
          srtEncrypted: true,
        },
        ...{ autoRecord: false, playout: "lowest", universal: false },
      });
      told.kept.add(id);
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      told.away += 1;
    }
  };
  let isOver = false;
  const writers = Array.from({ length: 4 }, async () => {
    while (!isOver) await add();
  });
  await until(() => told.kept.size > 20, NOTICED_MS, "they write");
  await postmaster.stop("immediate");
  await until(() => told.away > 0, NOTICED_MS, "they are told");
  await postmaster.start();
  const before = told.kept.size;
  const took = await until(() => told.kept.size > before, 2 * BACK_MS, "they write again");
  isOver = true;
  await Promise.all(writers);
  const rooms = new Set((await store.rooms.all()).map(({ id }) => id));
  expect([...told.kept].filter((id) => !rooms.has(id))).toEqual([]);
  expect(took).toBeLessThan(BACK_MS);
  await store.close();
});
