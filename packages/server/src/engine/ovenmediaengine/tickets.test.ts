import { expect, test } from "vitest";
import { joinBuses } from "../../testing/pair.js";
import { createOmeTickets, type OmeTicketFor, type OmeTickets } from "./tickets.js";

const KEY = new Uint8Array(32).fill(1);
const WHAT: OmeTicketFor = {
  roomId: "A".repeat(22),
  participantId: "B".repeat(22),
  sessionExpiresAt: 9e12,
  node: "origin",
};

type Pair = {
  readonly one: OmeTickets;
  readonly two: OmeTickets;
  readonly quiet: () => Promise<void>;
  readonly clock: { now: number };
};

function pair(): Pair {
  const { buses, quiet } = joinBuses("one", "two");
  const clock = { now: 1_000_000 };
  const [one, two] = buses.map((bus) => createOmeTickets({ key: KEY, bus, wallClock: () => clock.now }));
  if (one === undefined || two === undefined) throw new Error("two were asked for");
  return { one, two, quiet, clock };
}

test("a ticket is a name that fits into an address, and says nothing of the room", () => {
  const { one } = pair();
  const ticket = one.make("play", WHAT);
  expect(ticket).toMatch(/^v[A-Za-z0-9_-]{100,255}$/);
  expect(Buffer.from(ticket.slice(1), "base64url").toString("latin1")).not.toContain(WHAT.roomId);
  expect(one.make("play", WHAT)).not.toBe(ticket);
});

test("another process knows a ticket before anything was said of it, and that it is spent once it was", async () => {
  const { one, two, quiet } = pair();
  const ticket = one.make("play", WHAT);
  expect(two.spend("play", ticket)).toEqual(WHAT);
  expect(two.spend("play", ticket)).toBe("invalid-ticket");
  await quiet();
  expect(one.spend("play", ticket)).toBe("invalid-ticket");
});

test("it is good for 60 s, for its own purpose, by one spelling, under one key", () => {
  const { one, clock } = pair();
  const ticket = one.make("play", WHAT);
  const other = createOmeTickets({
    key: new Uint8Array(32).fill(2),
    bus: joinBuses("x").buses[0] as never,
    wallClock: () => clock.now,
  });
  expect(other.spend("play", ticket)).toBe("invalid-ticket");
  expect(one.spend("publish", ticket)).toBe("invalid-ticket");
  expect(one.spend("publish", `p${ticket.slice(1)}`)).toBe("invalid-ticket");
  for (const spelled of [
    `${ticket}=`,
    `${ticket} `,
    `${ticket}A`,
    ticket.slice(0, -1),
    "v",
    "",
    "v".repeat(600),
  ])
    expect([spelled, one.spend("play", spelled)]).toEqual([spelled, "invalid-ticket"]);
  for (let at = 1; at < ticket.length; at += 7) {
    const letter = ticket[at] === "A" ? "B" : "A";
    expect(one.spend("play", ticket.slice(0, at) + letter + ticket.slice(at + 1))).toBe("invalid-ticket");
  }
  clock.now += 60_000;
  expect(one.spend("play", ticket)).toBe("expired-ticket");
});

test("a participant's and a room's are voided in all processes, those made later are good", async () => {
  const { one, two, quiet, clock } = pair();
  for (const who of [{ participantId: WHAT.participantId }, { roomId: WHAT.roomId }]) {
    const before = one.make("play", WHAT);
    two.cancel(who);
    await quiet();
    expect([one.spend("play", before), two.spend("play", before)]).toEqual([
      "invalid-ticket",
      "invalid-ticket",
    ]);
    clock.now += 1;
    expect(one.spend("play", one.make("play", WHAT))).toEqual(WHAT);
  }
});
