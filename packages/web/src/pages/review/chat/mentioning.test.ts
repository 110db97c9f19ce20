import type { ChatMessage, Person } from "@colourstream/contract";
import { expect, test } from "vitest";
import { candidatesOf, mentionAt, mentionedIn } from "./mentioning.js";

const all = ["Ana", "Ana Maria", "Bo Berg", "Cleo"].map((name) => ({ personId: name, name }));
const names = (text: string, caret = text.length) =>
  mentionAt(text, caret, all)?.fitting.map(({ name }) => name) ?? null;

test.each([
  ["@", ["Ana", "Ana Maria", "Bo Berg", "Cleo"]],
  ["hello @an", ["Ana", "Ana Maria"]],
  ["@ana m", ["Ana Maria"]],
  ["@ber", ["Bo Berg"]],
  ["(@Cleo", null],
  ["mail@cleo", null],
  ["@nobody", null],
  ["@ ", null],
  ["@\n", null],
  ["no sign", null],
])("%j offers %j", (text, expected) => {
  expect(names(text)).toEqual(expected);
});

test("a name that two people have is offered once, and means both", () => {
  const two = [...all, { personId: "another", name: "Cleo" }];
  expect(mentionAt("@cl", 3, two)?.fitting).toEqual([{ personId: "Cleo", name: "Cleo" }]);
  expect(mentionedIn("@Cleo", two, 20)).toEqual(["Cleo", "another"]);
});

test("what counts is where the caret stands", () => {
  expect(names("@an and more", 3)).toEqual(["Ana", "Ana Maria"]);
  expect(names("@an and more")).toBeNull();
  expect(mentionAt("hi @an", 6, all)?.from).toBe(3);
});

test("offered are those who are here, then who wrote, each once and not ourselves", () => {
  const person = (personId: string) => ({ id: `seat-${personId}`, personId, name: personId }) as Person;
  const message = (personId: string) => ({ author: { personId, name: personId } }) as ChatMessage;
  const presence = { you: "seat-me", people: [person("me"), person("a")] };
  const messages = ["b", "c", "a", "me"].map(message);
  expect(candidatesOf(presence, messages).map(({ personId }) => personId)).toEqual(["a", "c", "b"]);
});

test("mentioned is whose whole name follows an @", () => {
  expect(mentionedIn("@Bo Berg, @Cleo?", all, 20)).toEqual(["Bo Berg", "Cleo"]);
  expect(mentionedIn("@Bo @Cle", all, 20)).toEqual([]);
  expect(mentionedIn("@Bo Berg, @Cleo?", all, 1)).toEqual(["Bo Berg"]);
});
