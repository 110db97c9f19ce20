import { expect, test, vi } from "vitest";
import { createPresence, type Member, type PresenceNews } from "./presence.js";

const NOW = 1_800_000_000_000;
const VIEWING = { way: "webrtc", latencyMs: 120, latencyFrames: 3, lossPercent: 0, freezes: 0 } as const;
const SILENT = { mic: false, camera: false, screen: false, side: false };

function open() {
  const presence = createPresence({ wallClock: () => NOW });
  const news: PresenceNews[] = [];
  presence.onNews((one) => news.push(one));
  return { presence, news };
}
function member(id: string, more: Partial<Member> = {}): Member {
  return { id, personId: `person of ${id}`, name: "Ada", role: "reviewer", isHost: false, ...more };
}

test("somebody with two pages is one person, who has gone 3 s after the last of them", () => {
  vi.useFakeTimers();
  const { presence, news } = open();
  const [one, two] = [presence.arrive("a", member("ada")), presence.arrive("a", member("ada"))];
  expect(presence.list("a")).toEqual([
    { ...member("ada"), since: NOW, viewing: null, handAt: null, call: null },
  ]);
  one();
  one(); // a second time is nothing
  vi.advanceTimersByTime(10_000);
  expect(presence.find("a", "ada")).not.toBeNull();
  two();
  vi.advanceTimersByTime(2_900);
  expect(presence.find("a", "ada")).not.toBeNull();
  vi.advanceTimersByTime(200);
  expect(presence.list("a")).toEqual([]);
  expect(news.map(({ is }) => is)).toEqual(["other", "gone"]);
  vi.useRealTimers();
});

test("a page that is loaded anew keeps its hand up, its picture and its call, and nobody is told of it", () => {
  vi.useFakeTimers();
  const { presence, news } = open();
  const leave = presence.arrive("a", member("ada"));
  presence.hand("a", "ada", true);
  presence.viewing("a", "ada", VIEWING);
  presence.call("a", "ada", SILENT);
  const before = presence.find("a", "ada");
  news.length = 0;
  leave();
  vi.advanceTimersByTime(2_000);
  presence.arrive("a", member("ada"));
  vi.advanceTimersByTime(10_000);
  expect(presence.find("a", "ada")).toEqual(before);
  expect(before).toMatchObject({ handAt: NOW, viewing: VIEWING, call: SILENT });
  expect(news).toEqual([]);
  vi.useRealTimers();
});

test("every change is told as what it is, and one that changes nothing is not", () => {
  const { presence, news } = open();
  presence.arrive("a", member("ada"));
  presence.hand("a", "ada", true);
  presence.hand("a", "ada", true);
  presence.viewing("a", "ada", null);
  presence.viewing("a", "ada", VIEWING);
  presence.call("a", "ada", SILENT);
  presence.role("a", "ada", "presenter", true);
  presence.arrive("a", member("ada", { name: "Ada L." }));
  presence.hand("a", "nobody", true);
  presence.viewing("b", "ada", VIEWING);
  expect(news.map(({ is }) => is)).toEqual(["other", "other", "views", "other", "other", "other"]);
  expect(news.every(({ roomId, id }) => roomId === "a" && id === "ada")).toBe(true);
  expect(presence.find("a", "ada")).toMatchObject({ name: "Ada L.", role: "reviewer", isHost: false });
});

test("whoever's seat or login ends has gone at once from every room, and what their page does later is nothing", () => {
  const { presence, news } = open();
  const leave = presence.arrive("a", member("olga"));
  presence.arrive("b", member("olga"));
  presence.arrive("b", member("ada"));
  news.length = 0;
  presence.end("olga");
  expect(news).toEqual([
    { roomId: "a", id: "olga", is: "gone" },
    { roomId: "b", id: "olga", is: "gone" },
  ]);
  expect(presence.list("b").map(({ id }) => id)).toEqual(["ada"]);
  leave();
  presence.arrive("a", member("olga"));
  expect(presence.list("a")).toHaveLength(1);
});
