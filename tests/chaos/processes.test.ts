import { afterEach, beforeEach, expect, test } from "vitest";
import { type LiveScene, startLiveScene } from "../tools/live-scene.js";
import { makeTicket } from "../tools/product.js";
import { seededRandom } from "../tools/random.js";
import { pause, waitFor } from "../tools/wait.js";

const ENGINE_BACK_MS = 2000; // "restarted ≤ 2 s"
const STALLED_ENGINE_ENDED_MS = 2500;
const SLACK_MS = 1000; // for our own polling on a busy machine

const random = seededRandom(42);
let scene: LiveScene;
beforeEach(async () => {
  scene = await startLiveScene(2);
});
afterEach(() => scene?.end());

function enginePid(): number {
  const pid = scene.product.enginePid();
  if (pid === null) throw new Error("no engine process");
  return pid;
}

async function watchAnew(): Promise<void> {
  const reviewer = await scene.product.join(scene.room, "Back again");
  const ticket = await makeTicket(reviewer, scene.room);
  await scene.viewers.connect(new URL(ticket.url, scene.product.url).href, ticket.ticket);
}

test("SIGKILL to the engine: another one within 2 s, five times in a row, and viewers see again", async () => {
  for (let round = 0; round < 5; round += 1) {
    const before = enginePid();
    process.kill(before, "SIGKILL");
    await waitFor("another engine", ENGINE_BACK_MS + SLACK_MS, () => {
      const now = scene.product.enginePid();
      return now !== null && now !== before;
    });
    await waitFor("the health check to say so", 5000, async () => {
      const { body } = await scene.product.visitor().send<{ engine: string }>("GET", "/health");
      return body.engine === "ok";
    });
    await scene.product.waitForStream(scene.room, "live", 10_000); // the encoder tries again by itself
    await watchAnew();
    await pause(random() * 500);
  }
  await scene.viewers.report(true);
  await pause(2000);
  const reports = await scene.viewers.report(true);
  expect(reports.at(-1)?.records.length).toBeGreaterThan(40);
});

test("SIGSTOP to the engine: it is ended and replaced, and the API answers meanwhile", async () => {
  const before = enginePid();
  process.kill(before, "SIGSTOP");
  const slow: number[] = [];
  await waitFor(
    "the stopped engine to be ended",
    STALLED_ENGINE_ENDED_MS + SLACK_MS,
    async () => {
      const startedAt = performance.now();
      await scene.product.visitor().send("GET", "/session");
      slow.push(performance.now() - startedAt);
      return scene.product.enginePid() !== before;
    },
    100,
  );
  expect(Math.max(...slow)).toBeLessThan(1000);
  await scene.product.waitForStream(scene.room, "live", 15_000);
});

test("SIGKILL to the server: the picture does not blink, and the new server knows the live stream", async () => {
  const engine = enginePid();
  const gap = await scene.longestGapDuring(async () => {
    await scene.product.kill();
    await pause(3000);
    await scene.product.restart();
    await pause(2000);
  });
  expect(gap).toBeLessThan(300);
  expect(scene.product.enginePid()).toBe(engine);
  await scene.product.waitForStream(scene.room, "live", 3000);
});
