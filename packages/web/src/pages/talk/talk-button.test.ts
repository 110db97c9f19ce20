import type { Talk, TalkPress } from "@colourstream/contract";
import { expect, test } from "vitest";
import { ApiProblem } from "../../api/call.js";
import { createVirtualClock } from "../../live/virtual-clock.js";
import { createTalkButton, HELD_FOR_MS } from "./talk-button.js";

const TALK: Talk = {
  roomName: "Northern Light",
  name: "Cora",
  isInCall: true,
  isLive: false,
  mayTalk: true,
  isHost: true,
};

/** A server with a page on a computer behind it, whose microphone does as it is told after a while. */
function set({ takesMs = 100, opensAfterMs = 250 } = {}) {
  const clock = createVirtualClock();
  const at = {
    talk: TALK,
    said: [] as TalkPress[],
    problem: null as ApiProblem | null,
    /** Answers nothing at all. */
    isSilent: false,
    openUntil: 0,
    closed: 0,
  };
  const isLive = () => clock.now() < at.openUntil;
  const hears = (press: TalkPress, forMs: number) => {
    if (press === "down") {
      const told = clock.now();
      clock.after(opensAfterMs, () => {
        if (at.closed < told) at.openUntil = told + forMs;
      });
    }
    if (press === "hold" && isLive()) at.openUntil = clock.now() + forMs;
    if (press === "up" || press === "mute") {
      at.openUntil = 0;
      at.closed = clock.now();
    }
  };
  const button = createTalkButton({
    clock,
    ask: (press, forMs, signal) =>
      new Promise<Talk>((resolve, reject) => {
        at.said.push(press);
        signal.addEventListener("abort", () => reject(signal.reason));
        if (at.isSilent) return;
        clock.after(takesMs, () => {
          if (signal.aborted) return;
          if (at.problem !== null) reject(at.problem);
          else {
            hears(press, forMs);
            resolve({ ...at.talk, isLive: isLive() });
          }
        });
      }),
  });
  const after = async (ms: number) => {
    for (let gone = 0; gone < ms; gone += 10) {
      clock.advance(10);
      for (let turns = 0; turns < 4; turns++) await Promise.resolve();
    }
  };
  const forget = () => at.said.splice(0);
  return { clock, button, at, after, forget, isLive };
}

test("it asks how things are once a second, and not at all while nobody looks", async () => {
  const { button, at, after, forget } = set();
  await after(3_500);
  expect(button.view()).toMatchObject({ is: "on", talk: TALK, isAway: false });
  expect(forget().length).toBeGreaterThanOrEqual(3);
  button.show(false);
  await after(500);
  forget();
  await after(5_000);
  expect(at.said).toEqual([]);
  button.show(true);
  await after(150);
  expect(at.said).toEqual(["look"]);
});

test("held, it says down once and hold while it is held; released, up at once, and the microphone has closed", async () => {
  const { button, at, after, forget, isLive } = set();
  await after(500);
  forget();
  button.hold(true);
  await after(600);
  expect(isLive()).toBe(true);
  expect(button.view().talk?.isLive).toBe(true);
  await after(2 * HELD_FOR_MS);
  expect(isLive()).toBe(true);
  expect(at.said[0]).toBe("down");
  expect(new Set(at.said.slice(1))).toEqual(new Set(["hold"]));
  forget();
  button.hold(false);
  await after(300);
  expect(at.said[0]).toBe("up");
  expect(isLive()).toBe(false);
});

test("pressed and released at once, up comes after down", async () => {
  const { button, after, forget, isLive } = set();
  await after(500);
  forget();
  button.hold(true);
  button.hold(false);
  await after(1_000);
  const said = forget().filter((press) => press !== "look");
  expect(said).toEqual(["down", "up"].slice(2 - said.length)); // or up alone, when nothing had been said yet
  expect(isLive()).toBe(false);
});

