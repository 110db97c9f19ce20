import type { ClientMessage, Sending, ServerMessage } from "@colourstream/contract";
import { expect, test } from "vitest";
import { openLine } from "../live/line.js";
import { createVirtualClock } from "../live/virtual-clock.js";
import { type Call, createCall } from "./call.js";
import { DeviceError, type Devices } from "./devices.js";

const ROOM = "room";
const HOUR_MS = 3_600_000;
type Heard<T extends ServerMessage["type"]> = Omit<Extract<ServerMessage, { type: T }>, "type" | "roomId">;

const refused = () => Promise.reject(new DeviceError("not-allowed", null));
const NO_DEVICES: Devices = {
  list: async () => ({ mics: [], cameras: [], speakers: [] }),
  onChange: () => () => undefined,
  ...{ openMic: refused, openCamera: refused, openScreen: refused },
};

/** A page alone in the call: without another there is no connection to make. */
function set({ isHost = false } = {}) {
  const clock = createVirtualClock();
  const said: ClientMessage[] = [];
  const end = openLine((message) => said.push(message) > 0);
  end.linkIs(true);
  const call: Call = createCall({
    ...{ line: end.line, devices: NO_DEVICES, clock, wallNow: clock.now },
    isHost: () => isHost,
  });
  const tell = <T extends ServerMessage["type"]>(type: T, what: Heard<T>) =>
    end.hear({ type, roomId: ROOM, ...what } as unknown as ServerMessage);
  const welcome = (resume: string, isResumed = false) =>
    tell("call.welcome", {
      ...{ peerId: "self", resume, isResumed, peers: [] },
      ...{ ice: [], iceForMs: HOUR_MS },
    });
  const saidOf = (type: ClientMessage["type"]) => said.filter((message) => message.type === type);
  return { clock, call, end, tell, welcome, saidOf };
}

test("joining opens nothing and says that it comes anew; the answer makes it in", () => {
  const { call, welcome, saidOf } = set();
  expect(call.view()).toMatchObject({ is: "out", ended: null, peers: [] });
  call.join();
  call.join();
  expect(saidOf("call.join")).toEqual([{ type: "call.join", resume: null }]);
  expect(call.view().is).toBe("joining");
  welcome("first");
  expect(call.view()).toMatchObject({ is: "in", isAway: false });
});

test("who gets no answer asks again", () => {
  const { clock, call, welcome, saidOf } = set();
  call.join();
  clock.advance(9_000);
  expect(saidOf("call.join")).toHaveLength(2);
  welcome("first");
  clock.advance(60_000);
  expect(saidOf("call.join")).toHaveLength(2);
});

test("back on the line it asks for its place by the last word that it was given", () => {
  const { call, end, welcome, saidOf } = set();
  call.join();
  welcome("first");
  end.linkIs(false);
  expect(call.view()).toMatchObject({ is: "in", isAway: true });
  end.linkIs(true);
  welcome("second", true);
  end.linkIs(false);
  end.linkIs(true);
  expect(saidOf("call.join").map((message) => "resume" in message && message.resume)).toEqual([
    null,
    "first",
    "second",
  ]);
});

test("new credentials are asked for when four fifths of their time have passed", () => {
  const { clock, call, tell, welcome, saidOf } = set();
  call.join();
  welcome("first");
  clock.advance(0.8 * HOUR_MS - 100);
  expect(saidOf("call.ice")).toHaveLength(0);
  clock.advance(200);
  expect(saidOf("call.ice")).toHaveLength(1);
  tell("call.ice", { ice: [], iceForMs: HOUR_MS });
  clock.advance(0.8 * HOUR_MS - 1_000);
  expect(saidOf("call.ice")).toHaveLength(1);
});

test.each(["full", "removed", "elsewhere", "lost"] as const)("%s is out, and may join again", (reason) => {
  const { call, tell, welcome, saidOf } = set();
  call.join();
  welcome("first");
  tell("call.ended", { reason });
  expect(call.view()).toMatchObject({ is: "out", ended: reason });
  call.join();
  expect(saidOf("call.join").at(-1)).toEqual({ type: "call.join", resume: null });
});

test("who leaves says so once, and nothing more is asked in their name", () => {
  const { clock, call, end, welcome, saidOf } = set();
  call.join();
  welcome("first");
  call.leave();
  call.leave();
  end.linkIs(false);
  end.linkIs(true);
  clock.advance(2 * HOUR_MS);
  expect(saidOf("call.leave")).toHaveLength(1);
  expect(saidOf("call.join")).toHaveLength(1);
  expect(saidOf("call.ice")).toHaveLength(0);
  expect(call.view()).toMatchObject({ is: "out", ended: null });
});

test("the side is the client's: who hosts the room has none, and who becomes a host leaves it", () => {
  const guest = set();
  const sides = () =>
    guest.saidOf("call.sending").map((message) => "sending" in message && (message.sending as Sending).side);
  guest.call.join();
  guest.welcome("first");
  guest.clock.advance(0);
  guest.call.setSide(true);
  guest.tell("seat.role", { role: "presenter", isHost: true });
  expect(sides()).toEqual([false, true, false]);
  const host = set({ isHost: true });
  host.call.join();
  host.welcome("first");
  host.call.setSide(true);
  expect(host.call.view().self.sending.side).toBe(false);
});

test("buttons elsewhere are passed on to whoever listens", () => {
  const { call, tell, welcome } = set();
  const presses: unknown[] = [];
  const end = call.onRemotePress((press) => presses.push(press));
  call.join();
  welcome("first");
  tell("call.talk", { press: "down", forMs: 3_000, by: "phone" });
  tell("call.talk", { press: "mute", forMs: 0, by: "Ana" });
  end();
  tell("call.talk", { press: "up", forMs: 0, by: "phone" });
  expect(presses).toEqual([
    { press: "down", forMs: 3_000, by: "phone" },
    { press: "mute", forMs: 0, by: "Ana" },
  ]);
  expect(call.view().mutedBy).toBeNull(); // it was closed already
});

test("a refused device is said with why, and outside the call nothing is asked for", async () => {
  const { call, welcome } = set();
  await call.setMic(true);
  expect(call.view().self.problem).toBeNull();
  call.join();
  welcome("first");
  await call.setMic(true);
  expect(call.view().self).toMatchObject({
    problem: { device: "mic", why: "not-allowed" },
    sending: { mic: false },
  });
});

test("its view is the same object until something changes", () => {
  const { call, clock, welcome } = set();
  call.join();
  welcome("first");
  clock.advance(1_000);
  const before = call.view();
  clock.advance(60_000);
  expect(call.view()).toBe(before);
});
