import { expect, test } from "vitest";
import { mayHost, mayRun, mustWait } from "./permission.js";

const owner = { id: "o", name: "Olga", role: "owner" } as const;
const colourist = { id: "c", name: "Cem", role: "colourist" } as const;

test("the owner runs every room, a colourist their own and no other", () => {
  expect([null, "c", "x"].map((colouristId) => mayRun(owner, { colouristId }))).toEqual([true, true, true]);
  expect([null, "c", "x"].map((colouristId) => mayRun(colourist, { colouristId }))).toEqual([
    false,
    true,
    false,
  ]);
});

test("a presenter hosts once they are in; nobody else does", () => {
  expect(mayHost({ role: "presenter", isIn: true })).toBe(true);
  expect(mayHost({ role: "presenter", isIn: false })).toBe(false);
  expect(mayHost({ role: "reviewer", isIn: true })).toBe(false);
  expect(mayHost({ role: "observer", isIn: true })).toBe(false);
});

test("at a waiting room everybody waits but presenters and those who were in before", () => {
  const room = { waitingRoom: true };
  expect(mustWait(room, { role: "reviewer", isIn: false })).toBe(true);
  expect(mustWait(room, { role: "observer", isIn: false })).toBe(true);
  expect(mustWait(room, { role: "presenter", isIn: false })).toBe(false);
  expect(mustWait(room, { role: "observer", isIn: true })).toBe(false);
  expect(mustWait({ waitingRoom: false }, { role: "observer", isIn: false })).toBe(false);
});
