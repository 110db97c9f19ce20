import type { ClientMessage, ServerMessage } from "@colourstream/contract";
import { expect, test } from "vitest";
import { openLine } from "../live/line.js";
import { createVirtualClock } from "../live/virtual-clock.js";
import { frameAllow } from "../pages/review/call/frame-allow.js";
import { parseFrameChoice } from "../pages/review/call/frame-choice.js";
import { createFrameCall } from "./frame-call.js";

const URL_A = "https://video.example.org/join?room=A&token=1";

function set() {
  const clock = createVirtualClock();
  const said: ClientMessage["type"][] = [];
  const end = openLine(({ type }) => said.push(type) > 0);
  end.linkIs(true);
  const call = createFrameCall({ line: end.line, clock });
  const tell = (what: object) => end.hear({ roomId: "room", ...what } as ServerMessage);
  return { clock, call, end, tell, said };
}

test("nobody is in the call unasked; who joins waits, then has MiroTalk's page, and leaves it", () => {
  const { clock, call, tell, said } = set();
  tell({ type: "call.frame", url: URL_A });
  clock.advance(60_000);
  expect([call.view(), said]).toEqual([{ is: "out", ended: null }, []]);
  call.join();
  expect(call.view()).toEqual({ is: "joining" });
  tell({ type: "call.waiting" });
  expect(call.view()).toEqual({ is: "waiting" });
  tell({ type: "call.frame", url: URL_A });
  expect(call.view()).toEqual({ is: "in", url: URL_A });
  call.leave();
  expect([call.view(), said]).toEqual([{ is: "out", ended: "left" }, ["call.join", "call.leave"]]);
  tell({ type: "call.frame", url: URL_A });
  expect(call.view().is).toBe("out");
});

test("no answer is asked for again; a new connection says that the page is in the call", () => {
  const { clock, call, end, tell, said } = set();
  call.join();
  clock.advance(9_000);
  expect(said).toEqual(["call.join", "call.join"]);
  tell({ type: "call.frame", url: URL_A });
  end.linkIs(false);
  end.linkIs(true);
  expect(said).toHaveLength(3);
  clock.advance(60_000);
  expect(said).toHaveLength(3);
});

test("the same meeting under another token is the same page; another meeting is another", () => {
  const { call, tell } = set();
  call.join();
  tell({ type: "call.frame", url: URL_A });
  tell({ type: "call.frame", url: "https://video.example.org/join?room=A&token=2" });
  expect(call.view()).toEqual({ is: "in", url: URL_A });
  const other = "https://video.example.org/join?room=B&token=2";
  tell({ type: "call.frame", url: other });
  expect(call.view()).toEqual({ is: "in", url: other });
});

test("while MiroTalk is away it is asked after 2, 4, 8, 16 and then every 30 s, until it answers or one leaves", () => {
  const { clock, call, tell, said } = set();
  call.join();
  const waits = [2, 4, 8, 16, 30, 30];
  for (const [count, seconds] of waits.entries()) {
    tell({ type: "call.ended", reason: "away" });
    expect(call.view()).toEqual({ is: "out", ended: "away" });
    clock.advance(seconds * 1_000 - 1);
    expect(said).toHaveLength(count + 1);
    clock.advance(1);
    expect(said).toHaveLength(count + 2);
  }
  tell({ type: "call.frame", url: URL_A });
  expect(call.view().is).toBe("in");
  tell({ type: "call.ended", reason: "away" });
  call.leave();
  clock.advance(120_000);
  expect(said.at(-1)).toBe("call.leave");
});

test("who was sent out or is elsewhere now does not come back by themselves", () => {
  const { clock, call, end, tell, said } = set();
  for (const reason of ["removed", "elsewhere", "full"] as const) {
    call.join();
    tell({ type: "call.ended", reason });
    const count = said.length;
    end.linkIs(false);
    end.linkIs(true);
    clock.advance(120_000);
    expect([call.view(), said.length]).toEqual([{ is: "out", ended: reason }, count]);
  }
});

test("each feature is for MiroTalk's origin alone; an observer's page has no device", () => {
  const all = frameAllow(URL_A, "reviewer");
  expect(all.split("; ")).toContain("camera https://video.example.org");
  expect(all.split("; ").every((one) => one.endsWith(" https://video.example.org"))).toBe(true);
  expect(frameAllow(URL_A, "observer")).not.toMatch(/camera|microphone|display-capture/);
  expect(frameAllow(URL_A, "observer")).toMatch(/autoplay https:/);
});

test("what was kept of the frame's size counts, and anything else is as at first", () => {
  expect(parseFrameChoice("large hidden")).toEqual({ size: "large", isHidden: true });
  expect(parseFrameChoice("small")).toEqual({ size: "small", isHidden: false });
  for (const text of ["", "huge", "{}"])
    expect(parseFrameChoice(text)).toEqual({ size: "medium", isHidden: false });
});
