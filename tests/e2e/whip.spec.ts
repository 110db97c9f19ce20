import { join } from "node:path";
import type { Room } from "@colourstream/contract";
import { type Browser, type BrowserContextOptions, expect, type Page, test } from "@playwright/test";
import { chromiumLaunch } from "../tools/browser.js";
import { publishUrl, startEncoder } from "../tools/encoder.js";
import { seen } from "../tools/picture-watch.js";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { PROJECT_ROOT } from "../tools/root.js";
import { waitFor } from "../tools/wait.js";
import { accessibilityFaults, keyboardFaults } from "./axe.js";
import { expectState, joinAsReviewer, openTab, signInAs } from "./pages.js";

// A colourist without an encoder: the studio's own page sends the browser's camera or screen by WHIP.

const { executablePath, args } = chromiumLaunch();
const FAKE_DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
test.use({ launchOptions: { executablePath, args: [...args, ...FAKE_DEVICES] } });

let product: Product;
let owner: ApiClient;
let room: TestRoom;
test.beforeAll(async () => {
  product = await startProduct();
  owner = await product.owner();
});
test.afterAll(() => product?.remove());
test.beforeEach(async ({ browserName: _ }, info) => {
  room = await product.createRoom(`${info.title} ${Date.now()}`.slice(-80));
});

async function openRoom(browser: Browser, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  await signInAs(context, owner, product.url);
  const tab = await openTab(context);
  await tab.page.goto(`${product.url}/studio/rooms/${room.id}`);
  await tab.page.getByRole("button", { name: "Share a screen or camera" }).click();
  await expect(tab.page.getByTestId("share-form")).toBeVisible();
  return tab;
}

async function expectGood(page: Page, name: string): Promise<void> {
  const path = join(PROJECT_ROOT, "test-results/pages", `share-${name}.png`);
  await page.getByTestId("share-card").scrollIntoViewIfNeeded();
  await page.screenshot({ path, animations: "disabled" });
  const [wide = 0, shown = 0] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  expect.soft([name, wide <= shown]).toEqual([name, true]);
  expect.soft(await accessibilityFaults(page), name).toEqual([]);
  expect.soft(await keyboardFaults(page), name).toEqual([]);
}

const shareCamera = async (page: Page) => {
  await page.getByLabel("A camera").check();
  await page.getByRole("button", { name: "Start sharing" }).click();
  await expect(page.getByTestId("share-live")).toHaveAttribute("data-state", "live", { timeout: 20_000 });
};

test("a camera that is shared from the room's page is seen by a reviewer, until it is stopped", async ({
  browser,
  context,
}) => {
  const { page, complaints } = await openRoom(browser, { viewport: { width: 1440, height: 900 } });
  await expectGood(page, "form-desktop");
  await shareCamera(page);
  const reviewer = await joinAsReviewer(context, room, "Dana Director");
  await expectState(reviewer.page, "live", 20_000);
  await expect.poll(async () => (await seen(reviewer.page)).unread, { timeout: 20_000 }).toBeGreaterThan(10);
  await product.waitForStream(room, "live", 10_000);
  const stream = await product.stream(room);
  expect(stream?.source?.protocol).toBe("whip");
  expect(stream?.source?.encoder).toMatch(/^Chrome \d+$/);
  expect(stream?.audio?.codec).toBe("opus");
  await expect(page.getByTestId("share-live")).toContainText("H.264");
  await expect(page.getByTestId("share-live")).toContainText(/bit\/s/, { timeout: 10_000 });
  await expect(page.getByTestId("live-card")).toContainText(/Chrome \d+ over WHIP/);
  await expectGood(page, "live-desktop");

  await page.getByRole("button", { name: "Stop sharing" }).click();
  await expect(page.getByTestId("share-ended")).toContainText("You have stopped sharing");
  await product.waitForStream(room, "interrupted", 10_000);
  expect(complaints).toEqual([]);
  expect(reviewer.complaints).toEqual([]);
  await page.context().close();
});

test("a screen is shared; going elsewhere asks first and then ends it", async ({ browser }) => {
  const { page, complaints } = await openRoom(browser);
  await page.getByRole("button", { name: "Choose what to share" }).click();
  await expect(page.getByTestId("share-live")).toHaveAttribute("data-state", "live", { timeout: 20_000 });
  await product.waitForStream(room, "live", 10_000);
  await page.getByRole("link", { name: "Rooms", exact: true }).first().click();
  await expect(page.getByTestId("confirm")).toContainText("Stop sharing and leave this page?");
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByTestId("share-live")).toHaveAttribute("data-state", "live");
  await page.getByRole("link", { name: "Rooms", exact: true }).first().click();
  await page.getByRole("button", { name: "Stop and leave" }).click();
  await expect(page).toHaveURL(/\/studio$/);
  await product.waitForStream(room, "interrupted", 10_000);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("while an encoder is live the sharing is refused in words, and takes over when it is told to", async ({
  browser,
}) => {
  const encoder = startEncoder({ url: publishUrl(room.ingest) });
  await encoder.firstFrameAt;
  const { page } = await openRoom(browser);
  await page.getByLabel("A camera").check();
  await page.getByRole("button", { name: "Start sharing" }).click();
  await expect(page.getByTestId("share-state")).toContainText("Another encoder is live", { timeout: 20_000 });
  const { lastRefused } = await owner.ask<Room>("GET", `/rooms/${room.id}`);
  expect(lastRefused).toMatchObject({ reason: "already-live", protocol: "whip" });
  await page.getByRole("button", { name: "Let this browser take over" }).click();
  await expect(page.getByTestId("share-live")).toHaveAttribute("data-state", "live", { timeout: 20_000 });
  await waitFor(
    "the browser to be the source",
    10_000,
    async () => (await product.stream(room))?.source?.protocol === "whip",
  );
  await encoder.kill();
  await page.context().close();
});

test("a connection that was lost comes back by itself; a phone shares its camera", async ({ browser }) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const context = await browser.newContext(phone);
  await context.addInitScript(() => {
    // As on phones, which have none.
    Reflect.deleteProperty(MediaDevices.prototype, "getDisplayMedia");
  });
  await signInAs(context, owner, product.url);
  const { page } = await openTab(context);
  await page.goto(`${product.url}/studio/rooms/${room.id}`);
  await page.getByRole("button", { name: "Share a screen or camera" }).click();
  await expect(page.getByLabel("A camera")).toHaveCount(0);
  await expectGood(page, "form-phone");
  await page.getByRole("button", { name: "Start sharing" }).click();
  await expect(page.getByTestId("share-live")).toHaveAttribute("data-state", "live", { timeout: 20_000 });
  await product.waitForStream(room, "live", 10_000);
  await expectGood(page, "live-phone");
  const engine = product.enginePid();
  if (engine === null) throw new Error("no engine");
  process.kill(engine, "SIGKILL");
  await expect(page.getByTestId("share-live")).toHaveAttribute("data-state", "reconnecting", {
    timeout: 20_000,
  });
  await expect(page.getByTestId("share-live")).toHaveAttribute("data-state", "live", { timeout: 30_000 });
  await product.waitForStream(room, "live", 10_000);
  await context.close();
});
