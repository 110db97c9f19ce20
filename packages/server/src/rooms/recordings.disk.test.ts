import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Room } from "@colourstream/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freeTcpPort, freeUdpPort } from "../../../../tests/tools/ports.js";
import { startPublisher } from "../../../../tests/tools/publisher.js";
import { type EngineServer, startEngineServer } from "../testing/engine-server.js";
import { makeRoom } from "../testing/people.js";

// Test 48 of reliability with a real disk of 16 MB, which only root can make.
const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
const isRoot = process.platform === "linux" && process.getuid?.() === 0;
const DISK_MIB = 16;

let scene: EngineServer;
let folder = "";
let isMounted = false;
beforeAll(async () => {
  scene = await startEngineServer(await freeTcpPort(), await freeUdpPort());
  folder = join(scene.dataDir, "recordings");
  mkdirSync(folder);
  isMounted =
    isRoot && spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MIB}m`, "tmpfs", folder]).status === 0;
});
afterAll(async () => {
  await scene.server.product.engine.stop();
  if (isMounted) execFileSync("umount", [folder]);
  await scene.server.close();
});

describe.skipIf(!hasFfmpeg || !isRoot)("48", () => {
  test("a full disk ends the recording and says so; the stream goes on, what was recorded plays, room brings it back", async ({
    skip,
  }) => {
    skip(!isMounted, "this machine lets nobody mount a tmpfs");
    const { owner } = scene;
    const filler = join(folder, "filler");
    writeFileSync(filler, Buffer.alloc((DISK_MIB - 1) * 1024 * 1024));
    const room = await makeRoom(owner);
    const roomNow = async () => (await owner.ask("GET", `/rooms/${room.id}`)).json<Room>();
    const encoder = startPublisher(scene.publishUrl(room));
    try {
      await expect
        .poll(async () => (await roomNow()).stream?.video ?? null, { timeout: 15_000 })
        .not.toBeNull();
      expect((await owner.ask("POST", `/rooms/${room.id}/recording`)).statusCode).toBe(201);
      await expect
        .poll(async () => (await roomNow()).recording?.stopped, { timeout: 30_000 })
        .toBe("disk-full");
      expect((await roomNow()).stream?.state).toBe("live");
      expect((await owner.ask("POST", `/rooms/${room.id}/recording`)).json().error).toBe("disk_full");

      // There is no room for a second copy: the fragmented file stays, and plays.
      await expect
        .poll(async () => (await scene.recordings(room))[0]?.state, { timeout: 30_000 })
        .toBe("ready");
      const [recording] = await scene.recordings(room);
      expect(recording?.problem).toMatch(/disk was full.*plain MP4/);
      const asked = [
        "-v",
        "error",
        "-count_packets",
        "-show_entries",
        "stream=nb_read_packets",
        "-of",
        "csv=p=0",
      ];
      const path = join(folder, `${recording?.id}.mp4`);
      const [frames] = execFileSync("ffprobe", [...asked, "-select_streams", "v", path])
        .toString()
        .split("\n");
      expect(Number(frames)).toBeGreaterThan(20);

      rmSync(filler);
      expect((await owner.ask("POST", `/rooms/${room.id}/recording`)).statusCode).toBe(201);
      const durationOf = async () => (await roomNow()).recording?.durationMs ?? 0;
      await expect.poll(durationOf, { timeout: 15_000 }).toBeGreaterThan(1_000);
      expect((await roomNow()).stream?.state).toBe("live");
    } finally {
      await encoder.kill();
    }
  }, 90_000);
});
