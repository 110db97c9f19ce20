import type { Invitation } from "@colourstream/contract";
import { type Browser, type BrowserContext, expect, type Page, test } from "@playwright/test";
import { type Encoder, publishUrl, startEncoder } from "../tools/encoder.js";
import { seen, waitForPicture } from "../tools/picture-watch.js";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { pause, wallMs } from "../tools/wait.js";
import { expectState, fillDoor, openTab, signInAs, stage, type WatchedPage } from "./pages.js";

/** tests/attack/ends.test.ts holds the server to one second; here two pages and an encoder share two cores. */
const CUT_MS = 3_000;

let product: Product;
let owner: ApiClient;
let room: TestRoom;
let encoder: Encoder;
test.beforeAll(async () => {
  product = await startProduct();
  owner = await product.owner();
  room = await product.createRoom("Northern Light");
  encoder = startEncoder({ url: publishUrl(room.ingest), retry: true });
  await encoder.firstFrameAt;
});
test.afterAll(async () => {
  await encoder?.kill();
  await product?.remove();
});
test.afterEach(async () => {
  await owner.ask("PATCH", `/rooms/${room.id}`, { waitingRoom: false, watermark: false });
  await owner.ask("POST", `/rooms/${room.id}/lock`, { locked: false });
});

function invite(wish: Record<string, unknown>): Promise<Invitation> {
  return owner.ask<Invitation>("POST", `/rooms/${room.id}/invitations`, { role: "reviewer", ...wish });
}

/** Opens a personal link and goes through its door. */
async function acceptIn(context: BrowserContext, link: string, name?: string): Promise<WatchedPage> {
  const tab = await openTab(context);
  await tab.page.goto(link);
  await expect(tab.page.getByTestId("invitation")).toBeVisible();
  if (name !== undefined) await tab.page.getByLabel("Your name").fill(name);
  await tab.page.getByRole("button", { name: "Join" }).click();
  return tab;
}

/** The owner's own browser, at the room's page in the studio. */
async function openStudio(browser: Browser): Promise<WatchedPage> {
  const context = await browser.newContext({ acceptDownloads: true });
  await signInAs(context, owner, product.url);
  const tab = await openTab(context);
  await tab.page.goto(`${product.url}/studio/rooms/${room.id}`);
  return tab;
}

/** The page's last picture is hardly newer than the act, and no other comes. */
async function expectPictureCut(page: Page, actedAt: number): Promise<void> {
  await expect(stage(page)).toHaveCount(0, { timeout: 10_000 });
  await pause(1_000);
  const { decoded } = await seen(page);
  const last = Math.max(0, ...decoded.map(({ seenMs }) => seenMs));
  expect(last).toBeGreaterThan(actedAt - 3_000);
  expect(last - actedAt).toBeLessThan(CUT_MS);
}

test("a personal link leads into the room under one's own name, and its secret leaves the address bar", async ({
  context,
}) => {
  const { link } = await invite({ name: "Dana Director" });
  const secret = new URL(link).hash.slice(1);
  const { page, complaints } = await openTab(context);
  await page.goto(link);
  await expect(page.getByTestId("invitation")).toContainText("Olive Owner invites you to");
  await expect(page.getByTestId("invitation-room")).toHaveText("Northern Light");
  expect(page.url()).toBe(`${product.url}/i`);
  await expect(page.getByLabel("Your name")).toHaveValue("Dana Director");
  await page.getByRole("button", { name: "Join" }).click();
  await expectState(page, "live");
  await waitForPicture(page, wallMs(), 8_000);
  expect(page.url()).toBe(`${product.url}/r/${room.id}`);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept).not.toContain(secret);
  await page.reload(); // the seat is a cookie's, not the link's
  await expectState(page, "live");
  expect(complaints).toEqual([]);
});

test("a link for one browser works in one browser; a wrong one, and a used one, say so kindly", async ({
  context,
  browser,
}) => {
  const { link } = await invite({ name: "Only Once", maxUses: 1 });
  const { page } = await acceptIn(context, link);
  await expectState(page, "live");
  const elsewhere = await browser.newContext();
  const other = await openTab(elsewhere);
  await other.page.goto(link);
  await expect(other.page.getByTestId("invitation-wrong")).toBeVisible();
  await other.page.goto(`${product.url}/i#${"A".repeat(43)}`);
  await expect(other.page.getByTestId("invitation-wrong")).toBeVisible();
  await other.page.goto(`${product.url}/i`);
  await expect(other.page.getByTestId("invitation-incomplete")).toBeVisible();
  await elsewhere.close();
});

