import type { Participant } from "@colourstream/contract";
import { expect, test } from "vitest";
import { cameBy, inOrder, waitWords } from "./role-words.js";

const person = (name: string, rest: Partial<Participant> = {}): Participant => ({
  id: name,
  name,
  role: "reviewer",
  invitation: null,
  state: "admitted",
  isHere: true,
  joinedAt: 0,
  ...rest,
});

test("who waits is said by name, and the others by their number", () => {
  const [anna, ben, cem] = [person("Anna"), person("Ben"), person("Cem")] as const;
  expect(waitWords([])).toBe("Nobody waits to be let in");
  expect(waitWords([anna])).toBe("Anna waits to be let in");
  expect(waitWords([anna, ben])).toBe("Anna and 1 other wait to be let in");
  expect(waitWords([anna, ben, cem])).toBe("Anna and 2 others wait to be let in");
});

test("an invitation is named where the name at the door was another one", () => {
  expect(cameBy(person("Max"))).toBe("Reviewer, by link and password");
  const invitation = { id: "i", name: "Max Weber" };
  expect(cameBy(person("Max", { invitation }))).toBe("Reviewer, invited as Max Weber");
  expect(cameBy(person("Max Weber", { invitation, role: "observer" }))).toBe("Observer, by invitation");
});

test("those who are here come first; who waited and has gone is not at the door any more", () => {
  const people = [
    person("Away", { isHere: false, joinedAt: 1 }),
    person("Second", { joinedAt: 3 }),
    person("First", { joinedAt: 2 }),
    person("Waiting", { state: "waiting" }),
    person("Gave up", { state: "waiting", isHere: false }),
  ];
  expect(inOrder(people, "admitted").map(({ name }) => name)).toEqual(["First", "Second", "Away"]);
  expect(inOrder(people, "waiting").map(({ name }) => name)).toEqual(["Waiting"]);
});
