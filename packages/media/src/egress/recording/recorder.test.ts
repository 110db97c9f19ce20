import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { FORMAT, fakePublisher } from "../../hub/fixtures/publisher.js";
import type { Publication } from "../../hub/ports.js";
import { fromHex } from "../../wire/hex.js";
import { probe } from "../mp4/fixtures/source.js";
import { type Disk, machineDisk } from "./disk.js";
import { finalise, makeRecorderScene, type RecorderScene } from "./fixtures/recorder-scene.js";

const folder = mkdtempSync(join(tmpdir(), "recorder-"));
afterAll(() => rmSync(folder, { recursive: true }));
const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
// A small and a large picture of x264.
const SPS = fromHex("6742c01ed900a02ff970110000030001000003003c0f162e48");
const LARGER_SPS = fromHex("67640028acd940780227e5c05a808080a0000003002000000641e30632c0");
const VIDEO = {
  ...FORMAT,
  width: 320,
  height: 180,
  parameterSets: [SPS, Uint8Array.of(0x68, 0xce, 0x3c, 0x80)],
};

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0)) await undo();
});
const makeScene = (disk: Disk = machineDisk): RecorderScene => {
  const scene = makeRecorderScene(folder, disk);
  cleanUp.push(scene.close);
  return scene;
};

/** Pictures 40 ms apart, a keyframe every 25; answers the encoder's time after them. */
function send(scene: RecorderScene, to: Publication, frames: number, from = 0, bytes = 100): number {
  for (let at = 0; at < frames; at += 1) {
    const time = from + at * 3600;
    const isKeyframe = at % 25 === 0;
    const unit = new Uint8Array(bytes).fill(isKeyframe ? 0x65 : 0x41);
    const arrivedAtMs = scene.clock.now();
    to.write({ kind: "video", pts: time, dts: time, isKeyframe, units: [unit], arrivedAtMs });
    scene.clock.run(40);
  }
  return from + frames * 3600;
}

