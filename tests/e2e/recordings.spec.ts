import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { API_PREFIX, type Recording, type Room, recordingFilePath } from "@colourstream/contract";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { publishUrl, startEncoder } from "../tools/encoder.js";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { waitFor } from "../tools/wait.js";
import { accessibilityFaults } from "./axe.js";
import { openTab, signInAs } from "./pages.js";

// The studio's recordings, on the built product with its own test signal: 24 fps, with a frame counter in the picture.

const FRAMES_PER_SECOND = 24;

let product: Product;
let owner: ApiClient;
let room: TestRoom;
test.beforeAll(async () => {
  product = await startProduct();
  owner = await product.owner();
  room = await product.createRoom("Northern Light");
  await owner.ask("POST", `/rooms/${room.id}/test-signal`);
  await product.waitForStream(room, "live", 20_000);
});
test.afterAll(() => product?.remove());

async function list(client: ApiClient): Promise<Recording[]> {
  return (await client.ask<{ recordings: Recording[] }>("GET", "/recordings")).recordings;
}

/** What the picture looks like now, to tell whether it is another one. */
function pictureOf(page: Page): Promise<string> {
  return page.locator("video").evaluate((video: HTMLVideoElement) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [160, 90];
    canvas.getContext("2d")?.drawImage(video, 0, 0, 160, 90);
    return canvas.toDataURL();
  });
}

const videoTime = (page: Page) =>
  page.locator("video").evaluate((video: HTMLVideoElement) => (video.seeking ? -1 : video.currentTime));

/** In seconds; 0 until it is known. */
const videoLength = (page: Page) =>
  page
    .locator("video")
    .evaluate(({ duration }: HTMLVideoElement) => (Number.isFinite(duration) ? duration : 0));

test("what is live is recorded by hand, plays frame by frame, is downloaded, renamed and deleted", async ({
  browser,
}) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await signInAs(context, owner, product.url);
  const { page, complaints } = await openTab(context);
  await page.goto(`${product.url}/studio/recordings`);
  await expect(page.getByTestId("no-recordings")).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);

  await page.goto(`${product.url}/studio/rooms/${room.id}`);
  await page.getByTestId("record").click();
  const running = page.getByTestId("recording-running");
  await expect(running).toContainText(/0:0[3-9]/, { timeout: 20_000 });
  await expect(running).toContainText(/[kM]B/);
  await playsWhileItGrows(page);
  await page.getByRole("button", { name: "Stop recording" }).click();
  await expect(running).toBeHidden();
  await expect(page.getByTestId("record")).toHaveText("Record");

  await page.getByTestId("last-recordings").getByRole("link").click();
  await expect(page.getByTestId("recording")).toHaveAttribute("data-state", "ready", { timeout: 30_000 });
  const [made] = await list(owner);
  expect(made).toMatchObject({ state: "ready", problem: null, room: { id: room.id } });
  await expect(page.getByText("24 fps")).toBeVisible();
  await expect.poll(() => videoTime(page)).toBeGreaterThanOrEqual(0);

  await page.keyboard.press("Home");
  const timecode = page.getByTestId("timecode");
  await expect(timecode).toHaveText("00:00:00:00");
  for (let step = 0; step < 7; step += 1) await page.keyboard.press(".");
  await expect(timecode).toHaveText("00:00:00:07");
  await expect.poll(() => videoTime(page)).toBeCloseTo(7.5 / FRAMES_PER_SECOND, 2);
  const seventh = await pictureOf(page);
  await page.keyboard.press(",");
  await expect(timecode).toHaveText("00:00:00:06");
  await expect.poll(async () => (await pictureOf(page)) === seventh).toBe(false);
  await page.getByTestId("position").fill("2");
  await expect.poll(() => videoTime(page)).toBeCloseTo(2, 1);
  await page.keyboard.press("Home");
  await page.getByTestId("play").click();
  await expect.poll(() => videoTime(page)).toBeGreaterThan(1);
  await page.keyboard.press("j");
  await expect(page.getByTestId("player")).toHaveAttribute("data-speed", "-1");
  await expect(timecode).toHaveText("00:00:00:00", { timeout: 15_000 });
  await expect(page.getByTestId("player")).toHaveAttribute("data-speed", "0");

  await downloads(page, made?.id ?? "");

  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByLabel("Name of the recording").fill("Reel 1, first pass");
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page.getByTestId("recording-name")).toHaveText("Reel 1, first pass");
  await page.getByRole("link", { name: "Recordings", exact: true }).first().click();
  const row = page.getByTestId("recording-row");
  await expect(row).toContainText("Reel 1, first pass");
  await expect(page.getByTestId("disk-use")).toContainText(/Recordings use .*; .* free/);
  await page.getByLabel("Search by name").fill("reel 2");
  await expect(page.getByTestId("none-found")).toBeVisible();
  await page.getByLabel("Search by name").fill("FIRST reel");
  await expect(row).toBeVisible();

  await row.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByTestId("confirm")).toContainText("cannot be taken back");
  await page.getByRole("button", { name: "Delete recording" }).click();
  await expect(page.getByTestId("no-recordings")).toBeVisible();
  expect(await list(owner)).toEqual([]);
  expect(
    readdirSync(join(product.dataDir, "recordings")).filter((name) => name.includes(made?.id ?? "?")),
  ).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});

