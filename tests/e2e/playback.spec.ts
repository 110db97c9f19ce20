import { spawn } from "node:child_process";
import type { IngestUrl } from "@colourstream/contract";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { type Encoder, publishUrl, startEncoder } from "../tools/encoder.js";
import { decoderCounts, waitForPicture } from "../tools/picture-watch.js";
import { type Product, startProduct, type TestRoom } from "../tools/product.js";
import { startUdpRelay, type UdpRelay } from "../tools/udp-relay.js";
import { wallMs } from "../tools/wait.js";
import { accessibilityFaults, keyboardFaults } from "./axe.js";
import {
  expectSameDocument,
  expectState,
  fillDoor,
  joinAsReviewer,
  markDocument,
  openTab,
  stage,
} from "./pages.js";

// Which way the picture comes: WebRTC where it can, HLS where it must, and what the page says of it.

const FOR_EVER_MS = 3_600_000;

let product: Product;
let room: TestRoom;
let encoder: Encoder | undefined;
let relay: UdpRelay | undefined;

test.beforeAll(async () => {
  product = await startProduct();
});
test.afterAll(() => product?.remove());
test.beforeEach(async () => {
  room = await product.createRoom(`Playback ${Date.now()}`);
});
test.afterEach(async () => {
  await encoder?.kill();
  await relay?.close();
  encoder = undefined;
  relay = undefined;
});

function publish(settings: Partial<Parameters<typeof startEncoder>[0]> = {}): Encoder {
  encoder = startEncoder({ url: publishUrl(room.ingest), ...settings });
  return encoder;
}

async function expectHls(page: Page): Promise<void> {
  await expect(page.getByTestId("delayed")).toHaveText(/^Delayed picture: \d\.\d s$/, { timeout: 20_000 });
}

