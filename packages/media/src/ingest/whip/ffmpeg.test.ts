import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as ask, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isVideo } from "../../hub/frame.js";
import { startWhip } from "./fixtures/whip-server.js";

const PUBLISH = fileURLToPath(new URL("./fixtures/ffmpeg-whip.mjs", import.meta.url));
const SECONDS = 4;

/** An optional dependency: not every machine has it. */
const hasFfmpeg8 = await import("node-av/lib").then(
  () => true,
  () => false,
);

/** Slices as they are: parameter sets and delimiters may be put elsewhere on the way. */
const isSlice = (nal: Uint8Array) => [1, 5].includes((nal[0] ?? 0) & 0x1f);
const hashOf = (nal: Uint8Array) => createHash("sha256").update(nal).digest("hex");

function slicesOf(bytes: Buffer): string[] {
  const code = Buffer.from([0, 0, 1]);
  const hashes: string[] = [];
  for (let at = bytes.indexOf(code); at >= 0; ) {
    const next = bytes.indexOf(code, at + 3);
    let end = next < 0 ? bytes.length : next;
    while (end > at + 3 && bytes[end - 1] === 0) end -= 1;
    const nal = bytes.subarray(at + 3, end);
    if (isSlice(nal)) hashes.push(hashOf(nal));
    at = next;
  }
  return hashes;
}

test.skipIf(!hasFfmpeg8)(
  "FFmpeg 8's WHIP muxer, which wants to be the DTLS server, comes in slice for slice",
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "whip-ffmpeg-"));
    const [clip, plain] = [join(folder, "clip.mkv"), join(folder, "clip.h264")];
    execFileSync("ffmpeg", [
      ...["-v", "error", "-f", "lavfi", "-i", `testsrc2=size=640x360:rate=25:duration=${SECONDS}`],
      ...["-f", "lavfi", "-i", `sine=frequency=440:duration=${SECONDS}`],
      ...[
        "-c:v",
        "libx264",
        "-profile:v",
        "baseline",
        "-preset",
        "ultrafast",
        "-tune",
        "zerolatency",
        "-g",
        "25",
      ],
      ...["-x264-params", "slices=1", "-b:v", "3M", "-c:a", "libopus", "-ac", "2", "-ar", "48000", clip],
    ]);
    execFileSync("ffmpeg", ["-v", "error", "-i", clip, "-map", "0:v", "-c", "copy", "-f", "h264", plain]);

    const engine = await startWhip();
    const offers: string[] = [];
    const proxy = createServer((request, response) => {
      const { method, url: path, headers } = request;
      const passed = ask(
        {
          socketPath: engine.httpPath,
          method,
          path,
          headers: { ...headers, "x-forwarded-for": "127.0.0.1" },
        },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      request.on("data", (part) => offers.push(String(part)));
      request.pipe(passed);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", () => resolve()));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/whip`;
    const publisher = spawn(process.execPath, [PUBLISH, clip, url, "ok-ffmpeg"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [publisher.stdout, publisher.stderr]) {
      stream.on("data", (part) => {
        said += part;
      });
    }

    const slices: string[] = [];
    try {
      const deadline = performance.now() + 40_000;
      let reader: ReturnType<NonNullable<ReturnType<typeof engine.streams.find>>["read"]> | null = null;
      const drain = () => {
        for (let frame = reader?.read() ?? null; frame !== null; frame = reader?.read() ?? null) {
          if (isVideo(frame)) slices.push(...frame.unit.units.filter(isSlice).map(hashOf));
        }
      };
      const sent = slicesOf(readFileSync(plain));
      while (slices.length < sent.length && performance.now() < deadline) {
        const stream = engine.streams.find("ffmpeg");
        if (reader === null && stream !== null) {
          const options = {
            tracks: "both",
            audio: "opus",
            isViewer: false,
            takeEnded: () => undefined,
          } as const;
          reader = stream.read({ ...options, wake: () => queueMicrotask(drain) });
          for (const { unit } of reader.gop) slices.push(...unit.units.filter(isSlice).map(hashOf));
        }
        if (publisher.exitCode !== null && publisher.exitCode !== 0) break;
        await sleep(5);
      }
      expect(offers.join(""), said).toContain("a=setup:passive");
      expect(slices.length, said).toBe(sent.length);
      expect(slices).toEqual(sent);
      expect(engine.streams.find("ffmpeg")?.audioFormat()).toMatchObject({ codec: "opus" });
    } finally {
      publisher.kill("SIGKILL");
      proxy.closeAllConnections();
      proxy.close();
      await engine.close();
      rmSync(folder, { recursive: true });
    }
  },
);