/** From the room's page to the recording that runs, and back. */
async function playsWhileItGrows(page: Page): Promise<void> {
  await page.getByTestId("last-recordings").getByRole("link").click();
  await expect(page.getByTestId("growing")).toBeVisible();
  await expect.poll(() => videoLength(page)).toBeGreaterThan(1);
  const before = await videoLength(page);
  await page.getByTestId("play").click();
  await expect.poll(() => videoTime(page)).toBeGreaterThan(0.2);
  const seen = await videoTime(page);
  await page.getByRole("button", { name: "Load what has come since" }).click();
  await expect.poll(() => videoLength(page)).toBeGreaterThan(before);
  await expect.poll(() => videoTime(page)).toBeGreaterThanOrEqual(seen - 0.3); // it goes on where it was
  await expect(page.getByTestId("cannot-play")).toBeHidden();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.goBack();
}

/** The whole file under its name, and any part of it by range. */
async function downloads(page: Page, id: string): Promise<void> {
  const started = page.waitForEvent("download");
  await page.getByTestId("download").click();
  const download = await started;
  expect(download.suggestedFilename()).toMatch(/^Northern Light.*\.mp4$/);
  const { bytes } = await owner.ask<Recording>("GET", `/recordings/${id}`);
  const file = product.url + API_PREFIX + recordingFilePath(id);
  const part = await page.request.get(file, { headers: { range: "bytes=4-7" } });
  expect(part.status()).toBe(206);
  expect(part.headers()["content-range"]).toBe(`bytes 4-7/${bytes}`);
  expect(await part.text()).toBe("ftyp");
  const whole = await page.request.get(file);
  expect((await whole.body()).length).toBe(bytes);
}

/** HEVC, which Chromium has no decoder for here, in the file's place: with sound, which alone would play. */
async function saysWhatItCannotPlay(browser: Browser, id: string): Promise<void> {
  const made = spawnSync(
    "ffmpeg",
    [
      ...["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1"],
      ...["-f", "lavfi", "-i", "sine=d=1", "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1"],
      ...["-x265-params", "log-level=none", "-c:a", "aac", join(product.dataDir, "recordings", `${id}.mp4`)],
    ],
    { encoding: "utf8", timeout: 30_000 },
  );
  expect([made.status, made.stderr]).toEqual([0, ""]);
  const context = await browser.newContext();
  await signInAs(context, owner, product.url);
  const { page } = await openTab(context);
  await page.goto(`${product.url}/studio/recordings/${id}`);
  await expect(page.getByTestId("cannot-play")).toContainText(/This browser cannot play .* Download it/);
  await expect(page.getByTestId("download")).toBeVisible();
  await context.close();
}

test("a room records every take by itself when asked to, and only who runs the room sees it", async ({
  browser,
}) => {
  const takes = await product.createRoom("Every take");
  await owner.ask("PATCH", `/rooms/${takes.id}`, { autoRecord: true });
  const encoder = startEncoder({ url: publishUrl(takes.ingest) });
  await waitFor("the room to record by itself", 20_000, async () => {
    const { recording } = await owner.ask<Room>("GET", `/rooms/${takes.id}`);
    return recording !== null && recording.durationMs > 500;
  });
  await owner.ask("DELETE", `/rooms/${takes.id}/recording`);
  await encoder.stop();
  const made = await waitFor("the recording to be ready", 30_000, async () =>
    (await list(owner)).find(({ state }) => state === "ready"),
  );

  await saysWhatItCannotPlay(browser, made.id);

  const cora = await product.colourist("Cora");
  expect(await list(cora)).toEqual([]);
  for (const path of ["", "/file", "/thumbnail"]) {
    expect((await cora.send("GET", `/recordings/${made.id}${path}`)).status).toBe(404);
    expect((await product.visitor().send("GET", `/recordings/${made.id}${path}`)).status).toBe(401);
  }
  expect((await cora.send("DELETE", `/recordings/${made.id}`)).status).toBe(404);
  expect((await cora.send("POST", `/rooms/${takes.id}/recording`)).status).toBe(404);
  const context = await browser.newContext();
  await signInAs(context, cora, product.url);
  const { page } = await openTab(context);
  await page.goto(`${product.url}/studio`);
  await page.getByRole("link", { name: "Recordings" }).click();
  await expect(page.getByTestId("no-recordings")).toBeVisible();
  await page.goto(`${product.url}/studio/recordings/${made.id}`);
  await expect(page.getByTestId("recording-gone")).toBeVisible();
  await context.close();
});
