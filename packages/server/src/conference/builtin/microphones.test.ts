import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Member } from "../../rooms/presence.js";
import { enter, memberOf, pageOf, SILENT, toldOf } from "../conference.contract.js";
import { createBuiltinConference } from "./builtin.js";

// What hosts and talk buttons do with the microphones of the pages: MiroTalk has nothing of it.

const open = () =>
  createBuiltinConference({
    ice: () => ({ ice: [], forMs: 60_000 }),
    random: randomBytes,
    clock: () => performance.now(),
    warn: () => undefined,
  });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const twoIn = () => {
  const conference = open();
  const [host, guest] = [pageOf(memberOf("Pia", "presenter")), pageOf(memberOf("Gus"))];
  const seats = { host: enter(conference, host), guest: enter(conference, guest) };
  return { conference, host, guest, seats };
};

test("joining opens nothing, and news says who is in, what they send, and that they left", () => {
  const conference = open();
  const news: unknown[] = [];
  conference.onNews((roomId, id, sending) => news.push([roomId, id, sending?.mic ?? null]));
  const seat = enter(conference, pageOf(memberOf("Gus")));
  seat.sending({ ...SILENT, mic: true });
  seat.leave();
  expect(news).toEqual([
    ["room", "seat of Gus", false],
    ["room", "seat of Gus", true],
    ["room", "seat of Gus", null],
  ]);
});

test("a host closes one microphone, or all but their own; whoever is not in the call has none", () => {
  const { conference, host, guest, seats } = twoIn();
  for (const seat of [seats.host, seats.guest]) seat.sending({ ...SILENT, mic: true });
  expect(conference.mute("room", "seat of nobody", "Pia")).toBeNull();
  expect(conference.mute("room", guest.member.id, "Pia")).toEqual(guest.member);
  const told = { type: "call.talk", press: "mute", forMs: 0, by: "Pia" };
  expect(toldOf(guest, "call.talk")).toEqual([told]);
  conference.muteAll("room", host.member);
  expect(toldOf(guest, "call.talk")).toEqual([told, told]);
  expect(toldOf(host, "call.talk")).toEqual([]);
  expect(conference.look("room", ({ id }) => id === host.member.id).isLive).toBe(true);
  expect(conference.look("room", ({ id }) => id === guest.member.id).isLive).toBe(false);
});

test("a talk button reaches its own microphone alone, and says how that is", () => {
  const { conference, host, guest, seats } = twoIn();
  const isGus = ({ personId }: Member) => personId === guest.member.personId;
  const before = { isInCall: true, isLive: false, mayTalk: true };
  expect(conference.press("room", isGus, { press: "down", forMs: 3_000, by: "phone" })).toEqual(before);
  expect(toldOf(guest, "call.talk")).toEqual([
    { type: "call.talk", press: "down", forMs: 3_000, by: "phone" },
  ]);
  expect(toldOf(host, "call.talk")).toEqual([]);
  seats.guest.sending({ ...SILENT, mic: true });
  expect(conference.look("room", isGus).isLive).toBe(true);
  expect(conference.look("another room", isGus)).toEqual({ ...before, isInCall: false });
});

test("a held button keeps open what is open, and opens nothing that a host has closed meanwhile", () => {
  const { conference, guest, seats } = twoIn();
  const hold = () =>
    conference.press("room", ({ id }) => id === guest.member.id, {
      press: "hold",
      forMs: 3_000,
      by: "phone",
    });
  expect(hold().isLive).toBe(false);
  expect(toldOf(guest, "call.talk")).toEqual([]);
  seats.guest.sending({ ...SILENT, mic: true });
  expect(hold().isLive).toBe(true);
  conference.mute("room", guest.member.id, "Pia");
  expect(hold().isLive).toBe(false);
  expect(toldOf(guest, "call.talk").map(({ press }) => press)).toEqual(["down", "mute"]);
});

test("an observer listens: what they say they send is not so, and their button opens nothing", () => {
  const conference = open();
  const observer = pageOf(memberOf("Oda", "observer"));
  const seat = enter(conference, observer);
  seat.sending({ mic: true, camera: true, screen: true, side: false });
  const state = conference.press("room", () => true, { press: "down", forMs: 500, by: "phone" });
  expect(state).toEqual({ isInCall: true, isLive: false, mayTalk: false });
  expect(toldOf(observer, "call.talk")).toEqual([]);
});

test("a reviewer who is made an observer is heard no more, from that moment", () => {
  const { conference, guest, seats } = twoIn();
  seats.guest.sending({ ...SILENT, mic: true });
  conference.roleChanged("room", guest.member.id, "observer", false);
  expect(toldOf(guest, "call.talk")).toMatchObject([{ press: "mute" }]);
  seats.guest.sending({ ...SILENT, mic: true });
  expect(conference.look("room", ({ id }) => id === guest.member.id)).toEqual({
    isInCall: true,
    isLive: false,
    mayTalk: false,
  });
});
