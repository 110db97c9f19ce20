import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openBusLine } from "../store/bus-line.js";
import { openPool, storeOver } from "../store/store.js";
import { makePostmaster, type Postmaster } from "../testing/postmaster.js";
import { until } from "../testing/process.js";
import type { Said } from "./bus.js";
import { createPostgresBus, type PostgresBus } from "./postgres.js";

const WITHIN_MS = 20_000; // what takes a second alone, on a machine that is busy with other tests
const database = { connections: 4, tls: "off", caFile: null } as const;

vi.setConfig({ testTimeout: 90_000 });

let postmaster: Postmaster;
beforeAll(async () => {
  postmaster = await makePostmaster();
  const where = { dataDir: "/nowhere", databaseUrl: postmaster.url(), database };
  const { pool, close } = await openPool(where, () => undefined);
  await (await storeOver(pool, close)).close();
});
afterAll(() => postmaster.close());

type Told = {
  readonly bus: PostgresBus;
  readonly heard: Said[];
  readonly told: string[];
  readonly warned: string[];
};

/** A process that has begun, and writes down what it hears; on a database where no other test speaks. */
async function open(self: string, mayBeFirst = true, name = "postgres"): Promise<Told> {
  const heard: Said[] = [];
  const told: string[] = [];
  const warned: string[] = [];
  const bus = createPostgresBus({
    self,
    open: (news) => openBusLine({ databaseUrl: postmaster.url(name), database }, news),
    clock: () => performance.now(),
    mayBeFirst,
    warn: (message) => warned.push(message),
  });
  bus.hear("room", (what) => heard.push(what));
  bus.onOther((id, is) => told.push(`${id} ${is}`));
  bus.onGap(() => told.push("gap"));
  bus.onFirst((isFirst) => told.push(isFirst ? "first" : "not first"));
  await bus.connect();
  bus.begin();
  return { bus, heard, told, warned };
}

const endConnections = (): Promise<unknown> =>
  postmaster.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'colourstream bus'",
  );

test("what is said is heard once, in order, by the others alone: short and long, one and a thousand", async () => {
  const [one, two] = [await open("one"), await open("two")];
  await until(
    () => one.bus.others().length + two.bus.others().length === 2,
    WITHIN_MS,
    "they know each other",
  );
  const long = "ä\u0000\ud83c\udfac'".repeat(3_000);
  const expected: Said[] = [];
  for (let n = 0; n < 1_000; n += 1) {
    const what = n % 100 === 7 ? { n, long } : n % 10 === 3 ? { n, some: "x".repeat(700) } : n;
    expected.push(what);
    one.bus.say("room", what);
  }
  await until(() => two.heard.length >= 1_000, WITHIN_MS, "all is heard");
  expect(two.heard).toEqual(expected);
  expect(one.heard).toEqual([]);
  expect([one.bus.counts().said, two.bus.counts().heard, two.bus.counts().gaps]).toEqual([1_000, 1_000, 0]);
  expect(() => one.bus.say("room", "x".repeat(65 * 1024))).toThrow("65536 are the most");

  // What is not ours disturbs nothing.
  for (const text of [
    "",
    "{}",
    "[1]",
    '{"is":"said","from":"x","seq":-1,"said":[]}',
    '{"is":"here","from":"?","seq":1}',
  ])
    await postmaster.query(`SELECT pg_notify('colourstream', '${text}')`);
  one.bus.say("room", "after it");
  await until(() => two.heard.length > 1_000, WITHIN_MS, "it goes on");
  expect([two.heard.at(-1), two.bus.counts().dropped, two.told]).toEqual(["after it", 5, ["one here"]]);
  await Promise.all([one.bus.close(), two.bus.close()]);
});

