import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Recording, Room } from "@colourstream/contract";
import { chromium } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumArguments, findChromium } from "../../../../tests/tools/browser.js";
import { freeTcpPort, freeUdpPort } from "../../../../tests/tools/ports.js";
import { type EngineServer, startEngineServer } from "../testing/engine-server.js";
import { makeRoom } from "../testing/people.js";
import type { Browser, TestServer } from "../testing/server.js";

// The way of a recording with nothing in anybody's place: ffmpeg by RTMP, the built engine (packages/media/dist has to
// be there), the database, the finaliser, HTTP, Chromium.

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "cs-rec-"));
let scene: EngineServer;
let server: TestServer;
let owner: Browser;

beforeAll(async () => {
  scene = await startEngineServer(await freeTcpPort(), await freeUdpPort());
  ({ server, owner } = scene);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Sends a file by RTMP as it is, in real time, to its end. */
const publish = (file: string, room: Room): Promise<number | null> => {
  const sent = ["-re", "-i", file, "-c", "copy", "-f", "flv", scene.publishUrl(room)];
  const child = spawn("ffmpeg", ["-v", "error", ...sent], { stdio: "ignore" });
  return new Promise((resolve) => child.once("close", resolve));
};

const listOf = (room: Room): Promise<Recording[]> => scene.recordings(room);

const untilReady = async (room: Room): Promise<Recording> => {
  const stateOf = async () => (await listOf(room))[0]?.state;
  await expect.poll(stateOf, { timeout: 50_000, interval: 200 }).toBe("ready");
  await server.product.recordings.idle(); // the thumbnail too
  const [ready] = await listOf(room);
  if (ready === undefined) throw new Error("the recording is gone");
  return ready;
};

const download = async (id: string): Promise<string> => {
  const path = join(folder, `${id}.mp4`);
  const answer = await fetch(`${server.url}/api/v1/recordings/${id}/file?download`, {
    headers: { cookie: owner.cookieHeader() },
  });
  expect(answer.status).toBe(200);
  await writeFile(path, Buffer.from(await answer.arrayBuffer()));
  return path;
};

/** The hash of each packet's bytes, without what a container says beside them. */
const packets = (file: string, stream: "v" | "a"): string[] => {
  const asked = ["-v", "error", "-i", file, "-map", `0:${stream}`, "-c", "copy", "-f", "framemd5", "-"];
  const lines = execFileSync("ffmpeg", asked, { maxBuffer: 1 << 26 })
    .toString()
    .split("\n");
  return lines.filter((line) => /^\d/.test(line)).map((line) => line.split(",")[5]?.trim() ?? "");
};

const videoOf = (file: string): Record<string, unknown> =>
  JSON.parse(
    execFileSync("ffprobe", [
      ...["-v", "error", "-select_streams", "v", "-show_streams", "-of", "json", file],
    ]).toString(),
  ).streams[0];

const make = (name: string, options: readonly string[], seconds = 4): string => {
  const file = join(folder, `${name}.flv`);
  execFileSync("ffmpeg", [
    ...["-v", "error", "-y", "-f", "lavfi", "-i", `testsrc2=size=480x270:rate=25:duration=${seconds}`],
    ...["-f", "lavfi", "-i", `sine=frequency=440:sample_rate=48000:duration=${seconds}`],
    ...["-c:a", "aac", "-ac", "2", ...options, file],
  ]);
  return file;
};

const BT709 = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"];

describe.skipIf(!hasFfmpeg)("recorded from ffmpeg by RTMP", () => {
  const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25"];
  test.concurrent.each([
    [
      "H.264 10-bit 4:2:2 with B-frames, anamorphic",
      [...X264, "-bf", "2", "-pix_fmt", "yuv422p10le", "-vf", "setsar=4/3", ...BT709],
      { codec_name: "h264", pix_fmt: "yuv422p10le", color_transfer: "bt709", sample_aspect_ratio: "4:3" },
    ],
    [
      "H.264 8-bit without B-frames",
      [...X264, "-tune", "zerolatency", "-pix_fmt", "yuv420p", ...BT709],
      { codec_name: "h264", pix_fmt: "yuv420p", color_primaries: "bt709", color_range: "tv" },
    ],
  ] as const)(
    "%s: every packet is in the plain MP4 bit for bit, with its colours",
    async (name, options, says) => {
      const file = make(name, options);
      const room = await makeRoom(owner, { autoRecord: true });
      const published = publish(file, room);
      await expect.poll(async () => (await listOf(room))[0]?.state, { timeout: 15_000 }).toBe("recording");
      await published;
      // The take waits 30 s for its encoder: by hand it ends now.
      expect((await owner.ask("DELETE", `/rooms/${room.id}/recording`)).statusCode).toBe(204);
      const recording = await untilReady(room);
      expect(recording).toMatchObject({
        problem: null,
        hasThumbnail: true,
        video: { width: 480, height: 270 },
      });
      expect(recording.video?.codec).toMatch(/^H\.264 (High 4:2:2|Constrained Baseline|High)/);
      expect(Math.abs(recording.durationMs - 4_000)).toBeLessThan(300);

      const recorded = await download(recording.id);
      expect((await stat(recorded)).size).toBe(recording.bytes);
      expect(packets(recorded, "v")).toEqual(packets(file, "v"));
      const sound = packets(recorded, "a");
      expect(sound.length).toBeGreaterThan(150);
      expect(packets(file, "a").join()).toContain(sound.join());
      expect(videoOf(recorded)).toMatchObject(says);
      const plain = (await readFile(recorded)).subarray(0, 4096).toString("latin1");
      expect(plain.indexOf("moov")).toBeGreaterThan(0); // in front
      expect(plain).not.toContain("mvex"); // and of no fragments
    },
    60_000,
  );

  test.skipIf(findChromium() === null)(
    "Chromium plays the file while it grows and jumps about in the finished one; both have a small picture",
    async () => {
      const file = make("chromium", [...X264, "-tune", "zerolatency", "-pix_fmt", "yuv420p", ...BT709], 8);
      const room = await makeRoom(owner);
      const published = publish(file, room);
      const liveOf = async () => (await owner.ask("GET", `/rooms/${room.id}`)).json().stream?.video ?? null;
      await expect.poll(liveOf, { timeout: 15_000 }).not.toBeNull();
      const started = await owner.ask("POST", `/rooms/${room.id}/recording`);
      expect(started.statusCode).toBe(201);
      const { id } = started.json<Recording>();
      const grown = async () => (await owner.ask("GET", `/recordings/${id}`)).json<Recording>().durationMs;
      await expect.poll(grown, { timeout: 15_000 }).toBeGreaterThan(2_000);
      expect((await owner.ask("GET", `/rooms/${room.id}/thumbnail`)).headers["content-type"]).toBe(
        "image/jpeg",
      );

      const browser = await chromium.launch({
        executablePath: findChromium() ?? "",
        args: chromiumArguments(),
      });
      try {
        const context = await browser.newContext();
        const [, token = ""] = /session=([^;]+)/.exec(owner.cookieHeader()) ?? [];
        await context.addCookies([{ name: "session", value: token, url: server.url }]);
        const page = await context.newPage();
        // A page of our own origin without a script: the address of the API's description.
        await page.goto(`${server.url}/api/openapi.json`);
        const play = (at: number | null) =>
          page.evaluate(
            async ([address, to]) => {
              const video = document.createElement("video");
              video.muted = true;
              video.src = String(address);
              document.body.append(video);
              const hear = (name: string) =>
                new Promise<void>((resolve, reject) => {
                  video.addEventListener(name, () => resolve(), { once: true });
                  video.addEventListener("error", () => reject(new Error(video.error?.message ?? "")), {
                    once: true,
                  });
                });
              await hear("loadeddata");
              if (to !== null) {
                const done = hear("seeked");
                video.currentTime = Number(to);
                await done;
              }
              await video.play();
              const from = video.currentTime;
              while (video.currentTime < from + 0.3) await new Promise((resolve) => setTimeout(resolve, 50));
              const { videoWidth, duration, currentTime } = video;
              video.remove();
              return { videoWidth, duration, currentTime };
            },
            // Chromium keeps what it has of an address as long as the page: another query is another file.
            [`/api/v1/recordings/${id}/file?${at === null ? "growing" : "ready"}`, at] as const,
          );
        expect((await play(null)).videoWidth).toBe(480);

        await published;
        await owner.ask("DELETE", `/rooms/${room.id}/recording`);
        const { durationMs } = await untilReady(room);
        const seconds = durationMs / 1000;
        for (const at of [seconds - 2, 1, seconds / 2]) {
          const { currentTime, duration } = await play(at);
          expect(currentTime).toBeGreaterThan(at);
          expect(Math.abs(duration - seconds)).toBeLessThan(0.1);
        }
        const thumbnail = await owner.ask("GET", `/recordings/${id}/thumbnail`);
        expect([thumbnail.statusCode, thumbnail.headers["content-type"]]).toEqual([200, "image/jpeg"]);
        expect([...thumbnail.rawPayload.subarray(0, 2)]).toEqual([0xff, 0xd8]);
      } finally {
        await browser.close();
      }
    },
    90_000,
  );
});
