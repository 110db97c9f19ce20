import type { ServerMessage } from "@colourstream/contract";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LiveSession } from "../auth/sessions.js";
import { createPresence, type Member } from "../rooms/presence.js";
import { createPresenceLine } from "./presence.js";
import { createWatchers, type RoomWatcher } from "./watchers.js";

type Told = Extract<ServerMessage, { type: "room.presence" }>;
type Page = { readonly watcher: RoomWatcher; readonly told: Told[]; readonly bytes: number[] };

const VIEWING = { way: "webrtc", latencyMs: 120, latencyFrames: 3, lossPercent: 0, freezes: 0 } as const;
const SESSION: LiveSession = {
  id: "s",
  expiresAt: 0,
  holder: {
    kind: "user",
    user: { id: "u", name: "Olga", role: "owner" },
    stage: "full",
    provedAt: null,
  },
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const presence = createPresence({ wallClock: () => 1 });
  const watchers = createWatchers();
  const line = createPresenceLine({ product: { presence }, watchers, clock: () => Date.now() });
  const come = (id: string, roomId = "a"): Page => {
    const member: Member = { id, personId: id, name: id, role: "reviewer", isHost: false };
    const leave = presence.arrive(roomId, member);
    const [told, bytes]: [Told[], number[]] = [[], []];
    const hear = (text: string): void => {
      told.push(JSON.parse(text) as Told);
      bytes.push(text.length);
    };
    const watcher: RoomWatcher = {
      address: "192.0.2.1",
      origin: null,
      watch: { is: "room", roomId, session: SESSION, member, leave },
      connection: {
        send: (said) => hear(JSON.stringify(said)),
        sendText: (text) => hear(Buffer.from(text).toString()),
        close: () => undefined,
      },
    };
    watchers.add(watcher);
    line.greet(watcher);
    return { watcher, told, bytes };
  };
  return { presence, watchers, line, come };
}
/** Who each message is about. */
const about = ({ told }: Page): string[][] =>
  told.map(({ people, gone }) => [...people.map(({ id }) => id), ...gone.map((id) => `-${id}`)]);

test("whoever comes is told of all at once; the others of those who came within 100 ms in one message, once", () => {
  const { come } = open();
  const ada = come("ada");
  const bob = come("bob");
  vi.advanceTimersByTime(50);
  const cem = come("cem");
  expect(about(ada)).toEqual([["ada"]]);
  vi.advanceTimersByTime(60);
  expect(about(ada)).toEqual([["ada"], ["bob", "cem"]]);
  expect(about(bob)).toEqual([["ada", "bob"], ["cem"]]);
  expect(about(cem)).toEqual([["ada", "bob", "cem"]]);
  expect(cem.told[0]).toMatchObject({ isAll: true, you: "cem" });
  expect(ada.told[1]).toMatchObject({ isAll: false, you: null });
  vi.advanceTimersByTime(10_000);
  expect(about(ada)).toHaveLength(2);
});

test("how they watch is told every 2 s; a hand, a role and a call after 100 ms, with how they watch by then", () => {
  const { come, presence, line } = open();
  const [ada, bob] = [come("ada"), come("bob")];
  vi.advanceTimersByTime(200);
  bob.told.length = 0;
  line.hear(ada.watcher, { type: "presence.viewing", viewing: VIEWING });
  vi.advanceTimersByTime(1_900);
  expect(bob.told).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(bob.told.map(({ people }) => people[0]?.viewing)).toEqual([VIEWING]);

  line.hear(ada.watcher, { type: "presence.viewing", viewing: { ...VIEWING, freezes: 1 } });
  line.hear(ada.watcher, { type: "presence.hand", isUp: true });
  presence.role("a", "ada", "presenter", true);
  vi.advanceTimersByTime(110);
  expect(bob.told).toHaveLength(2);
  expect(bob.told[1]?.people[0]).toMatchObject({ handAt: 1, role: "presenter", viewing: { freezes: 1 } });
  vi.advanceTimersByTime(5_000);
  expect(bob.told).toHaveLength(2); // told once
});

test("a page that tells how it watches too often is not heard, but for that its picture has gone", () => {
  const { come, presence, line } = open();
  const ada = come("ada");
  for (let freezes = 1; freezes <= 50; freezes += 1)
    line.hear(ada.watcher, { type: "presence.viewing", viewing: { ...VIEWING, freezes } });
  expect(presence.find("a", "ada")?.viewing).toMatchObject({ freezes: 1 });
  line.hear(ada.watcher, { type: "presence.viewing", viewing: null });
  expect(presence.find("a", "ada")?.viewing).toBeNull();
  vi.advanceTimersByTime(2_000);
  line.hear(ada.watcher, { type: "presence.viewing", viewing: VIEWING });
  expect(presence.find("a", "ada")?.viewing).toEqual(VIEWING);
});

test("what happens in one room is told in no other, and whoever went is told as gone", () => {
  const { come, watchers } = open();
  const [ada, bob, elsewhere] = [come("ada"), come("bob"), come("eve", "b")];
  vi.advanceTimersByTime(200);
  watchers.remove(bob.watcher);
  vi.advanceTimersByTime(3_200);
  expect(about(ada).at(-1)).toEqual(["-bob"]);
  expect(about(elsewhere)).toEqual([["eve"]]);
});

test("10,000 in a room: one who comes is told in one message, the others in one entry", () => {
  const { come, presence } = open();
  const watching = come("ada");
  const heardBy = Array.from({ length: 4 }, (_, n) => come(`watches ${n}`));
  for (let n = 0; n < 10_000; n += 1)
    presence.arrive("a", { id: `${n}`, personId: `${n}`, name: "Ada", role: "observer", isHost: false });
  vi.advanceTimersByTime(200);
  watching.bytes.length = 0;
  for (const page of heardBy) page.told.length = 0;
  const newcomer = come("new");
  vi.advanceTimersByTime(200);
  expect(newcomer.told).toHaveLength(1);
  expect(newcomer.told[0]?.people).toHaveLength(10_006);
  expect(newcomer.bytes[0]).toBeLessThan(10_006 * 200);
  expect(watching.bytes).toHaveLength(1);
  expect(watching.bytes[0]).toBeLessThan(400);
  for (const page of heardBy) expect(about(page)).toEqual([["new"]]);
});
