import { execFileSync, spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freeTcpPort, freeUdpPort } from "../../../../tests/tools/ports.js";
import { startPublisher } from "../../../../tests/tools/publisher.js";
import { seededRandom } from "../../../../tests/tools/random.js";
import { type EngineServer, startEngineServer } from "../testing/engine-server.js";
import { makeRoom } from "../testing/people.js";

// Test 45 of reliability: the engine is killed while it records. KILL_ROUNDS=30 for all of it.
const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? 2);
const MAX_LOST_MS = 1000;
const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
const random = seededRandom(45);

let scene: EngineServer;
beforeAll(async () => {
  scene = await startEngineServer(await freeTcpPort(), await freeUdpPort());
});
afterAll(() => scene.server.close());

const probe = (file: string): { frames: number; seconds: number } => {
  const asked = [
    "-v",
    "error",
    "-count_packets",
    "-show_entries",
    "stream=nb_read_packets",
    "-select_streams",
    "v",
  ];
  const found = JSON.parse(
    execFileSync("ffprobe", [...asked, "-show_entries", "format=duration", "-of", "json", file]).toString(),
  );
  return { frames: Number(found.streams[0].nb_read_packets), seconds: Number(found.format.duration) };
};

describe.skipIf(!hasFfmpeg)("45", () => {
  test(
    `kill -9 while recording, ${ROUNDS} rounds: a second is lost at most, the file plays, and recording goes on`,
    async () => {
      const { server, owner } = scene;
      const { engine, recordings } = server.product;
      const room = await makeRoom(owner, { autoRecord: true });
      let firstPictureAt: number | null = null;
      engine.on((news) => {
        if (news.is !== "changed" || news.roomId !== room.id) return;
        const hasPicture = engine.stream(room.id)?.video != null;
        if (!hasPicture) firstPictureAt = null;
        else firstPictureAt ??= Date.now();
      });
      const encoder = startPublisher(scene.publishUrl(room)); // comes again when it is cut
      const lost: number[] = [];
      const untilUnderWay = () =>
        expect
          .poll(() => (recordings.ofRoom(room.id)?.durationMs ?? 0) > 500, { timeout: 30_000 })
          .toBe(true);
      try {
        for (let round = 0; round < ROUNDS; round += 1) {
          await untilUnderWay();
          await new Promise((resolve) => setTimeout(resolve, 200 + random() * 1500));
          const [running] = await scene.recordings(room);
          const pid = await scene.enginePid();
          const sinceFirst = Date.now() - (firstPictureAt ?? Number.NaN);
          process.kill(pid, "SIGKILL");
          const id = running?.id ?? "";
          const stateOf = async () => (await recordings.find(id))?.state;
          await expect.poll(stateOf, { timeout: 30_000 }).toBe("ready");
          const found = await recordings.find(id);
          if (found === null) throw new Error("the recording is gone");
          expect(found.problem).toMatch(/ended unexpectedly/);
          const { frames, seconds } = probe(recordings.filePath(found) ?? "");
          expect(frames / 25).toBeCloseTo(found.durationMs / 1000, 0);
          expect(seconds).toBeCloseTo(found.durationMs / 1000, 0);
          lost.push(sinceFirst - found.durationMs);
        }
        await untilUnderWay();
      } finally {
        await encoder.kill();
      }
      if (ROUNDS > 3)
        console.log(
          `lost at a kill, ms: ${lost
            .map(Math.round)
            .sort((a, b) => a - b)
            .join(" ")}`,
        );
      expect(lost).toHaveLength(ROUNDS);
      for (const ms of lost) expect(ms).toBeLessThan(MAX_LOST_MS);
      // Each take has its own file, and the last one goes on until it is stopped.
      expect(await scene.recordings(room)).toHaveLength(ROUNDS + 1);
    },
    20_000 + ROUNDS * 20_000,
  );
});
