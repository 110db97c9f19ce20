import { randomBytes } from "node:crypto";
import type { Sending } from "@colourstream/contract";
import { expect, test } from "vitest";
import { createAlone } from "../../bus/alone.js";
import type { Bus } from "../../bus/bus.js";
import { joinBuses } from "../../testing/pair.js";
import {
  conferenceContract,
  enter,
  memberOf,
  pageOf,
  SILENT,
  toldOf,
  welcomeOf,
} from "../conference.contract.js";
import type { Conference } from "../conference.js";
import { createBuiltinConference } from "./builtin.js";
import { createSharedConference } from "./shared.js";

const over = (bus: Bus): Conference =>
  createSharedConference(
    createBuiltinConference({
      ice: () => ({ ice: [], forMs: 60_000 }),
      random: randomBytes,
      clock: () => performance.now(),
      warn: () => undefined,
    }),
    bus,
  );

conferenceContract("the built-in one over all processes, where there is one", () =>
  over(createAlone("alone")),
);

const OPEN: Sending = { ...SILENT, mic: true };

/** A presenter's page at the first process, a reviewer's at the second, both in the call. */
async function twoProcesses() {
  const lines = joinBuses("one", "two");
  const [one, two] = lines.buses.map(over);
  if (one === undefined || two === undefined) throw new Error("there are two");
  const [host, guest] = [pageOf(memberOf("Pia", "presenter")), pageOf(memberOf("Gus"))];
  const seats = { host: enter(one, host), guest: enter(two, guest) };
  await lines.quiet();
  return { lines, one, two, host, guest, seats };
}

test("pages at two processes are in one call: they signal, and see what each sends", async () => {
  const { lines, host, guest, seats, two } = await twoProcesses();
  expect(welcomeOf(guest).peers.map(({ name }) => name)).toEqual(["Pia"]);
  expect(toldOf(host, "call.joined").map(({ peer }) => peer.name)).toEqual(["Gus"]);

  const signal = { kind: "restart", gen: 3, how: "hard" } as const;
  seats.guest.signal(welcomeOf(host).peerId, signal);
  seats.host.signal(welcomeOf(guest).peerId, signal);
  seats.guest.sending(OPEN);
  await lines.quiet();
  for (const page of [host, guest])
    expect(toldOf(page, "call.signal").map((told) => told.signal)).toEqual([signal]);
  expect(toldOf(host, "call.sending").at(-1)?.sending).toEqual(OPEN);
  expect(two.look("room", ({ name }) => name === "Gus")).toEqual({
    isInCall: true,
    isLive: true,
    mayTalk: true,
  });
});

test("muting, a talk button, a role and being sent out reach a page at whichever process it is", async () => {
  const { lines, one, two, host, guest, seats } = await twoProcesses();
  seats.guest.sending(OPEN);
  seats.host.sending(OPEN);
  await lines.quiet();
  expect(one.mute("room", "seat of Gus", "Pia")?.name).toBe("Gus");
  expect(two.mute("room", "seat of Pia", "Owner")?.name).toBe("Pia");
  expect(two.mute("room", "seat of Nobody", "Owner")).toBeNull();
  await lines.quiet();
  for (const page of [host, guest]) expect(toldOf(page, "call.talk").at(-1)?.press).toBe("mute");

  const press = { press: "down", forMs: 1_000, by: "phone" } as const;
  expect(two.press("room", ({ id }) => id === "seat of Pia", press).isInCall).toBe(true);
  two.roleChanged("room", "seat of Gus", "observer", false);
  await lines.quiet();
  expect(toldOf(host, "call.talk").at(-1)).toMatchObject({ press: "down", by: "phone" });
  expect(toldOf(host, "call.peer").at(-1)?.peer.role).toBe("observer");

  one.end("room", "seat of Gus", false);
  await lines.quiet();
  expect(toldOf(guest, "call.ended").map(({ reason }) => reason)).toEqual(["removed"]);
  expect(toldOf(host, "call.left").map(({ reason }) => reason)).toEqual(["removed"]);
});

test("the process that ran the calls is killed: the next one goes on with the same places, its own pages unasked", async () => {
  const { lines, two, host, guest, seats } = await twoProcesses();
  const [hostBefore, guestBefore] = [welcomeOf(host), welcomeOf(guest)];
  seats.guest.sending(OPEN);
  await lines.quiet();
  lines.kill("one");
  await lines.quiet();
  expect(welcomeOf(guest)).toMatchObject({ isResumed: true, peerId: guestBefore.peerId });
  expect(welcomeOf(guest).peers).toMatchObject([{ peerId: hostBefore.peerId, isAway: true }]);

  const again = pageOf(host.member); // the presenter's page comes back, to the process that is left
  enter(two, again, hostBefore.resume);
  expect(welcomeOf(again)).toMatchObject({ isResumed: true, peerId: hostBefore.peerId });
  expect(welcomeOf(again).peers).toMatchObject([
    { peerId: guestBefore.peerId, sending: OPEN, isAway: false },
  ]);
  expect(toldOf(guest, "call.away").at(-1)).toMatchObject({ peerId: hostBefore.peerId, isAway: false });
  const stranger = pageOf(memberOf("Eve"));
  enter(two, stranger, hostBefore.resume);
  expect(welcomeOf(stranger).isResumed).toBe(false);
});

test("a process that died takes its pages' connections with it, not their places", async () => {
  const { lines, one, host, guest } = await twoProcesses();
  const before = welcomeOf(guest);
  lines.kill("two");
  await lines.quiet();
  expect(toldOf(host, "call.away").at(-1)).toMatchObject({ peerId: before.peerId, isAway: true });
  const again = pageOf(guest.member);
  enter(one, again, before.resume);
  expect(welcomeOf(again)).toMatchObject({ isResumed: true, peerId: before.peerId });
});

test("a line to the database that breaks and comes back leaves everybody in the call", async () => {
  const { lines, host, guest, seats } = await twoProcesses();
  const peerId = welcomeOf(guest).peerId;
  lines.cut("two");
  await lines.quiet();
  lines.heal("two");
  await lines.quiet();
  expect(welcomeOf(guest)).toMatchObject({ isResumed: true, peerId });
  seats.guest.sending(OPEN);
  await lines.quiet();
  expect(toldOf(host, "call.sending").at(-1)?.sending).toEqual(OPEN);
  expect(toldOf(guest, "call.ended")).toEqual([]);
});
