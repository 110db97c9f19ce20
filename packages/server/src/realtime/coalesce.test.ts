import { expect, test } from "vitest";
import { coalesce } from "./coalesce.js";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("what is asked at once is done once, for each room by itself", async () => {
  const done: string[] = [];
  const ask = coalesce(
    async (roomId) => void done.push(roomId),
    () => undefined,
  );
  for (const roomId of ["a", "a", "b", "a"]) ask(roomId);
  await pause(200);
  expect(done.sort()).toEqual(["a", "b"]);
});

test("what is asked while it is done is done again afterwards, also after a failure", async () => {
  let atWork = 0;
  let most = 0;
  let runs = 0;
  const failures: unknown[] = [];
  const ask = coalesce(
    async () => {
      runs += 1;
      atWork += 1;
      most = Math.max(most, atWork);
      await pause(150);
      atWork -= 1;
      if (runs === 1) throw new Error("first");
    },
    (error) => failures.push(error),
  );
  ask("a");
  await pause(160); // at work
  ask("a");
  ask("a");
  await pause(500);
  expect([runs, most]).toEqual([2, 1]);
  expect(failures).toEqual([new Error("first")]);
});
