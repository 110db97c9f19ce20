import { expect, test } from "vitest";
import { createVirtualClock } from "../live/virtual-clock.js";
import { createCandidateBatch } from "./candidate-batch.js";

function set() {
  const clock = createVirtualClock();
  const sent: string[][] = [];
  const batch = createCandidateBatch(clock, (candidates) =>
    sent.push(candidates.map(({ candidate }) => candidate)),
  );
  return { clock, sent, batch };
}

test("candidates wait for their description, then for each other", () => {
  const { clock, sent, batch } = set();
  batch.add({ candidate: "a" });
  clock.advance(1_000);
  expect(sent).toEqual([]);
  batch.let();
  expect(sent).toEqual([["a"]]);
  batch.add({ candidate: "b" });
  clock.advance(30);
  batch.add({ candidate: "c" });
  clock.advance(20);
  expect(sent).toEqual([["a"], ["b", "c"]]);
});

test("those of the description before go out before those of the next", () => {
  const { sent, batch } = set();
  batch.let();
  batch.add({ candidate: "old" });
  batch.hold();
  batch.add({ candidate: "new" });
  expect(sent).toEqual([["old"]]);
  batch.let();
  expect(sent).toEqual([["old"], ["new"]]);
});

test("no message has more than 32, and the end of candidates is none", () => {
  const { sent, batch } = set();
  for (let at = 0; at < 70; at++) batch.add({ candidate: `${at}` });
  batch.add({ candidate: "" });
  batch.let();
  expect(sent.map((one) => one.length)).toEqual([32, 32, 6]);
});

test("another connection sends nothing of the one before", () => {
  const { clock, sent, batch } = set();
  batch.let();
  batch.add({ candidate: "old" });
  batch.clear();
  clock.advance(1_000);
  batch.let();
  expect(sent).toEqual([]);
});
