import { expect, test } from "vitest";
import { createTurns, TurnsBusyError } from "./turns.js";

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test("under one key one works at a time, in the order they came; another key does not wait", async () => {
  const inTurn = createTurns();
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await pause();
    seen.push(`${name} ends`);
    return name;
  };
  const done = await Promise.all([inTurn("a", work("1")), inTurn("a", work("2")), inTurn("b", work("3"))]);
  expect(done).toEqual(["1", "2", "3"]);
  expect(seen).toEqual(["1 begins", "3 begins", "1 ends", "2 begins", "3 ends", "2 ends"]);
});

test("one that fails tells only its own caller, and the next has its turn", async () => {
  const inTurn = createTurns();
  const failed = inTurn("a", () => Promise.reject(new Error("mine")));
  const next = inTurn("a", async () => "next");
  await expect(failed).rejects.toThrow("mine");
  expect(await next).toBe("next");
});

test("the line has a length", async () => {
  const inTurn = createTurns();
  const waiting = Array.from({ length: 256 }, () => inTurn("a", pause));
  await expect(inTurn("a", pause)).rejects.toThrow(TurnsBusyError);
  await Promise.all(waiting.slice(0, 1));
  await expect(inTurn("a", async () => "in")).resolves.toBe("in");
}, 10_000);
