import { randomBytes } from "node:crypto";
import { CALL_PLACE_KEPT_MS, type Signal } from "@colourstream/contract";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  conferenceContract,
  enter,
  memberOf,
  pageOf,
  SILENT,
  type TestPage,
  toldOf,
  welcomeOf,
} from "../conference.contract.js";
import { createBuiltinConference } from "./builtin.js";

const ICE = [{ urls: ["stun:192.0.2.1:3478"] }];
const OFFER: Signal = { kind: "restart", gen: 0, how: "ice" };

const warnings: string[] = [];
function open() {
  return createBuiltinConference({
    ice: (id, origin) => ({
      ice: [...ICE, { urls: [`turn:${id}`], username: String(origin) }],
      forMs: 60_000,
    }),
    random: randomBytes,
    clock: () => performance.now(),
    warn: (message) => warnings.push(message),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  warnings.length = 0;
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0); // nothing is left behind
  vi.useRealTimers();
});

conferenceContract("the built-in mesh", open);

const reviewers = (count: number): TestPage[] =>
  Array.from({ length: count }, (_, n) => pageOf(memberOf(`Reviewer ${n}`)));

test("one who joins is told of those who are there and gets servers to connect with; they are told of the one", () => {
  const conference = open();
  const [first, second] = [pageOf(memberOf("Pia", "presenter")), pageOf(memberOf("Gus"))];
  enter(conference, first).sending({ mic: true, camera: false, screen: false, side: true });
  enter(conference, second);
  const { peerId, resume, ...rest } = welcomeOf(second);
  for (const secret of [peerId, resume]) expect(secret).toMatch(/^[\w-]{22}$/);
  const there = {
    peerId: welcomeOf(first).peerId,
    id: "seat of Pia",
    name: "Pia",
    role: "presenter",
    isHost: true,
    sending: { mic: true, camera: false, screen: false, side: false }, // a host is on no side
    isAway: false,
  };
  const ice = [...ICE, { urls: ["turn:seat of Gus"], username: "http://localhost:3000" }];
  expect(rest).toEqual({ type: "call.welcome", isResumed: false, peers: [there], ice, iceForMs: 60_000 });
  const guest = { id: "seat of Gus", name: "Gus", role: "reviewer", isHost: false, isAway: false };
  expect(toldOf(first, "call.joined")).toEqual([
    { type: "call.joined", peer: { ...guest, peerId, sending: SILENT } },
  ]);
});

test("seven reviewers fill a call without a host; a host has the eighth place, and with one inside everybody has", () => {
  const conference = open();
  const seven = reviewers(7).map((page) => enter(conference, page));
  const eighth = pageOf(memberOf("Hal"));
  expect(conference.join("room", eighth, null)).toBeNull();
  expect(eighth.told).toEqual([{ type: "call.ended", reason: "full" }]);
  enter(conference, pageOf(memberOf("Pia", "presenter")));
  const second = pageOf(memberOf("Paul", "presenter"));
  expect(conference.join("room", second, null)).toBeNull();
  seven[0]?.leave();
  enter(conference, eighth);
  expect(conference.counts()).toEqual({ calls: 1, people: 8 });
});

test("a broken connection keeps its place for 30 s, and the token opens it again, once", () => {
  const conference = open();
  const [host, gone] = [pageOf(memberOf("Pia", "presenter")), pageOf(memberOf("Gus"))];
  enter(conference, host);
  const seat = enter(conference, gone);
  seat.sending({ ...SILENT, mic: true });
  const { peerId, resume } = welcomeOf(gone);
  seat.lost();
  expect(toldOf(host, "call.away")).toEqual([{ type: "call.away", peerId, isAway: true }]);
  vi.advanceTimersByTime(CALL_PLACE_KEPT_MS - 1);

  const back = pageOf(gone.member);
  const again = enter(conference, back, resume);
  expect(welcomeOf(back)).toMatchObject({ peerId, isResumed: true, peers: [{ name: "Pia" }] });
  expect(toldOf(host, "call.away").at(-1)).toEqual({ type: "call.away", peerId, isAway: false });
  expect(toldOf(host, "call.left")).toEqual([]);
  expect(conference.look("room", ({ name }) => name === "Gus").isLive).toBe(true);
  seat.leave(); // what the lost page still says counts no more
  vi.advanceTimersByTime(CALL_PLACE_KEPT_MS);
  expect(conference.counts().people).toBe(2);

  again.lost();
  const late = pageOf(gone.member);
  enter(conference, late, resume); // the token of before has been used
  expect(welcomeOf(late).isResumed).toBe(false);
  expect(welcomeOf(late).peerId).not.toBe(peerId);
});

