import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as ask, createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { expect, test } from "vitest";
import { fakePublisher } from "../../hub/fixtures/publisher.js";
import { createStreams } from "../../hub/streams.js";
import { systemClock } from "../../transport/system-clock.js";
import { makeH264Clip } from "./fixtures/clip.js";
import { makeOpusClip } from "./fixtures/opus-clip.js";
import { startWhep } from "./fixtures/whep-server.js";

const CHROMIUM = "/usr/bin/chromium";
const PAGE = new URL("./fixtures/watch.html", import.meta.url);

/** What the page tells after watching for a while. */
type Seen = {
  firstFrameMs: number;
  width: number;
  framesDecoded: number;
  packetsLost: number;
  keyframesAsked: number;
  jitterMs: number;
  left: [number, number];
  right: [number, number];
};

/** The product's part: one origin for page and signalling. */
async function startProxy(socketPath: string): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    if (!request.url?.startsWith("/whep")) {
      response.setHeader("content-type", "text/html").end(readFileSync(PAGE));
      return;
    }
    const { method, url: path, headers } = request;
    const passed = ask(
      { socketPath, method, path, headers: { ...headers, "x-forwarded-for": "127.0.0.1" } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

test.skipIf(!existsSync(CHROMIUM))(
  "Chromium sees H.264 and hears stereo Opus",
  { timeout: 60_000 },
  async () => {
    const clip = makeH264Clip({ seconds: 6, size: "1280x720", bitrate: "6M" });
    const opus = makeOpusClip(20);
    const folder = mkdtempSync(join(tmpdir(), "whep-"));
    const httpPath = join(folder, "http.sock");
    const streams = createStreams({ clock: systemClock, random: randomBytes, listener: () => undefined });
    const whep = await startWhep({
      httpPath,
      webrtc: { firstPort: 0, lastPort: 0, publicAddress: null, bindAddress: null },
      mayPlay: async () => ({
        allowed: true,
        stream: "room",
        viewer: null,
        lifetimeMs: null,
        passphrase: null,
      }),
      streams,
      log: { info: () => undefined, warn: () => undefined },
    });
    const publication = streams.publish("room", fakePublisher());
    if (publication === "already-live") throw new Error("already live");
    publication.videoFormat(clip.format);
    publication.audioFormat({ codec: "opus", sampleRate: 48_000, channels: 2, config: new Uint8Array(0) });

    const start = performance.now();
    let shown = 0;
    let heard = 0;
    const source = setInterval(() => {
      const arrivedAtMs = performance.now();
      for (; shown * (1000 / 24) <= arrivedAtMs - start; shown += 1) {
        const picture = clip.pictures[shown % clip.pictures.length];
        const dts = shown * 3750;
        if (picture === undefined) continue;
        const { isKeyframe, nals: units } = picture;
        publication.write({ kind: "video", pts: dts, dts, isKeyframe, units, arrivedAtMs });
      }
      for (; heard * 20 <= arrivedAtMs - start; heard += 1) {
        const payload = opus[heard % opus.length];
        if (payload !== undefined)
          publication.write({ kind: "audio", pts: heard * 1800, payload, arrivedAtMs });
      }
    }, 5);

    const { server, url } = await startProxy(httpPath);
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
    });
    try {
      const page = await browser.newPage();
      await page.goto(url);
      const seen = await page.evaluate<Seen>("watch()");
      expect(seen.width).toBe(1280);
      expect(seen.framesDecoded).toBeGreaterThan(60);
      expect(seen.keyframesAsked).toBeLessThanOrEqual(1);
      // Each side has its own tone, 20 dB above the other's.
      expect(seen.left[0] - seen.left[1]).toBeGreaterThan(20);
      expect(seen.right[1] - seen.right[0]).toBeGreaterThan(20);
    } finally {
      clearInterval(source);
      await browser.close();
      server.close();
      await whep.close();
      streams.close();
      rmSync(folder, { recursive: true });
    }
  },
);