test("the waiting room: one is let in without a reload, another turned away, by the presenter beside the picture", async ({
  context,
  browser,
}) => {
  await owner.ask("PATCH", `/rooms/${room.id}`, { waitingRoom: true });
  const { link } = await invite({ name: "Pia Presenter", role: "presenter" });
  const host = await acceptIn(context, link);
  await expectState(host.page, "live"); // who lets in does not wait

  const [first, second] = [await browser.newContext(), await browser.newContext()];
  const max = await openTab(first);
  await max.page.goto(room.reviewerLink);
  await fillDoor(max.page, "Max Waits", room.reviewerPassword);
  await expect(max.page.getByTestId("let-in")).toContainText("Connected");
  expect(
    await max.page.evaluate(async (id) => (await fetch(`/api/v1/rooms/${id}/review`)).status, room.id),
  ).toBe(404);
  await expect(host.page.getByTestId("waiting-notice")).toContainText("Max Waits");
  const letInAt = wallMs();
  await host.page.getByTestId("waiting-notice").getByRole("button", { name: "Let in" }).click();
  await expectState(max.page, "live");
  await waitForPicture(max.page, letInAt, 8_000);

  const rex = await openTab(second);
  await rex.page.goto(room.reviewerLink);
  await fillDoor(rex.page, "Rex Refused", room.reviewerPassword);
  await expect(rex.page.getByTestId("let-in")).toBeVisible();
  await host.page.getByTestId("waiting-notice").getByRole("button", { name: "See people" }).click();
  await host.page.getByRole("button", { name: "Turn away Rex Refused" }).click();
  await expect(rex.page.getByTestId("closed")).toHaveAttribute("data-reason", "refused");
  await expect(rex.page.getByTestId("closed")).toContainText("not let in");
  await first.close();
  await second.close();
});

test("a locked room lets nobody new in, and those in it stay", async ({ context, browser }) => {
  const { link } = await invite({ name: "Pia Presenter", role: "presenter" });
  const host = await acceptIn(context, link);
  await expectState(host.page, "live");
  await host.page.keyboard.press("p");
  await host.page.getByTestId("lock").click();
  await expect(host.page.getByTestId("lock")).toHaveAttribute("aria-checked", "true");
  const elsewhere = await browser.newContext();
  const late = await openTab(elsewhere);
  await late.page.goto(room.reviewerLink);
  await fillDoor(late.page, "Too Late", room.reviewerPassword);
  await expect(late.page.getByTestId("error-summary")).toContainText("locked");
  await expectState(host.page, "live");
  await host.page.getByTestId("lock").click();
  await expect(host.page.getByTestId("lock")).toHaveAttribute("aria-checked", "false");
  await late.page.getByRole("button", { name: "Join" }).click();
  await expectState(late.page, "live");
  await elsewhere.close();
});

test("whoever is removed loses the picture at once and is told so", async ({ context, browser }) => {
  const { link } = await invite({ name: "Pia Presenter", role: "presenter" });
  const host = await acceptIn(context, link);
  await expectState(host.page, "live");
  const elsewhere = await browser.newContext();
  const rudi = await openTab(elsewhere);
  await rudi.page.goto(room.reviewerLink);
  await fillDoor(rudi.page, "Rudi Removed", room.reviewerPassword);
  await waitForPicture(rudi.page, wallMs(), 8_000);
  await host.page.keyboard.press("p");
  await host.page.getByRole("button", { name: "More for Rudi Removed" }).click();
  await host.page.getByRole("button", { name: "Remove Rudi Removed" }).click();
  const removedAt = wallMs();
  await host.page.getByTestId("confirm").getByRole("button", { name: "Remove" }).click();
  await expect(rudi.page.getByTestId("closed")).toHaveAttribute("data-reason", "removed");
  await expectPictureCut(rudi.page, removedAt);
  await elsewhere.close();
});