test("a stream with B-frames comes by HLS by itself, smooth, with its sound, and the page says why and how late", async ({
  context,
}) => {
  await publish({ bFrames: 2 }).firstFrameAt;
  await product.waitForStream(room, "live");
  const { page, complaints } = await joinAsReviewer(context, room, "Dana Director");
  await waitForPicture(page, wallMs() - 5_000, 20_000);
  await expectState(page, "live");
  await expectHls(page);
  const before = (await waitForPicture(page, wallMs() - 10_000, 5_000)).frame;
  await page.keyboard.press("i"); // the badge steps back with the other controls
  await expect(page.getByTestId("fact-way")).toHaveText("HLS");
  await expect(page.getByTestId("fact-latency")).toHaveText(/^(\d\.\d s|\d+ ms.*)$/);
  await expect(page.getByTestId("fact-buffer")).toHaveText(/^\d+\.\d s$/);
  await expect(page.getByTestId("why-delayed")).toContainText("B-frames");
  const picture = page.getByTestId("picture");
  expect(await picture.evaluate((video: HTMLVideoElement) => video.muted)).toBe(false);
  await page.getByTestId("sound-toggle").click();
  expect(await picture.evaluate((video: HTMLVideoElement) => video.muted)).toBe(true);
  expect((await waitForPicture(page, wallMs() - 3_000, 10_000)).frame).toBeGreaterThan(before);
  expect(await decoderCounts(page)).toMatchObject({ framesReceived: 0 });
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

test("where WebRTC is blocked HLS takes over within seconds, and WebRTC takes over again when it is not", async ({
  context,
}) => {
  await publish().firstFrameAt;
  const { page, cut } = await joinThroughRelay(context);
  cut(true);
  const askedAt = wallMs();
  await enter(page);
  const first = await waitForPicture(page, askedAt - 10_000, 25_000);
  expect(first.seenMs - askedAt).toBeGreaterThan(4_000); // WebRTC had its time
  await expectHls(page);
  await markDocument(page);
  await page.keyboard.press("i");
  await expect(page.getByTestId("why-delayed")).toContainText("network");

  cut(false);
  await page.evaluate(() => window.dispatchEvent(new Event("online"))); // what the browser says of a new network
  await expect(page.getByTestId("fact-way")).toHaveText("WebRTC", { timeout: 20_000 });
  await expect(page.getByTestId("delayed")).toHaveCount(0);
  await waitForPicture(page, wallMs(), 5_000);
  await expectSameDocument(page);
});

test("an outage of the line of 2 s: the picture goes on by itself", async ({ context }) => {
  await publish().firstFrameAt;
  const { page, cut } = await joinThroughRelay(context);
  await enter(page);
  await waitForPicture(page, wallMs(), 10_000);
  await markDocument(page);
  cut(true);
  await expect(page.getByTestId("banner")).not.toBeEmpty();
  cut(false);
  const backAt = wallMs();
  const frame = await waitForPicture(page, backAt, 10_000);
  expect(frame.seenMs - backAt).toBeLessThan(5_000);
  await expectState(page, "live");
  await expectSameDocument(page);
});

test("a browser that cannot show the stream says what it is and what can be done, and shows it once it can", async ({
  context,
}) => {
  const { page, complaints } = await joinAsReviewer(context, room, "Dana Director");
  const plays = 'video/mp4; codecs="hvc1.1.6.L123.B0"';
  test.skip(
    await page.evaluate((type) => MediaSource.isTypeSupported(type), plays),
    "this Chromium has H.265",
  );
  const owner = await product.owner();
  const { urls } = await owner.ask<{ urls: IngestUrl[] }>("POST", `/rooms/${room.id}/ingest/reveal`);
  const srt = urls.find(({ protocol }) => protocol === "srt");
  const hevc = spawn("ffmpeg", [
    ...["-hide_banner", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25"],
    ...["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:bframes=0:keyint=25"],
    ...["-f", "mpegts", srt?.url ?? ""],
  ]);
  try {
    await expectState(page, "unplayable", 20_000);
    await expect(page.getByTestId("waiting")).toContainText(
      "The picture is sent as H.265 (HEVC), which this browser cannot show.",
    );
    await expect(page.getByTestId("waiting")).toContainText("ask the colourist to choose H.264");
  } finally {
    hevc.kill("SIGKILL");
  }
  await product.waitForStream(room, "interrupted", 15_000);
  await publish({ retry: true }).firstFrameAt;
  await waitForPicture(page, wallMs(), 20_000);
  await expectState(page, "live");
  expect(complaints).toEqual([]);
});

test("what the viewer chooses by hand is used and remembered", async ({ context }) => {
  await publish().firstFrameAt;
  const { page } = await joinAsReviewer(context, room, "Dana Director");
  await waitForPicture(page, wallMs(), 10_000);
  await page.keyboard.press("i");
  await expect(page.getByTestId("fact-way")).toHaveText("WebRTC");
  await page.getByLabel("Most robust").check();
  await expect(page.getByTestId("fact-way")).toHaveText("HLS", { timeout: 20_000 });
  await page.reload();
  await expectHls(page);
  await expect(page.getByLabel("Most robust")).toBeChecked(); // the panel is open again as it was
  await page.getByLabel("Automatic").check();
  await expect(page.getByTestId("fact-way")).toHaveText("WebRTC", { timeout: 20_000 });
});

test("the check page, from the room's door and back: every line with its words, on a desk and on a phone", async ({
  context,
}) => {
  const { page, complaints } = await openTab(context);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(room.reviewerLink);
  await page.getByTestId("check-link").click();
  await expect(page).toHaveURL(/\/check#/);
  await expect(page.getByTestId("check")).toHaveAttribute("data-state", "done", { timeout: 25_000 });
  await expect(page.getByTestId("check-summary")).toHaveText("You are ready.");
  await expect(page.getByTestId("check-picture")).toContainText("straight from the server (UDP)");
  await expect(page.getByTestId("check-line")).toContainText(
    "Mbit/s come through. A good picture takes about",
  );
  await page.getByText("Every kind of picture in this browser").first().click();
  await expect(page.getByTestId("check-table")).toContainText("AV1, 10-bit");
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(await keyboardFaults(page)).toEqual([]);
  await page.getByRole("link", { name: "Back to the room" }).click();
  await expect(page.getByTestId("join")).toBeVisible();
  expect(complaints).toEqual([]);
});

test("a check behind a network that blocks UDP says so, and that the picture comes late", async ({
  context,
}) => {
  const { page, cut } = await joinThroughRelay(context);
  cut(true);
  await page.goto(`${product.url}/check`);
  await expect(page.getByTestId("check")).toHaveAttribute("data-state", "done", { timeout: 30_000 });
  await expect(page.getByTestId("check-summary")).toContainText("a second or two late");
  await expect(page.getByTestId("check-picture")).toContainText("UDP is blocked");
});

/** A tab whose media goes through a relay of the test's, which can be cut. It stands before the room's door. */
async function joinThroughRelay(context: BrowserContext): Promise<{ page: Page; cut(is: boolean): void }> {
  const made = await startUdpRelay({ targetPort: product.webrtcPort, seed: 1, toTarget: {} });
  relay = made;
  const { page } = await openTab(context);
  const port = new RegExp(`(a=candidate:\\S+ \\d+ udp \\d+ \\S+ )${product.webrtcPort}\\b`, "gi");
  await page.route("**/whep", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll(port, `$1${made.port}`) });
  });
  await page.goto(room.reviewerLink);
  return { page, cut: (is) => made.cutFor(is ? FOR_EVER_MS : 0) };
}

async function enter(page: Page): Promise<void> {
  await fillDoor(page, "Dana Director", room.reviewerPassword);
  await expect(stage(page)).toBeVisible();
}
