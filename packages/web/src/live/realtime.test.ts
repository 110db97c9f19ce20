import type { ServerMessage } from "@colourstream/contract";
import { expect, test } from "vitest";
import { connectRealtime, type Link, type Socket } from "./realtime.js";
import { createVirtualClock } from "./virtual-clock.js";

function set() {
  const clock = createVirtualClock();
  const sockets: (Socket & { sent: string[] })[] = [];
  const links: Link[] = [];
  const messages: ServerMessage[] = [];
  const realtime = connectRealtime(
    { type: "watch.room", roomId: "r" },
    {
      clock,
      random: () => 0.5,
      open() {
        const sent: string[] = [];
        const socket = {
          readyState: 1,
          sent,
          send: (text: string) => sent.push(text),
          close() {},
          onopen: null,
          onmessage: null,
          onclose: null,
        } as unknown as Socket & { sent: string[] };
        sockets.push(socket);
        return socket;
      },
      onLink: (link) => links.push(link),
      onMessage: (message) => messages.push(message),
    },
  );
  const last = () => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  };
  return { clock, sockets, links, messages, realtime, last };
}

test("the watch is said again after every reconnect", () => {
  const { clock, sockets, links, last } = set();
  last().onopen?.();
  expect(JSON.parse(last().sent[0] ?? "")).toEqual({ type: "watch.room", roomId: "r" });
  last().onclose?.();
  expect(links.at(-1)).toMatchObject({ is: "down", attempt: 1 });
  clock.advance(0);
  expect(sockets).toHaveLength(2);
  last().onopen?.();
  expect(JSON.parse(last().sent[0] ?? "")).toEqual({ type: "watch.room", roomId: "r" });
  expect(links.at(-1)).toEqual({ is: "up" });
});

test("a server that stays away is asked for ever, at most every 6 s", () => {
  const { clock, sockets, last } = set();
  for (let round = 0; round < 50; round++) {
    last().onclose?.();
    const before = sockets.length;
    clock.advance(6_000);
    expect(sockets.length).toBeGreaterThan(before);
  }
});

test("the network's return ends the wait", () => {
  const { clock, sockets, realtime, last } = set();
  for (let round = 0; round < 6; round++) {
    last().onclose?.();
    clock.advance(6_000);
  }
  last().onclose?.();
  const before = sockets.length;
  realtime.retryNow();
  expect(sockets).toHaveLength(before + 1);
});

test("a connection that says nothing for 12 s is given up", () => {
  const { clock, sockets, last } = set();
  last().onopen?.();
  clock.advance(20_000);
  expect(sockets.length).toBeGreaterThan(1);
});

test("clock answers become an offset", () => {
  const { clock, realtime, last } = set();
  last().onopen?.();
  const asked = JSON.parse(last().sent[1] ?? "") as { clientAt: number };
  clock.advance(20);
  last().onmessage?.({
    data: JSON.stringify({ type: "clock", clientAt: asked.clientAt, serverAt: asked.clientAt + 10 + 3_000 }),
  });
  expect(realtime.clock()).toEqual({ offsetMs: 3_000, roundTripMs: 20 });
});

test("nothing is opened after close", () => {
  const { clock, sockets, realtime, last } = set();
  last().onclose?.();
  realtime.close();
  clock.advance(60_000);
  expect(sockets).toHaveLength(1);
});
