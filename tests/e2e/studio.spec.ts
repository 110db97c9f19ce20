import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { writeSelfSigned } from "../tools/certificate.js";
import { type Encoder, publishUrl, startEncoder } from "../tools/encoder.js";
import { seen, waitForPicture } from "../tools/picture-watch.js";
import { type Product, startProduct } from "../tools/product.js";
import { pause, wallMs, withDeadline } from "../tools/wait.js";
import {
  enrolInPage,
  expectState,
  fillDoor,
  joinAsReviewer,
  openTab,
  stage,
  type WatchedPage,
} from "./pages.js";

// One owner's first hour, in order: each test goes on where the one before it stopped.
test.describe.configure({ mode: "serial" });

let product: Product;
let studio: BrowserContext;
let owner: WatchedPage;
let encoder: Encoder | undefined;
let certificates: string;

test.beforeAll(async ({ browser }) => {
  certificates = mkdtempSync(join(tmpdir(), "cs-certificates-"));
  const { certFile, keyFile } = await writeSelfSigned(certificates);
  product = await startProduct({ RTMPS_CERT_FILE: certFile, RTMPS_KEY_FILE: keyFile });
  studio = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  owner = await openTab(studio);
});
test.afterAll(async () => {
  await studio?.close();
  await product?.remove();
  rmSync(certificates, { recursive: true, force: true });
});
test.afterEach(async () => {
  await encoder?.kill();
  encoder = undefined;
});

async function text(page: Page, testId: string): Promise<string> {
  return (await page.getByTestId(testId).innerText()).trim();
}

/** What the room's page shows, as a person would copy it. */
async function readRoomPage(page: Page) {
  if (!(await page.getByTestId("ingest-key").isVisible())) {
    await page.getByTestId("ingest-card").getByRole("button", { name: "Show key" }).click();
  }
  return {
    ingest: { server: await text(page, "ingest-server"), key: await text(page, "ingest-key") },
    reviewerLink: await text(page, "reviewer-link"),
    reviewerPassword: await text(page, "reviewer-password"),
  };
}

test("the set-up link makes the owner, once, and leaves the address bar", async ({ browser }) => {
  const { page, complaints } = owner;
  await enrolInPage(page, product.setUpLink, "Olive Owner");
  expect(page.url()).not.toContain(new URL(product.setUpLink).hash.slice(1));
  expect(complaints).toEqual([]);

  const other = await browser.newContext();
  const late = await openTab(other);
  await late.page.goto(product.setUpLink);
  await expect(late.page.getByTestId("set-up-used")).toBeVisible();
  await late.page.goto(`${product.url}/studio`);
  await expect(late.page).not.toHaveURL(/\/studio$/);
  await other.close();
});

