import type { ClientMessage } from "@colourstream/contract";
import { expect, test } from "vitest";
import { createHand } from "./hand.js";
import { openLine } from "./line.js";

function setUp(wasUp = false) {
  const said: ClientMessage[] = [];
  const changes: [boolean, boolean][] = [];
  const open = openLine((message) => said.push(message) > 0);
  const hand = createHand({
    line: open.line,
    wasUp,
    onChange: (isUp, byHost) => changes.push([isUp, byHost]),
  });
  const words = () => said.splice(0).map((message) => "isUp" in message && message.isUp);
  return { hand, open, words, changes };
}

test("a raised hand is said again on every new connection, and after the page was loaded again", () => {
  const { hand, open, words } = setUp();
  open.linkIs(true);
  expect(words()).toEqual([]);
  hand.set(true);
  open.linkIs(false);
  open.linkIs(true);
  expect(words()).toEqual([true, true]);
  const reloaded = setUp(true);
  reloaded.open.linkIs(true);
  expect(reloaded.words()).toEqual([true]);
});

test("a host takes it down: it stays down", () => {
  const { hand, open, words, changes } = setUp();
  open.linkIs(true);
  hand.set(true);
  hand.told(true);
  hand.told(false);
  expect(hand.isUp()).toBe(false);
  expect(changes).toEqual([
    [true, false],
    [false, true],
  ]);
  words();
  open.linkIs(false);
  open.linkIs(true);
  expect(words()).toEqual([]);
});

test("what the server said before it has heard of the hand takes nothing down", () => {
  const { hand, open } = setUp(true);
  open.linkIs(true);
  hand.told(false); // a server that was started anew
  expect(hand.isUp()).toBe(true);
  hand.told(true);
  open.linkIs(false);
  open.linkIs(true);
  hand.told(false);
  expect(hand.isUp()).toBe(true);
});

test("taken down while nobody hears, it is said down as soon as somebody does", () => {
  const { hand, open, words } = setUp();
  open.linkIs(true);
  hand.set(true);
  open.linkIs(false);
  hand.set(false);
  open.linkIs(true);
  expect(words()).toEqual([true, false]);
});