test("what was closed at the other end stays closed, and the button says so", async () => {
  const { button, at, after, isLive } = set();
  await after(500);
  button.stayOn(true);
  await after(1_000);
  expect(isLive()).toBe(true);
  at.openUntil = 0; // a host
  await after(3_000);
  expect(isLive()).toBe(false);
  expect(button.view()).toMatchObject({ staysOn: false, wasClosed: true });
  button.hold(true);
  await after(1_000);
  expect(isLive()).toBe(true);
  expect(button.view().wasClosed).toBe(false);
});

test("without a connection it says so, the microphone closes by itself, and nothing opens it again unasked", async () => {
  const { button, at, after, isLive } = set();
  await after(500);
  button.stayOn(true);
  await after(1_000);
  at.isSilent = true;
  await after(HELD_FOR_MS + 3_000);
  expect(isLive()).toBe(false);
  expect(button.view()).toMatchObject({ isAway: true, staysOn: true });
  at.isSilent = false;
  await after(3_000);
  expect(button.view()).toMatchObject({ isAway: false, staysOn: false, wasClosed: true });
  expect(isLive()).toBe(false);
});

test("an up that was lost is said again until it is heard", async () => {
  const { button, at, after, forget, isLive } = set();
  await after(500);
  button.hold(true);
  await after(1_000);
  at.problem = new ApiProblem("offline", "", 0, null);
  button.hold(false);
  await after(1_000);
  forget();
  at.problem = null;
  await after(400);
  expect(at.said[0]).toBe("up");
  expect(isLive()).toBe(false);
});

test("a page that is put away lets go", async () => {
  const { button, at, after, forget, isLive } = set();
  await after(500);
  button.stayOn(true);
  await after(1_000);
  forget();
  button.show(false);
  await after(1_500);
  expect(at.said.filter((press) => press !== "hold")).toEqual(["up"]);
  expect(isLive()).toBe(false);
});

test("held and not opened within 2.5 s, it says that it takes long", async () => {
  const { button, after } = set({ opensAfterMs: 60_000 });
  await after(500);
  button.hold(true);
  await after(2_000);
  expect(button.view().isSlow).toBe(false);
  await after(2_000);
  expect(button.view()).toMatchObject({ isSlow: true, isHeld: true });
});

test("while none of theirs is in the call nothing can be held", async () => {
  const { button, at, after } = set();
  await after(500);
  at.talk = { ...TALK, isInCall: false };
  button.stayOn(true);
  await after(500);
  expect(button.view()).toMatchObject({ staysOn: false, wasClosed: false });
});

test("an ended link ends it: nothing more is asked", async () => {
  const { button, at, after, forget } = set();
  await after(500);
  at.problem = new ApiProblem("talk_link_wrong", "", 401, null);
  await after(1_500);
  expect(button.view()).toMatchObject({ is: "ended", talk: null });
  forget();
  await after(5_000);
  button.hold(true);
  await after(1_000);
  expect(at.said).toEqual([]);
});

test("mute-all is asked once and its end is told; a refusal is no lost connection", async () => {
  const { button, at, after, forget } = set();
  await after(500);
  forget();
  button.muteAll();
  await after(1_000);
  expect(at.said.filter((press) => press === "mute-all")).toHaveLength(1);
  expect(button.view().mutedAll).toBe("done");
  await after(5_000);
  expect(button.view().mutedAll).toBe("no");
  at.problem = new ApiProblem("not_allowed", "", 403, null);
  button.muteAll();
  await after(250);
  expect(button.view()).toMatchObject({ mutedAll: "failed", isAway: false });
});

test("mute closes what was opened elsewhere", async () => {
  const { button, at, after, isLive } = set();
  at.openUntil = Number.MAX_SAFE_INTEGER; // at the computer
  await after(500);
  expect(button.view().talk?.isLive).toBe(true);
  button.mute();
  await after(600);
  expect(isLive()).toBe(false);
  expect(button.view()).toMatchObject({ isHeld: false, talk: { isLive: false } });
});

test("closed, it asks nothing more", async () => {
  const { button, at, after, forget } = set();
  await after(1_050);
  button.close();
  forget();
  await after(3_000);
  expect(at.said).toEqual([]);
});