test("an invitation that is taken back in the studio cuts its picture at once and opens nothing more", async ({
  context,
  browser,
}) => {
  const { link } = await invite({ name: "Rita Revoked" });
  const { page } = await acceptIn(context, link);
  await waitForPicture(page, wallMs(), 8_000);
  const studio = await openStudio(browser);
  await studio.page.getByRole("button", { name: "Take back the invitation for Rita Revoked" }).click();
  const takenAt = wallMs();
  await studio.page.getByTestId("confirm").getByRole("button", { name: "Take back" }).click();
  await expect(page.getByTestId("closed")).toHaveAttribute("data-reason", "invitation-revoked");
  await expectPictureCut(page, takenAt);
  await page.goto(link);
  await expect(page.getByTestId("invitation-wrong")).toBeVisible();
  await studio.page.context().close();
});

test("the end of the meeting sends everybody out, locks the room, and the encoder goes on", async ({
  context,
  browser,
}) => {
  const { link } = await invite({ name: "Ella End" });
  const { page } = await acceptIn(context, link);
  await waitForPicture(page, wallMs(), 8_000);
  const studio = await openStudio(browser);
  await studio.page.getByRole("button", { name: "End the meeting" }).click();
  const endedAt = wallMs();
  await studio.page.getByTestId("confirm").getByRole("button", { name: "End the meeting" }).click();
  await expect(page.getByTestId("closed")).toHaveAttribute("data-reason", "meeting-ended");
  await expectPictureCut(page, endedAt);
  await product.waitForStream(room, "live");
  const late = await openTab(await browser.newContext());
  await late.page.goto(room.reviewerLink);
  await fillDoor(late.page, "Too Late", room.reviewerPassword);
  await expect(late.page.getByTestId("error-summary")).toContainText("locked");
  await late.page.context().close();
  await studio.page.context().close();
});

test("an invitation is made in the studio, with a calendar file that carries the link", async ({
  browser,
}) => {
  const { page, complaints } = await openStudio(browser);
  await page.getByRole("button", { name: "Invite someone" }).click();
  const form = page.getByTestId("invitation-form");
  await form.getByLabel("Name", { exact: true }).fill("Dop Doyle");
  await form.getByLabel(/Observer/).check();
  const inTwoDays = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 16);
  await form.getByLabel(/When you meet/).fill(inTwoDays);
  await form.getByRole("button", { name: "Make invitation" }).click();
  await expect(page.getByTestId("invitation-made")).toBeVisible();
  const link = (await page.getByTestId("invitation-link").innerText()).trim();
  const coming = page.waitForEvent("download");
  await page.getByTestId("invitation-made").getByTestId("invitation-calendar").click();
  const file = await coming;
  const parts: Buffer[] = [];
  for await (const part of await file.createReadStream()) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  expect(text.startsWith("BEGIN:VCALENDAR\r\n")).toBe(true);
  expect(text.replaceAll("\r\n ", "")).toContain(link);
  expect(Math.max(...text.split("\r\n").map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("what a messenger's preview reads of a link tells nothing: no name, nothing for a search engine", async ({
  request,
}) => {
  const { link } = await invite({ name: "Secret Guest" });
  for (const address of [link, room.reviewerLink, `${product.url}/r/${"A".repeat(22)}`, product.setUpLink]) {
    const [asked = ""] = address.split("#"); // what stands behind # is never sent
    const answer = await request.get(asked, {
      headers: { "user-agent": "WhatsApp/2.23 facebookexternalhit/1.1 Slackbot-LinkExpanding 1.0" },
    });
    const html = await answer.text();
    expect(answer.status()).toBe(200);
    expect(html).not.toMatch(/Northern Light|Secret Guest|og:|twitter:card|name="description"/i);
    expect(/<title>([^<]*)<\/title>/.exec(html)?.[1]).toBe("ColourStream");
    expect(answer.headers()["x-robots-tag"]).toContain("noindex");
    expect(answer.headers()["set-cookie"]).toBeUndefined();
  }
  // A preview that fetches the page has used nothing up.
  const open = await owner.ask<{ invitations: Invitation[] }>("GET", `/rooms/${room.id}/invitations`);
  expect(open.invitations.find(({ name }) => name === "Secret Guest")?.uses).toBe(0);
});
