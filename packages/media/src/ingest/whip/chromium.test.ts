import { existsSync, readFileSync } from "node:fs";
import { request as ask, createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, chromium } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startLossyRelay } from "./fixtures/lossy-relay.js";
import { startWhip } from "./fixtures/whip-server.js";

const CHROMIUM = "/usr/bin/chromium";
const PAGE = new URL("./fixtures/publish.html", import.meta.url);

/** What the page says of its sending. */
type Sent = {
  readonly codec: string;
  readonly bytes: number;
  readonly targetBitrate: number;
  readonly frames: number;
  readonly keyframes: number;
  readonly plis: number;
  readonly nacks: number;
  readonly resent: number;
};

/** The product's part: one origin for page and signalling. `port` stands in the answers in place of the engine's. */
async function startProxy(socketPath: string): Promise<{ server: Server; url: string; port: number | null }> {
  const proxy: { server: Server; url: string; port: number | null } = {
    server: createServer(),
    url: "",
    port: null,
  };
  proxy.server.on("request", (request, response) => {
    if (!request.url?.startsWith("/whip")) {
      response.setHeader("content-type", "text/html").end(readFileSync(PAGE));
      return;
    }
    const { method, url: path, headers } = request;
    const passed = ask(
      { socketPath, method, path, headers: { ...headers, "x-forwarded-for": "127.0.0.1" } },
      async (answer) => {
        let body = "";
        for await (const part of answer) body += part;
        if (proxy.port !== null) body = body.replaceAll(/ \d+ typ host/g, ` ${proxy.port} typ host`);
        const { "content-length": _length, ...rest } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, rest).end(body);
      },
    );
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.server.listen(0, "127.0.0.1", () => resolve()));
  proxy.url = `http://127.0.0.1:${(proxy.server.address() as AddressInfo).port}/`;
  return proxy;
}

let engine: Awaited<ReturnType<typeof startWhip>>;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let browser: Browser;

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) return;
  engine = await startWhip();
  proxy = await startProxy(engine.httpPath);
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
  });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  proxy?.server.close();
  await engine?.close();
});

async function until(holds: () => boolean | Promise<boolean>, what: string, ms = 30_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await sleep(100);
  }
}

async function publishing(codec: string, name: string) {
  const page = await browser.newPage();
  await page.goto(proxy.url);
  await page.evaluate(`publish(${JSON.stringify(codec)}, ${JSON.stringify(`ok-${name}`)})`);
  const video = () => engine.streams.find(name)?.snapshot()?.video ?? null;
  await until(() => (video()?.frameRate ?? 0) > 0, `${codec} in the hub`);
  return { page, video, sent: () => page.evaluate<Sent>("sent()") };
}

const CODECS: [string, string][] = [
  ["H264", "h264"],
  ["VP9", "vp9"],
  ["AV1", "av1"],
];
test.skipIf(!existsSync(CHROMIUM)).each(CODECS)(
  "Chromium's camera comes in as %s, with its sound, and a keyframe when it is asked for",
  { timeout: 60_000 },
  async (codec, ours) => {
    const { page, video, sent } = await publishing(codec, ours);
    expect(video()).toMatchObject({ codec: ours });
    expect(video()?.width).toBeGreaterThan(300);
    const before = await sent();
    expect(before.codec).toBe(`video/${codec}`);
    await until(() => {
      engine.streams.find(ours)?.requestKeyframe();
      return sent().then(({ keyframes }) => keyframes > before.keyframes);
    }, "a keyframe");
    await until(() => engine.streams.find(ours)?.snapshot()?.audio?.codec === "opus", "the sound");
    expect(engine.streams.find(ours)?.snapshot()?.source?.encoder).toMatch(/^Chrome \d+$/);
    await page.close();
    await until(
      () => engine.streams.find(ours)?.snapshot()?.state !== "live",
      "the end of the page is noticed",
    );
  },
);

test.skipIf(!existsSync(CHROMIUM))(
  "2 % of its packets lost are asked for and come again; its rate grows all the same",
  { timeout: 90_000 },
  async () => {
    const relay = await startLossyRelay(engine.udpPort);
    let count = 0;
    relay.loses = () => ++count % 50 === 0;
    proxy.port = relay.port;
    const { page, sent } = await publishing("H264", "lossy");
    const link = () => engine.streams.find("lossy")?.snapshot()?.link;
    await until(async () => (await sent()).resent >= 10, "ten repairs");
    expect(link()?.lostPercent).toBeGreaterThan(0);
    expect(link()?.missingPercent).toBeLessThan(0.5);
    await until(async () => (await sent()).targetBitrate > 2_000_000, "more than 2 Mb/s");
    await page.close();
    relay.close();
    proxy.port = null;
  },
);