test("a room is made; its key is hidden until asked for, copied, and replaced", async () => {
  const { page, complaints } = owner;
  await page.goto(`${product.url}/studio`);
  await page.getByLabel(/room/i).fill("Northern Light");
  await page.getByRole("button", { name: "Create room" }).click();
  await expect(page.getByTestId("room-name")).toHaveText("Northern Light");
  await expect(page.getByTestId("ingest-key")).toHaveCount(0);
  const { ingest } = await readRoomPage(page);
  expect(ingest.server).toBe(`rtmp://127.0.0.1:${product.rtmpPort}/live`);
  expect(ingest.key.length).toBeGreaterThanOrEqual(20);

  await page.getByTestId("ingest-card").getByRole("button", { name: "Copy stream key" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(ingest.key);

  encoder = startEncoder({ url: publishUrl(ingest) });
  await encoder.firstFrameAt;
  await expect(page.getByTestId("live-card")).toContainText("640 × 360"); // by itself, without a reload
  await page.getByRole("button", { name: "Make a new key" }).click();
  await page.getByTestId("confirm").getByRole("button", { name: "Make a new key" }).click();
  const cutAt = wallMs();
  await withDeadline("the old key's encoder to be cut off", 3000, encoder.ended);
  expect(wallMs() - cutAt).toBeLessThan(2000);
  await expect(page.getByTestId("ingest-key")).not.toHaveText(ingest.key);

  const again = startEncoder({ url: publishUrl(ingest) });
  await expect(again.firstFrameAt).rejects.toThrow();
  expect(complaints).toEqual([]);
});

test("every protocol has its fields; by RTMPS the encoder is live, and said to be encrypted", async () => {
  const { page, complaints } = owner;
  await readRoomPage(page);
  await page.getByTestId("ingest-tab-rtmps").click();
  await expect(page.getByTestId("ingest-rtmps")).toContainText("self-signed");
  const { ingest } = await readRoomPage(page);
  expect(ingest.server).toBe(`rtmps://127.0.0.1:${product.rtmpsPort}/live`);
  encoder = startEncoder({ url: publishUrl(ingest) });
  await encoder.firstFrameAt;
  await expect(page.getByTestId("live-card")).toContainText("over RTMPS");
  await expect(page.getByTestId("live-card")).toContainText("EncryptedYes");

  await page.getByTestId("ingest-tab-rtmps").press("ArrowRight");
  await expect(page.getByTestId("ingest-tab-srt")).toBeFocused();
  const srt = await readRoomPage(page);
  const passphrase = await text(page, "ingest-passphrase");
  expect(srt.ingest.server).toContain(
    `srt://127.0.0.1:${product.srtPort}?latency=200000&passphrase=${passphrase}`,
  );
  await page.getByText("What to type where").click();
  expect(await text(page, "ingest-ffmpeg")).toContain("-pes_payload_size 0");
  await page.getByTestId("ingest-tab-whip").click();
  expect((await readRoomPage(page)).ingest.server).toBe(`${product.url}/whip`);
  expect(complaints).toEqual([]);
  await page.getByTestId("ingest-tab-rtmp").click();
});

test("SRT's encryption is given up only when asked for twice, and can be had back", async () => {
  const { page } = owner;
  await readRoomPage(page);
  await page.getByTestId("ingest-tab-srt").click();
  const box = page.getByLabel("Encrypted with a passphrase");
  await box.click();
  await expect(page.getByTestId("confirm")).toContainText("in the clear");
  await page.getByTestId("confirm").getByRole("button", { name: "Cancel" }).click();
  await expect(box).toBeChecked();
  await box.click();
  await page.getByTestId("confirm").getByRole("button", { name: "Switch encryption off" }).click();
  await expect(page.getByTestId("ingest-passphrase")).toHaveCount(0);
  expect(await text(page, "ingest-server")).not.toContain("passphrase");
  await expect(box).not.toBeChecked();
  await box.click();
  await expect(page.getByTestId("ingest-passphrase")).toHaveCount(1);
  await page.getByTestId("ingest-tab-rtmp").click();
});

test("the test signal is seen by a reviewer in another browser, without any encoder", async ({ browser }) => {
  const { page } = owner;
  const room = await readRoomPage(page);
  await page.getByRole("button", { name: "Start test signal" }).click();
  const elsewhere = await browser.newContext();
  const reviewer = await joinAsReviewer(elsewhere, room, "Rita Reviewer");
  await expectState(reviewer.page, "live", 10_000);
  const playing = reviewer.page
    .getByTestId("picture")
    .locator("video")
    .or(reviewer.page.locator("video"))
    .first();
  await expect.poll(() => playing.evaluate((video: HTMLVideoElement) => video.videoWidth)).toBeGreaterThan(0);
  await expect(page.getByTestId("live-card")).toContainText(/Test signal/);
  await expect(page.getByTestId("live-card")).toContainText("1 viewer");
  await page.getByRole("button", { name: "Stop test signal" }).click();
  await expect(page.getByTestId("live-card")).not.toContainText("Stop test signal");
  expect(reviewer.complaints).toEqual([]);
  await elsewhere.close();
});

test("B-frames: the studio says in plain words what to change in OBS", async () => {
  const { page } = owner;
  const room = await readRoomPage(page);
  encoder = startEncoder({ url: publishUrl(room.ingest), bFrames: 2 });
  await encoder.firstFrameAt;
  await expect(page.getByTestId("warning-b-frames")).toContainText(/B-frames to 0/);
  await expect(page.getByTestId("warning-b-frames")).toContainText(/OBS/);
});

test("a second encoder on the same key is refused, the owner is told, and the picture goes on", async ({
  context,
}) => {
  const { page } = owner;
  const room = await readRoomPage(page);
  encoder = startEncoder({ url: publishUrl(room.ingest) });
  await encoder.firstFrameAt;
  const reviewer = await joinAsReviewer(context, room, "Rita Reviewer");
  await waitForPicture(reviewer.page, wallMs(), 5000);
  const second = startEncoder({ url: publishUrl(room.ingest), firstFrame: 5_000_000 });
  await expect(second.firstFrameAt).rejects.toThrow();
  await expect(page.getByTestId("last-refused")).toContainText(/another encoder/i);
  await pause(500);
  const { decoded } = await seen(reviewer.page);
  expect(decoded.some(({ frame }) => frame >= 5_000_000)).toBe(false);

  await expect(page.getByTestId("last-refused")).toContainText("RTMP from 127.0.0.1");
  await page.getByRole("button", { name: "Switch to the other encoder" }).click();
  await expect(page.getByTestId("switch-over")).toContainText("takes over at once");
  const third = startEncoder({ url: publishUrl(room.ingest), firstFrame: 9_000_000 });
  await third.firstFrameAt;
  await withDeadline("the first encoder to be cut off", 5_000, encoder.ended);
  await expect(page.getByTestId("last-refused")).toHaveCount(0);
  await third.kill();
});

test("a wrong password and a room that is not there are said clearly, at the door", async ({ context }) => {
  const room = await readRoomPage(owner.page);
  const { page } = await openTab(context);
  await page.goto(room.reviewerLink);
  await fillDoor(page, "Rita Reviewer", "not the password");
  await expect(page.getByTestId("error-summary")).toContainText("does not open this room");
  await fillDoor(page, "Rita Reviewer", room.reviewerPassword);
  await expect(stage(page)).toBeVisible();

  const id = new URL(room.reviewerLink).pathname.split("/").at(-1) ?? "";
  const dead = room.reviewerLink.replace(id, "A".repeat(id.length));
  const other = await openTab(
    await (context.browser() as NonNullable<ReturnType<typeof context.browser>>).newContext(),
  );
  await other.page.goto(dead);
  await fillDoor(other.page, "Rita Reviewer", room.reviewerPassword); // a room that is not there looks like a wrong password
  await expect(other.page.getByTestId("error-summary")).toContainText("does not open this room");
  await expect(stage(other.page)).toHaveCount(0);
  await other.page.context().close();
});

test("a wrong key is refused by RTMP with a reason that the encoder's log shows", async () => {
  const room = await readRoomPage(owner.page);
  const wrong = startEncoder({
    url: publishUrl({ server: room.ingest.server, key: "wrong-key-0000000000" }),
  });
  const { code, log } = await wrong.ended;
  expect(code).not.toBe(0);
  expect(log).toMatch(/key|Publish|BadName|denied|refused/i);
});

test("a phone shows door and picture without sideways scrolling", async ({ browser }) => {
  const room = await readRoomPage(owner.page);
  encoder = startEncoder({ url: publishUrl(room.ingest) });
  await encoder.firstFrameAt;
  const phone = await browser.newContext({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 3,
    isMobile: true,
    hasTouch: true,
  });
  const { page, complaints } = await joinAsReviewer(phone, room, "Dana on the train");
  await waitForPicture(page, wallMs(), 8000);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
  const box = await stage(page).boundingBox();
  expect(box?.width ?? 0).toBeGreaterThan(330);
  expect(complaints).toEqual([]);
  await phone.close();
});

test("the surround is neutral: R=G=B at the edges of the review room", async ({ context }) => {
  const room = await readRoomPage(owner.page);
  const { page } = await joinAsReviewer(context, room, "Colin Colour");
  const colours = await page.evaluate(() => {
    const stageElement = document.querySelector("[data-testid=stage]");
    const found: string[] = [];
    for (let element: Element | null = stageElement; element !== null; element = element.parentElement) {
      found.push(getComputedStyle(element).backgroundColor);
    }
    return found;
  });
  for (const colour of colours) {
    const [red, green, blue] = (colour.match(/[\d.]+/g) ?? []).map(Number);
    expect([green, blue]).toEqual([red, red]);
  }
});

test("a deleted room sends its reviewer out with a word, and its link is dead", async ({ context }) => {
  const { page } = owner;
  const room = await readRoomPage(page);
  const reviewer = await joinAsReviewer(context, room, "Rita Reviewer");
  await page.getByRole("button", { name: "Delete room" }).click();
  await page.getByTestId("confirm").getByRole("button", { name: "Delete room" }).click();
  await expect(page).toHaveURL(/\/studio$/);
  await expect(reviewer.page.getByTestId("closed")).toContainText("This room has been deleted");
  const failed = startEncoder({ url: publishUrl(room.ingest) });
  await expect(failed.firstFrameAt).rejects.toThrow();
});
