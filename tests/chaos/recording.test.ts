import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Recording, Room } from "@colourstream/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Product, startProduct, type TestRoom } from "../tools/product.js";
import { waitFor } from "../tools/wait.js";

// Tests 42 and 44 of reliability for what is being recorded: the server is killed, then ended as an operator would.

let product: Product;
let room: TestRoom;
beforeAll(async () => {
  product = await startProduct();
  room = await product.createRoom("Recorded");
});
afterAll(() => product?.remove());

const listed = async (): Promise<Recording[]> => {
  const owner = await product.owner();
  return (await owner.ask<{ recordings: Recording[] }>("GET", `/recordings?roomId=${room.id}`)).recordings;
};
const running = async (): Promise<Room["recording"]> =>
  (await (await product.owner()).ask<Room>("GET", `/rooms/${room.id}`)).recording;

test("the server killed while a room is recorded: the file goes on; ended by Ctrl-C: the next start finishes it", async () => {
  const owner = await product.owner();
  await owner.ask("POST", `/rooms/${room.id}/test-signal`);
  await product.waitForStream(room, "live", 15_000);
  const { id } = await owner.ask<Recording>("POST", `/rooms/${room.id}/recording`);
  await waitFor("the recording to grow", 15_000, async () => ((await running())?.durationMs ?? 0) > 1_000);
  const engine = product.enginePid();

  await product.kill();
  await product.restart();
  expect(product.enginePid()).toBe(engine);
  const before = (await running())?.durationMs ?? 0;
  await waitFor("it to go on", 15_000, async () => ((await running())?.durationMs ?? 0) > before + 1_000);
  expect((await running())?.id).toBe(id);

  expect(await product.stop()).toBe(0);
  await product.restart();
  await waitFor("it to be finished", 60_000, async () => (await listed())[0]?.state === "ready");
  const [recording] = await listed();
  expect(recording).toMatchObject({ id, problem: expect.stringMatching(/media engine was restarted/) });
  const whole = join(product.dataDir, "recordings", `${id}.mp4`);
  expect(existsSync(whole.replace(".mp4", ".part.mp4"))).toBe(false);
  const seconds = execFileSync("ffprobe", [
    "-v",
    "error",
    "-show_entries",
    "format=duration",
    "-of",
    "csv=p=0",
    whole,
  ]);
  expect(Math.abs(Number(seconds) * 1000 - (recording?.durationMs ?? 0))).toBeLessThan(200);
  expect(recording?.durationMs).toBeGreaterThan(3_000);
});