test("who does not come back within 30 s has left, lost", () => {
  const conference = open();
  const [host, gone] = [pageOf(memberOf("Pia", "presenter")), pageOf(memberOf("Gus"))];
  enter(conference, host);
  enter(conference, gone).lost();
  vi.advanceTimersByTime(CALL_PLACE_KEPT_MS);
  const { peerId, resume } = welcomeOf(gone);
  expect(toldOf(host, "call.left")).toEqual([{ type: "call.left", peerId, reason: "lost" }]);
  const back = pageOf(gone.member);
  enter(conference, back, resume).leave();
  expect(welcomeOf(back).isResumed).toBe(false);
});

test("another person's token opens nothing", () => {
  const conference = open();
  const gone = pageOf(memberOf("Gus"));
  enter(conference, gone).lost();
  const thief = pageOf(memberOf("Eve"));
  enter(conference, thief, welcomeOf(gone).resume);
  expect(welcomeOf(thief)).toMatchObject({ isResumed: false, peers: [{ name: "Gus", isAway: true }] });
  vi.advanceTimersByTime(CALL_PLACE_KEPT_MS);
});

test("another page of the same seat takes over; the first is told so; another seat of the person stays", () => {
  const conference = open();
  const gus = memberOf("Gus");
  const [first, second] = [pageOf(gus), pageOf(gus)];
  const other = pageOf({ ...gus, id: "another seat of Gus" });
  const seat = enter(conference, first);
  enter(conference, other);
  enter(conference, second);
  expect(toldOf(first, "call.ended")).toEqual([{ type: "call.ended", reason: "elsewhere" }]);
  expect(toldOf(other, "call.left")).toMatchObject([{ reason: "elsewhere" }]);
  expect(toldOf(other, "call.joined")).toHaveLength(1);
  expect(toldOf(other, "call.ended")).toEqual([]);
  seat.sending({ ...SILENT, mic: true });
  seat.leave();
  expect(conference.look("room", ({ personId }) => personId === gus.personId).isLive).toBe(false);
  expect(conference.counts().people).toBe(2);
});

test("a signal goes to the one that it names, in the same room's call, and nowhere else", () => {
  const conference = open();
  const [a, b, elsewhere] = [pageOf(memberOf("A")), pageOf(memberOf("B")), pageOf(memberOf("C"))];
  const seat = enter(conference, a);
  enter(conference, b);
  conference.join("another room", elsewhere, null);
  const from = welcomeOf(a).peerId;
  for (const to of [welcomeOf(b).peerId, welcomeOf(elsewhere).peerId, from, "A".repeat(22)]) {
    seat.signal(to, OFFER);
    seat.want(to, { camera: false, screen: true });
  }
  expect(toldOf(b, "call.signal")).toEqual([{ type: "call.signal", from, signal: OFFER }]);
  expect(toldOf(b, "call.want")).toEqual([{ type: "call.want", from, camera: false, screen: true }]);
  for (const page of [a, elsewhere])
    for (const type of ["call.signal", "call.want"] as const) expect(toldOf(page, type)).toEqual([]);
});

test("more than 200 signals in 10 s from one to one other do not arrive; it is logged once, and passes", () => {
  const conference = open();
  const [a, b, c] = [pageOf(memberOf("A")), pageOf(memberOf("B")), pageOf(memberOf("C"))];
  const seat = enter(conference, a);
  for (const page of [b, c]) enter(conference, page);
  for (let n = 0; n < 500; n++) seat.signal(welcomeOf(b).peerId, OFFER);
  seat.signal(welcomeOf(c).peerId, OFFER);
  expect([b, c].map((page) => toldOf(page, "call.signal").length)).toEqual([200, 1]);
  expect(warnings).toHaveLength(1);
  vi.advanceTimersByTime(10_000);
  seat.signal(welcomeOf(b).peerId, OFFER);
  expect(toldOf(b, "call.signal")).toHaveLength(201);
  expect(warnings).toHaveLength(1);
});