/** Lets what waits for the disk go there. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
};

const packetsOf = (file: string) =>
  (probe(file, "-show_packets", "-select_streams", "v").packets ?? []).map((packet) =>
    Number(packet.pts_time),
  );

describe.skipIf(!hasFfmpeg)("recording", () => {
  test("a publisher that sends keyframes only when asked is asked at once, and again and again", async () => {
    const scene = makeScene();
    let asked = 0;
    const publication = scene.streams.publish("s", {
      ...fakePublisher("whip"),
      requestKeyframe() {
        asked += 1;
      },
    });
    if (publication === "already-live") throw new Error(publication);
    publication.videoFormat(VIDEO);
    await scene.recorder.start("s", scene.id);
    expect(asked).toBe(1);
    for (let at = 0; at < 225; at += 1) {
      const unit = { kind: "video", pts: at * 3600, dts: at * 3600, isKeyframe: at === 0 } as const;
      const bytes = new Uint8Array(100).fill(at === 0 ? 0x65 : 0x41);
      publication.write({ ...unit, units: [bytes], arrivedAtMs: scene.clock.now() });
      scene.clock.run(40);
    }
    expect(asked).toBe(3); // 9 s, one keyframe at their beginning
  });

  test("begins with the last keyframe, though it was begun between two, and tells how it grows", async () => {
    const scene = makeScene();
    const publication = scene.publish();
    publication.videoFormat(VIDEO);
    const next = send(scene, publication, 30); // five after the second keyframe
    expect(await scene.recorder.start("s", scene.id)).toEqual({ started: true, reason: null });
    expect(await scene.recorder.start("s", "another-recording")).toEqual({
      started: false,
      reason: "already-recording",
    });
    send(scene, publication, 50, next);
    await settle();
    scene.clock.run(1000);
    const grew = scene.told.filter(({ event }) => event === "recordingGrew");
    expect(grew.length).toBeGreaterThanOrEqual(2);
    expect(scene.recorder.list()).toMatchObject([{ recording: scene.id, stream: "s" }]);
    expect(await scene.recorder.stop(scene.id)).toBe(true);
    expect(scene.told.at(-1)).toMatchObject({
      event: "recordingEnded",
      why: "stopped",
      recording: { recording: scene.id, durationMs: 55 * 40, bytes: statSync(scene.path).size },
    });
    expect(packetsOf(scene.path)).toHaveLength(55);
    expect(await scene.recorder.stop(scene.id)).toBe(false);
  });

  test("an interruption of ten seconds stays in the file as it was, there and in the plain MP4", async () => {
    const scene = makeScene();
    const first = scene.publish();
    first.videoFormat(VIDEO);
    await scene.recorder.start("s", scene.id);
    send(scene, first, 25);
    first.close("lost");
    scene.clock.run(10_000);
    const second = scene.publish(); // at zero again
    second.videoFormat({ ...VIDEO });
    send(scene, second, 25);
    await scene.recorder.stop(scene.id);
    const growing = packetsOf(scene.path);
    expect(growing).toHaveLength(50);
    expect((growing[25] ?? 0) - (growing[24] ?? 0)).toBeCloseTo(10.04, 1);
    expect(finalise(folder, scene.id)).toMatchObject({ is: "finalised" });
    expect(packetsOf(join(folder, `${scene.id}.mp4`))).toEqual(growing);
  });

  test("when its encoder does not come back within 30 s it ends with the take", async () => {
    const scene = makeScene();
    const publication = scene.publish();
    publication.videoFormat(VIDEO);
    await scene.recorder.start("s", scene.id);
    send(scene, publication, 25);
    publication.close("lost");
    scene.clock.run(31_000);
    expect(await scene.ended()).toMatchObject({ why: "take-ended", detail: null });
  });

  test("another size of picture, and sound that was not there, are for the next file; this one plays to there", async () => {
    const scene = makeScene();
    const publication = scene.publish();
    publication.videoFormat(VIDEO);
    await scene.recorder.start("s", scene.id);
    const next = send(scene, publication, 50);
    publication.videoFormat({
      ...VIDEO,
      width: 1920,
      height: 1080,
      parameterSets: [LARGER_SPS, ...VIDEO.parameterSets.slice(1)],
    });
    const after = send(scene, publication, 25, next);
    expect(await scene.ended()).toMatchObject({ why: "format-changed" });
    expect(packetsOf(scene.path)).toHaveLength(50);

    // The next one is begun while the new picture's first GOP is still there: nothing is lost in between.
    const nextId = `${scene.id}-2`;
    scene.told.length = 0;
    await scene.recorder.start("s", nextId);
    send(scene, publication, 26, after);
    const sound = { codec: "opus", sampleRate: 48_000, channels: 2, config: new Uint8Array() } as const;
    publication.audioFormat(sound);
    const arrivedAtMs = scene.clock.now();
    publication.write({
      kind: "audio",
      pts: after + 26 * 3600,
      payload: Uint8Array.of(0xfc, 1),
      arrivedAtMs,
    });
    expect(await scene.ended()).toMatchObject({ why: "format-changed" });
    expect(packetsOf(join(folder, `${nextId}.part.mp4`))).toHaveLength(51);
  });

  test("begun with the take itself, before any picture, it waits for the first one", async () => {
    const scene = makeScene();
    const publication = scene.publish();
    expect(await scene.recorder.start("s", scene.id)).toEqual({ started: true, reason: null });
    scene.clock.run(3000);
    publication.videoFormat(VIDEO);
    send(scene, publication, 30);
    await scene.recorder.stop(scene.id);
    expect(packetsOf(scene.path)).toHaveLength(30);
  });

  test("without a take there is nothing to record", async () => {
    const scene = makeScene();
    expect(await scene.recorder.start("s", scene.id)).toEqual({ started: false, reason: "not-live" });
    expect(await scene.recorder.saveKeyframe("s", scene.id)).toBe(false);
  });
});

describe("a disk that", () => {
  type Try = { appends: number; release: () => void };
  /** The machine's, but every write waits until it is let go, or fails. */
  const slowDisk = (failWith?: string): { disk: Disk; tried: Try } => {
    const tried: Try = { appends: 0, release: () => undefined };
    const released = new Promise<void>((resolve) => {
      tried.release = resolve;
    });
    const disk: Disk = {
      ...machineDisk,
      create: async (path) => {
        const file = await machineDisk.create(path);
        return {
          ...file,
          append: async (bytes) => {
            tried.appends += 1;
            if (failWith === undefined) await released;
            else if (tried.appends > 2)
              throw Object.assign(new Error(`${failWith}: ${path}`), { code: failWith });
            await file.append(bytes);
          },
        };
      },
    };
    return { disk, tried };
  };

  test("stands still costs the stream nothing: viewers get every picture, and what waits is bounded", async () => {
    const { disk, tried } = slowDisk();
    const scene = makeScene(disk);
    const publication = scene.publish();
    publication.videoFormat(VIDEO);
    await scene.recorder.start("s", scene.id);
    let seen = 0;
    const viewer = scene.streams.find("s")?.read({
      ...{ tracks: "video", audio: "opus", isViewer: true },
      wake: () => {
        while (viewer?.read() != null) seen += 1;
      },
      takeEnded: () => undefined,
    });
    let time = 0;
    // 2 MB a picture: 128 MiB wait after 67 of them, and no more.
    for (let gop = 0; gop < 4; gop += 1) {
      time = send(scene, publication, 25, time, 2_000_000);
      if (gop < 2) expect(scene.told.filter(({ event }) => event === "recordingEnded")).toEqual([]);
    }
    expect([seen, viewer?.dropped()]).toEqual([100, 0]);
    tried.release();
    expect(await scene.ended()).toMatchObject({
      why: "failed",
      detail: "The disk is too slow for this stream.",
    });
    expect(scene.streams.find("s")?.snapshot()?.state).toBe("live");
  });

  test.each([
    ["ENOSPC", "disk-full", "The disk is full."],
    ["EDQUOT", "disk-full", "The disk is full."],
    ["EIO", "failed", "The disk has failed."],
    ["EWHATEVER", "failed", "The disk refused what was written to it (EWHATEVER)."],
  ])(
    "answers %s ends the recording as %s, in words without a path; the stream goes on",
    async (code, why, detail) => {
      const { disk } = slowDisk(code);
      const scene = makeScene(disk);
      const publication = scene.publish();
      publication.videoFormat(VIDEO);
      await scene.recorder.start("s", scene.id);
      for (let turn = 0, time = 0; turn < 4; turn += 1) {
        time = send(scene, publication, 25, time);
        await settle();
      }
      expect(await scene.ended()).toMatchObject({ why, detail });
      expect(scene.streams.find("s")?.snapshot()?.state).toBe("live");
      if (hasFfmpeg) expect(packetsOf(scene.path).length).toBeGreaterThan(0); // what was written plays
    },
  );

  test("runs low ends the recording within two seconds, and begins none, before anything else is short of room", async () => {
    let freeBytes = 100e9;
    const disk: Disk = { ...machineDisk, space: async () => ({ freeBytes, totalBytes: 500e9 }) };
    const scene = makeScene(disk);
    const publication = scene.publish();
    publication.videoFormat(VIDEO);
    await scene.recorder.start("s", scene.id);
    let time = send(scene, publication, 25);
    await settle();
    freeBytes = 1e9; // less than 1 GiB
    time = send(scene, publication, 50, time);
    await settle();
    send(scene, publication, 5, time);
    expect(await scene.ended()).toMatchObject({ why: "disk-full" });
    expect(await scene.recorder.start("s", "no-room-for-this")).toEqual({
      started: false,
      reason: "disk-full",
    });
    freeBytes = 2e9; // there is room again
    expect(await scene.recorder.start("s", "room-for-this-one")).toEqual({ started: true, reason: null });
  });
});
