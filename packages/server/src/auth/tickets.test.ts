import { expect, test } from "vitest";
import { createTickets, TICKET_MS } from "./tickets.js";

const ada = { roomId: "room", participantId: "ada", engine: "here", sessionExpiresAt: 0 };

test("a ticket is good once", () => {
  const tickets = createTickets(() => 0);
  const ticket = tickets.make(ada);
  expect(tickets.spend(ticket, "here")).toEqual(ada);
  expect(tickets.spend(ticket, "here")).toBe("invalid-ticket");
});

test("a ticket ends after 60 s, on another engine it is nothing, and neither says which room it was for", () => {
  let now = 0;
  const tickets = createTickets(() => now);
  const ticket = tickets.make(ada);
  expect(tickets.spend(ticket, "elsewhere")).toBe("invalid-ticket");
  now = TICKET_MS;
  expect(tickets.spend(ticket, "here")).toBe("expired-ticket");
  expect(tickets.spend("guess", "here")).toBe("invalid-ticket");
});

test("the tickets of someone removed, or of a closed room, are void", () => {
  const tickets = createTickets(() => 0);
  const [adas, bobs] = [tickets.make(ada), tickets.make({ ...ada, participantId: "bob" })];
  tickets.cancel({ participantId: "ada" });
  expect(tickets.spend(adas, "here")).toBe("invalid-ticket");
  tickets.cancel({ roomId: "room" });
  expect(tickets.spend(bobs, "here")).toBe("invalid-ticket");
  expect(tickets.size).toBe(0);
});

test("two hundred tickets a second are made without end and forgotten after a minute", () => {
  let now = 0;
  const tickets = createTickets(() => now);
  for (let n = 0; n < 60_000; n++) {
    now += 5;
    tickets.make({ ...ada, participantId: `viewer ${n}` });
  }
  expect(tickets.size).toBeLessThanOrEqual(12_001);
});

test("one viewer holds eight tickets at most", () => {
  const tickets = createTickets(() => 0);
  const made = Array.from({ length: 30 }, () => tickets.make(ada));
  expect(tickets.size).toBe(8);
  expect(tickets.spend(made[29] ?? "", "here")).toEqual(ada);
  expect(tickets.spend(made[21] ?? "", "here")).toBe("invalid-ticket");
});