test("one is the first; another takes over when it says goodbye or is cut off, and never beside it", async () => {
  const [one, two, command] = [await open("one"), await open("two"), await open("cmd", false)];
  const firsts = () => [one, two, command].filter(({ bus }) => bus.isFirst()).map(({ bus }) => bus.self);
  expect([firsts(), one.told]).toEqual([["one"], expect.arrayContaining(["first"])]);
  await until(() => two.bus.others().length === 2, WITHIN_MS, "they know each other");

  await one.bus.close();
  await until(() => two.bus.isFirst(), WITHIN_MS, "the second takes over");
  expect(two.told).toEqual(expect.arrayContaining(["one gone", "first"]));
  expect(two.told).not.toContain("gap");

  let both = 0;
  const three = await open("three");
  const watch = setInterval(() => {
    if (two.bus.isFirst() && three.bus.isFirst()) both += 1;
  }, 1);
  await endConnections();
  await until(() => two.told.includes("not first"), WITHIN_MS, "who was first is so no more");
  await until(() => two.bus.isFirst() !== three.bus.isFirst(), WITHIN_MS, "one is first again");
  await until(() => two.told.includes("gap"), WITHIN_MS, "it has missed something");
  await until(() => three.told.includes("gap"), WITHIN_MS, "both have missed something");
  clearInterval(watch);
  expect([both, two.bus.counts().reconnects, three.bus.counts().reconnects]).toEqual([0, 1, 1]);
  two.bus.say("room", "again");
  await until(() => three.heard.includes("again"), WITHIN_MS, "they hear each other again");
  expect(two.warned.slice(0, 2)).toEqual([
    "the server processes cannot hear each other: the database is away",
    "the server processes hear each other again",
  ]);
  await Promise.all([two, three, command].map(({ bus }) => bus.close()));
});

test.concurrent("a first one that is held up makes way for another, and knows it before it does anything", async () => {
  await postmaster.query("CREATE DATABASE held");
  let heldUp = 0;
  const held = createPostgresBus({
    self: "held",
    open: async (news) => {
      const line = await openBusLine({ databaseUrl: postmaster.url("held"), database }, news);
      // As a process that is stopped: it asks for nothing more, and its connection stays.
      const never = (): Promise<never> => new Promise(() => undefined);
      return {
        ...line,
        notify: (notice) => (heldUp > 0 ? never() : line.notify(notice)),
        end: () => undefined,
      };
    },
    clock: () => performance.now() + heldUp,
    mayBeFirst: true,
    warn: () => undefined,
  });
  await held.connect();
  held.begin();
  expect(held.isFirst()).toBe(true);
  const other = await open("other", true, "held");
  expect(other.bus.isFirst()).toBe(false);
  heldUp = 10_000; // when it is woken, its clock has gone on
  expect(held.isFirst()).toBe(false);
  await until(() => other.bus.isFirst(), WITHIN_MS, "another one is first");
  await Promise.all([held.close(), other.bus.close()]);
});

test.concurrent("a process that ends without a goodbye is gone after three seconds, and leaves a gap", async () => {
  await postmaster.query("CREATE DATABASE silent");
  const one = await open("one", true, "silent");
  const line = await openBusLine(
    { databaseUrl: postmaster.url("silent"), database },
    { onNotice: () => undefined, onLost: () => undefined },
  );
  await line.notify('{"is":"hello","from":"two","seq":0}');
  await until(() => one.told.includes("two here"), WITHIN_MS, "it is here");
  expect(one.told).not.toContain("gap");
  // It said three things of which one never came.
  await line.notify('{"is":"said","from":"two","seq":1,"said":[["room","a"]]}');
  await line.notify('{"is":"said","from":"two","seq":3,"said":[["room","c"]]}');
  await line.notify('{"is":"said","from":"two","seq":3,"said":[["room","c"]]}');
  await until(() => one.told.includes("gap"), WITHIN_MS, "what is missing is noticed");
  expect(one.heard).toEqual(["a", "c"]);
  line.end();
  await until(() => one.told.includes("two gone"), WITHIN_MS, "it is gone");
  await until(
    () => one.told.filter((what) => what === "gap").length === 2,
    WITHIN_MS,
    "it may have left something unsaid",
  );
  await one.bus.close();
});

test("while the database is away nothing is kept for later, and the others learn that they missed something", async () => {
  const [one, two] = [await open("one"), await open("two")];
  await until(() => two.bus.others().includes("one"), WITHIN_MS, "they know each other");
  await postmaster.stop("immediate");
  await until(() => one.warned.length > 0 && two.warned.length > 0, WITHIN_MS, "both notice");
  for (let n = 0; n < 10_000; n += 1) one.bus.say("room", n);
  expect([one.bus.isFirst(), two.bus.isFirst()]).toEqual([false, false]);
  await postmaster.start();
  await until(() => one.told.includes("gap") && two.told.includes("gap"), WITHIN_MS, "both read anew");
  one.bus.say("room", "new");
  await until(() => two.heard.includes("new"), WITHIN_MS, "they hear each other");
  expect(two.heard).toEqual(["new"]);
  await Promise.all([one.bus.close(), two.bus.close()]);
});