test("a muted voice is by the host until its owner opens it again, whatever else they change", () => {
  const conference = open();
  const [host, guest] = [pageOf(memberOf("Pia", "presenter")), pageOf(memberOf("Gus"))];
  enter(conference, host);
  const seat = enter(conference, guest);
  seat.sending({ ...SILENT, mic: true });
  seat.sending({ ...SILENT, mic: true }); // nothing new
  conference.mute("room", guest.member.id, "Pia");
  seat.sending({ ...SILENT, camera: true });
  seat.sending({ ...SILENT, camera: true, mic: true });
  const told = toldOf(host, "call.sending").map(({ sending, byHost }) => [
    sending.mic,
    sending.camera,
    byHost,
  ]);
  expect(told).toEqual([
    [true, false, false],
    [false, false, true],
    [false, true, true],
    [true, true, false],
  ]);
});

test("who was muted while away is told when they are back, and is not played meanwhile", () => {
  const conference = open();
  const [host, guest] = [pageOf(memberOf("Pia", "presenter")), pageOf(memberOf("Gus"))];
  enter(conference, host);
  const seat = enter(conference, guest);
  seat.sending({ ...SILENT, mic: true });
  seat.lost();
  conference.muteAll("room", host.member);
  expect(toldOf(host, "call.sending").at(-1)).toMatchObject({ sending: { mic: false }, byHost: true });
  const back = pageOf(guest.member);
  enter(conference, back, welcomeOf(guest).resume).leave();
  expect(back.told.map(({ type }) => type)).toEqual(["call.welcome", "call.talk"]);
  expect(toldOf(back, "call.talk")).toMatchObject([{ press: "mute", by: "Pia" }]);
});

test("a mute that was said into a dead connection is said again to the page that comes back", () => {
  const conference = open();
  const guest = pageOf(memberOf("Gus"));
  const seat = enter(conference, guest);
  seat.sending({ ...SILENT, mic: true });
  conference.mute("room", guest.member.id, "Pia"); // nobody has noticed yet that the connection is gone
  seat.lost();
  const back = pageOf(guest.member);
  enter(conference, back, welcomeOf(guest).resume).leave();
  expect(toldOf(back, "call.talk")).toMatchObject([{ press: "mute", by: "Pia" }]);
});

test("of two pages of one person a button opens the one that joined last, and closes both", () => {
  const conference = open();
  const gus = memberOf("Gus");
  const pages = [pageOf(gus), pageOf({ ...gus, id: "another seat of Gus" })] as const;
  const seats = pages.map((page) => enter(conference, page));
  const press = (pressed: "down" | "up" | "toggle" | "mute") =>
    conference.press("room", ({ personId }) => personId === gus.personId, {
      press: pressed,
      forMs: 500,
      by: "button",
    });
  const heard = () => pages.map((page) => toldOf(page, "call.talk").map((said) => said.press));
  press("down");
  expect(heard()).toEqual([[], ["down"]]);
  press("up");
  expect(heard()).toEqual([["up"], ["down", "up"]]);
  seats[0]?.sending({ ...SILENT, mic: true });
  press("toggle"); // the open one
  expect(heard()).toEqual([
    ["up", "toggle"],
    ["down", "up"],
  ]);
  seats[1]?.sending({ ...SILENT, mic: true });
  press("toggle");
  expect(heard().map((presses) => presses.at(-1))).toEqual(["mute", "mute"]);
});

test("a role that is changed is told to the others with what it may send; a host leaves the side", () => {
  const conference = open();
  const [guest, other] = [pageOf(memberOf("Gus")), pageOf(memberOf("Ada"))];
  const seat = enter(conference, guest);
  enter(conference, other);
  seat.sending({ ...SILENT, camera: true, side: true });
  conference.roleChanged("room", guest.member.id, "presenter", true);
  const peer = { role: "presenter", isHost: true, sending: { camera: true, side: false } };
  expect(toldOf(other, "call.peer")).toMatchObject([{ peer }]);
  expect(toldOf(other, "call.sending").at(-1)).toMatchObject({ sending: { camera: true, side: false } });
  expect(toldOf(guest, "call.talk")).toEqual([]);
});

test("new credentials are given to whoever asks in the call", () => {
  const conference = open();
  const page = pageOf(memberOf("Gus"));
  const seat = enter(conference, page);
  seat.ice();
  seat.leave();
  seat.ice();
  expect(toldOf(page, "call.ice")).toMatchObject([{ iceForMs: 60_000, ice: [...ICE, {}] }]);
});
