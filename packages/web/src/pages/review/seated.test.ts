import type { Joined, Participant, ReviewRoom, Seat, StreamStatus } from "@colourstream/contract";
import { expect, test } from "vitest";
import { onHeard, onRead, type Seated, seatedBy } from "./seated.js";

const participant = { id: "p", name: "Max", role: "reviewer" } as const;
const seat: Seat = { room: { id: "r", name: "Northern Light" }, participant, state: "waiting" };
const review: ReviewRoom = {
  id: "r",
  name: "Northern Light",
  participant,
  isHost: false,
  watermark: false,
  lockedAt: null,
  playout: "lowest",
  universal: false,
  callKind: "builtin",
  stream: null,
};
const waiting: Joined = { seat, review: null };
const admitted: Joined = { seat: { ...seat, state: "admitted" }, review };
const stream = { take: "t", state: "live" } as StreamStatus;
const max: Participant = {
  ...participant,
  invitation: null,
  state: "waiting",
  isHere: true,
  joinedAt: 1,
};

test("joining leads to the room, or before its inner door", () => {
  expect(seatedBy(admitted)).toEqual({ is: "in", review, people: null });
  expect(seatedBy(waiting)).toEqual({ is: "waiting", seat });
});

test("whoever waits goes on when they are let in, and what was said meanwhile is kept over what was read", () => {
  let now: Seated = seatedBy(waiting);
  now = onHeard(now, { type: "seat.waiting", roomId: "r" });
  expect(now.is).toBe("waiting");
  now = onHeard(now, { type: "seat.admitted", roomId: "r" });
  expect(now).toEqual({ is: "entering", seat, heard: [] });
  now = onHeard(now, { type: "room.stream", roomId: "r", stream });
  now = onRead(now, admitted);
  expect(now).toEqual({ is: "in", review: { ...review, stream }, people: null });
});

test("whoever was let in while the connection was away is told by the room itself", () => {
  const now = onHeard(seatedBy(waiting), { type: "room.stream", roomId: "r", stream });
  expect(onRead(now, admitted)).toMatchObject({ is: "in", review: { stream } });
});

test("reading again while still waiting changes nothing", () => {
  expect(onRead(seatedBy(waiting), waiting)).toEqual({ is: "waiting", seat });
});

test("a room's switches, name, stream and people show at once", () => {
  let now: Seated = seatedBy(admitted);
  now = onHeard(now, {
    type: "room.options",
    roomId: "r",
    watermark: true,
    lockedAt: 5,
    playout: "smooth",
    universal: true,
  });
  now = onHeard(now, { type: "room.renamed", roomId: "r", name: "Southern Light" });
  now = onHeard(now, { type: "room.people", roomId: "r", participants: [max] });
  expect(now).toEqual({
    is: "in",
    review: {
      ...review,
      watermark: true,
      lockedAt: 5,
      playout: "smooth",
      universal: true,
      name: "Southern Light",
    },
    people: [max],
  });
  expect(onRead(now, admitted)).toMatchObject({ is: "in", people: [max] });
});

test("a role that a host has changed is ours at once, and with the host's place go those at the door", () => {
  let now: Seated = seatedBy(admitted);
  now = onHeard(now, { type: "seat.role", roomId: "r", role: "presenter", isHost: true });
  now = onHeard(now, { type: "room.people", roomId: "r", participants: [max] });
  expect(now).toMatchObject({
    review: { isHost: true, participant: { name: "Max", role: "presenter" } },
    people: [max],
  });
  now = onHeard(now, { type: "seat.role", roomId: "r", role: "observer", isHost: false });
  expect(now).toMatchObject({ review: { isHost: false, participant: { role: "observer" } }, people: null });
});

test("another room's news is not ours", () => {
  const now = seatedBy(admitted);
  expect(onHeard(now, { type: "room.closed", roomId: "other", reason: "deleted" })).toBe(now);
});

test.each([waiting, { ...admitted, review: null }, admitted])(
  "out is out, from wherever one was",
  (joined) => {
    const out = onHeard(seatedBy(joined), { type: "room.closed", roomId: "r", reason: "refused" });
    expect(out).toEqual({ is: "out", reason: "refused" });
    expect(onHeard(out, { type: "seat.admitted", roomId: "r" })).toBe(out);
    expect(onRead(out, admitted)).toBe(out);
  },
);
