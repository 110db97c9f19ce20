import type { Viewing } from "@colourstream/contract";
import { afterEach, expect, test, vi } from "vitest";
import { type BusLines, joinBuses } from "../testing/pair.js";
import { createPresence, type Member, type PresenceNews } from "./presence.js";
import { createSharedPresence } from "./shared-presence.js";

afterEach(() => vi.useRealTimers());

const member = (name: string): Member => ({
  id: `seat-${name}`,
  personId: `person-${name}`,
  name,
  role: "reviewer",
  isHost: false,
});
const VIEWING: Viewing = { way: "webrtc", latencyMs: 80, latencyFrames: 2, lossPercent: 0, freezes: 0 };

/** Two processes, and what each was told. */
function twoProcesses(lines: BusLines = joinBuses("one", "two")) {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const [one, two] = lines.buses.map((bus) => {
    const own = createPresence({ wallClock: () => Date.now() });
    const presence = createSharedPresence(own, bus);
    const news: PresenceNews[] = [];
    presence.onNews((told) => news.push(told));
    return { presence, news, names: () => presence.list("room").map(({ name }) => name) };
  });
  if (one === undefined || two === undefined) throw new Error("there are two");
  return { lines, one, two };
}

test("whoever is at one process is in the room at the other, with hand, call and role, until they go", async () => {
  const { lines, one, two } = twoProcesses();
  const leave = one.presence.arrive("room", member("Ana"));
  two.presence.arrive("room", member("Ben"));
  await lines.quiet();
  expect([one.names().sort(), two.names().sort()]).toEqual([
    ["Ana", "Ben"],
    ["Ana", "Ben"],
  ]);
  expect(two.news).toContainEqual({ roomId: "room", id: "seat-Ana", is: "other" });

  two.presence.hand("room", "seat-Ana", true); // a host's request came to the other process
  one.presence.role("room", "seat-Ana", "presenter", true);
  one.presence.call("room", "seat-Ana", { mic: true, camera: false, screen: false, side: false });
  await lines.quiet();
  const seen = two.presence.find("room", "seat-Ana");
  expect(seen).toMatchObject({ role: "presenter", isHost: true, call: { mic: true } });
  expect(seen?.handAt).toBeTypeOf("number");

  leave();
  vi.advanceTimersByTime(3_000);
  await lines.quiet();
  expect(two.names()).toEqual(["Ben"]);
  expect(two.news.at(-1)).toEqual({ roomId: "room", id: "seat-Ana", is: "gone" });
});

test("how people watch is told every 2 s, and as that alone", async () => {
  const { lines, one, two } = twoProcesses();
  one.presence.arrive("room", member("Ana"));
  await lines.quiet();
  two.news.length = 0;
  for (const latencyMs of [80, 90, 100]) one.presence.viewing("room", "seat-Ana", { ...VIEWING, latencyMs });
  await lines.quiet();
  expect(two.news).toEqual([]);
  vi.advanceTimersByTime(2_000);
  await lines.quiet();
  expect(two.news).toEqual([{ roomId: "room", id: "seat-Ana", is: "views" }]);
  expect(two.presence.find("room", "seat-Ana")?.viewing?.latencyMs).toBe(100);
});

test("somebody with pages at both is one person, and has gone with the last page", async () => {
  const { lines, one, two } = twoProcesses();
  const [leaveOne, leaveTwo] = [one, two].map(({ presence }) => presence.arrive("room", member("Ana")));
  await lines.quiet();
  expect([one.names(), two.names()]).toEqual([["Ana"], ["Ana"]]);
  leaveOne?.();
  vi.advanceTimersByTime(3_000);
  await lines.quiet();
  expect([one.names(), two.names()]).toEqual([["Ana"], ["Ana"]]);
  leaveTwo?.();
  vi.advanceTimersByTime(3_000);
  await lines.quiet();
  expect([one.names(), two.names()]).toEqual([[], []]);
});

test("who was at a process that died stays for 3 s: their page is at another one by then", async () => {
  const { lines, one, two } = twoProcesses();
  for (const name of ["Ana", "Cem"]) one.presence.arrive("room", member(name));
  await lines.quiet();
  lines.kill("one");
  await lines.quiet();
  expect(two.names()).toEqual(["Ana", "Cem"]);
  two.presence.arrive("room", member("Ana"));
  two.news.length = 0;
  vi.advanceTimersByTime(3_000);
  expect(two.names()).toEqual(["Ana"]);
  expect(two.news.filter(({ is }) => is === "gone").map(({ id }) => id)).toEqual(["seat-Cem"]);
});

test("after a gap each knows again who is there, more people than one message holds", async () => {
  const { lines, one, two } = twoProcesses();
  const leave = one.presence.arrive("room", member("Gone"));
  await lines.quiet();
  lines.cut("two");
  await lines.quiet();
  leave();
  vi.advanceTimersByTime(3_000);
  for (let at = 0; at < 40; at += 1) one.presence.arrive("room", member(`P${at}`));
  two.presence.arrive("room", member("Ben"));
  await lines.quiet();
  expect(two.names()).not.toContain("P1");
  lines.heal("two");
  await lines.quiet();
  expect(two.names()).toHaveLength(41);
  expect(one.names().sort()).toEqual(two.names().sort());
  expect(two.names()).not.toContain("Gone");
});
