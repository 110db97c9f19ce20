import { expect, test } from "vitest";
import { createVirtualClock } from "../live/virtual-clock.js";
import { createTalk } from "./talk.js";

function set({ isRefused = false } = {}) {
  const clock = createVirtualClock();
  const asked: boolean[] = [];
  const talk = createTalk({
    clock,
    setMic: async (isOn) => {
      asked.push(isOn);
      return isOn && !isRefused;
    },
  });
  return { clock, asked, talk };
}
const remote = (press: "down" | "up" | "toggle" | "mute", forMs = 3_000, by = "phone") => ({
  press,
  forMs,
  by,
});

test("a held key opens the microphone until it is let go", () => {
  const { asked, talk } = set();
  talk.hold("key");
  talk.hold("key");
  expect(talk.view()).toMatchObject({ isOpen: true, heldBy: ["key"], isLatched: false });
  talk.release("key");
  expect(asked).toEqual([true, false]);
});

test("it stays open while any of several holds it, and while it is latched", () => {
  const { asked, talk } = set();
  talk.hold("key");
  talk.remote(remote("down"));
  talk.release("key");
  talk.toggle();
  talk.remote(remote("up"));
  expect(asked).toEqual([true]);
  talk.toggle();
  expect(asked).toEqual([true, false]);
});

test("a phone that falls silent holds it for as long as it said, and no longer", () => {
  const { clock, asked, talk } = set();
  talk.remote(remote("down"));
  clock.advance(2_000);
  talk.remote(remote("down"));
  clock.advance(2_999);
  expect(asked).toEqual([true]);
  clock.advance(1);
  expect(asked).toEqual([true, false]);
});

test("in the suite the page's switch asks first; a phone's latch does not", () => {
  const { asked, talk } = set();
  talk.setSuite(true);
  talk.toggle();
  expect(talk.view()).toMatchObject({ isOpen: false, asksToLatch: true });
  talk.toggle();
  expect(talk.view().asksToLatch).toBe(false);
  talk.toggle();
  talk.latch(true);
  expect(talk.view()).toMatchObject({ isOpen: true, isLatched: true, asksToLatch: false });
  talk.toggle();
  talk.remote(remote("toggle"));
  expect(asked).toEqual([true, false, true]);
});

test("going over to the suite closes a latched microphone", () => {
  const { asked, talk } = set();
  talk.toggle();
  talk.setSuite(true);
  expect(asked).toEqual([true, false]);
});

test("after a mute, what still holds it opens nothing until it was let go", () => {
  const { clock, asked, talk } = set();
  talk.toggle();
  talk.hold("key");
  talk.remote(remote("down"));
  talk.remote(remote("mute", 0, "Ana"));
  expect(talk.view()).toMatchObject({ isOpen: false, isLatched: false, heldBy: [] });
  talk.remote(remote("down")); // the phone repeats each second
  talk.hold("key");
  expect(asked).toEqual([true, false]);
  talk.release("key");
  talk.hold("key");
  expect(asked).toEqual([true, false, true]);
  talk.release("key");
  clock.advance(3_000); // the phone was put down
  talk.remote(remote("down"));
  expect(asked).toEqual([true, false, true, false, true]);
});

test("a page that is left lets go of its own key and button, not of a phone", () => {
  const { talk } = set();
  talk.hold("key");
  talk.hold("pointer");
  talk.remote(remote("down"));
  talk.pageLeft();
  expect(talk.view()).toMatchObject({ isOpen: true, heldBy: ["phone"] });
});

test("a refused microphone leaves no switch on", async () => {
  const { talk } = set({ isRefused: true });
  talk.toggle();
  await Promise.resolve();
  await Promise.resolve();
  expect(talk.view()).toMatchObject({ isOpen: false, isLatched: false });
});

test("a microphone that closed by itself is not wanted open; one that is still opening is", () => {
  const { talk } = set();
  talk.toggle();
  talk.micIs(false);
  expect(talk.view().isOpen).toBe(true);
  talk.micIs(true);
  talk.micIs(false);
  expect(talk.view().isOpen).toBe(false);
});
