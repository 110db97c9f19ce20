import type { Person, ServerMessage } from "@colourstream/contract";
import { expect, test } from "vitest";
import { NOBODY, onPresence } from "./presence.js";

const person = (id: string, since: number, changes: Partial<Person> = {}): Person => ({
  ...{ id, personId: id, name: id, role: "reviewer", isHost: false, since },
  ...{ viewing: null, handAt: null, call: null },
  ...changes,
});

function told(people: Person[], rest: { you?: string; gone?: string[] } = {}): ServerMessage {
  const { you = null, gone = [] } = rest;
  return { type: "room.presence", roomId: "r", you, isAll: you !== null, people, gone };
}

const ids = ({ people }: typeof NOBODY) => people.map(({ id }) => id);

test("the first news names all who are here, in the order in which they came, and ourselves", () => {
  const now = onPresence(NOBODY, told([person("c", 30), person("a", 10), person("b", 20)], { you: "b" }));
  expect([now.you, ids(now)]).toEqual(["b", ["a", "b", "c"]]);
});

test("later news change those whom they name, and leave everybody else and ourselves", () => {
  const before = onPresence(NOBODY, told([person("a", 10), person("b", 20)], { you: "b" }));
  const raised = onPresence(before, told([person("a", 10, { handAt: 5 }), person("c", 30)]));
  expect([raised.you, ids(raised), raised.people[0]?.handAt]).toEqual(["b", ["a", "b", "c"], 5]);
  const fewer = onPresence(raised, told([], { gone: ["a", "nobody"] }));
  expect([fewer.you, ids(fewer)]).toEqual(["b", ["b", "c"]]);
});

test("after a lost connection only those count who are named anew", () => {
  const before = onPresence(NOBODY, told([person("a", 10), person("b", 20)], { you: "b" }));
  expect(ids(onPresence(before, told([person("b", 40)], { you: "b" })))).toEqual(["b"]);
});

test("other news change nothing", () => {
  expect(onPresence(NOBODY, { type: "room.renamed", roomId: "r", name: "x" })).toBe(NOBODY);
});
