import type { Participant } from "@colourstream/contract";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { chromiumLaunch } from "../tools/browser.js";
import { type MiroTalkServer, startMiroTalkServer } from "../tools/mirotalk-server.js";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { accessibilityFaults } from "./axe.js";
import { joinAsReviewer, openTab, signInAs, type WatchedPage } from "./pages.js";

// A host and a guest in a room whose call is MiroTalk's: each test goes on where the one before it stopped.
test.describe.configure({ mode: "serial" });
const { executablePath, args } = chromiumLaunch();
test.use({ launchOptions: { executablePath, args: [...args, "--use-fake-device-for-media-stream"] } });

const SOON = { timeout: 30_000 } as const; // two looks of the server at MiroTalk, on a busy machine
const DEVICES = ["camera", "microphone", "display-capture"] as const;

let mirotalk: MiroTalkServer;
let product: Product;
let owner: ApiClient;
let room: TestRoom;
let host: WatchedPage;
let guest: WatchedPage;
const contexts: BrowserContext[] = [];

test.beforeAll(async ({ browser }) => {
  mirotalk = await startMiroTalkServer(() => product.url);
  product = await startProduct(mirotalk.environment);
  owner = await product.owner();
  room = await product.createRoom("Framed");
  for (let n = 0; n < 2; n++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.grantPermissions(["camera", "microphone"]);
    contexts.push(context);
  }
  const [first, second] = contexts as [BrowserContext, BrowserContext];
  await signInAs(first, owner, product.url);
  host = await openTab(first);
  [guest] = await Promise.all([joinAsReviewer(second, room, "Gus Guest"), host.page.goto(room.reviewerLink)]);
});
test.afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await product?.remove();
  await mirotalk?.end();
});

const frameOf = (page: Page) => page.getByTestId("call-frame");
const meetingOf = async (page: Page) =>
  new URL((await frameOf(page).getAttribute("src")) ?? "").searchParams.get("room");
const reportOf = (name: string) => mirotalk.reports.findLast((report) => report.name === name);
const guestsSeat = async (): Promise<string> => {
  const { participants } = await owner.ask<{ participants: Participant[] }>(
    "GET",
    `/rooms/${room.id}/participants`,
  );
  return participants[0]?.id ?? "";
};
const namesIn = () => mirotalk.people().map(({ name }) => name);

test("nobody is in the call by themselves; a guest waits until the host is in it, and both have its page beside the picture", async () => {
  await expect(guest.page.getByTestId("call-join")).toBeVisible();
  expect(mirotalk.reports).toEqual([]);
  await guest.page.getByTestId("call-join").click();
  await expect(guest.page.getByTestId("call-bar")).toContainText("begins when a host is in it");
  await host.page.getByTestId("call-join").click();
  await expect(frameOf(host.page)).toBeVisible(SOON);
  await expect(frameOf(guest.page)).toBeVisible(SOON);
  await expect.poll(namesIn, SOON).toEqual(["Olive Owner", "Gus Guest"]);
  expect(await meetingOf(guest.page)).toBe(await meetingOf(host.page));

  const [place, picture] = await Promise.all([
    frameOf(host.page).boundingBox(),
    host.page.getByTestId("stage").boundingBox(),
  ]);
  expect(place?.x).toBeGreaterThanOrEqual((picture?.x ?? 0) + (picture?.width ?? 0));
});

test("in its frame it may use camera, microphone and screen, and is told whose page it is in and nothing else of it", async () => {
  await expect.poll(() => reportOf("Olive Owner") !== undefined, SOON).toBe(true);
  const report = reportOf("Olive Owner");
  expect(report?.allowed).toEqual([...DEVICES, "fullscreen", "autoplay", "clipboard-write"]);
  expect(report?.tracks).toEqual(["video", "audio"]);
  expect(report?.referrer).toBe(`${product.url}/`);
  await expect(host.page.getByTestId("call-source")).toHaveAttribute("href", /github\.com.*mirotalk/);
  expect(await accessibilityFaults(host.page)).toEqual([]);
});

test("with the picture alone it is out of sight and goes on", async () => {
  const before = mirotalk.people();
  await host.page.getByTestId("layout-toggle").click();
  await host.page.getByTestId("layout-toggle").click();
  await expect(frameOf(host.page)).toBeHidden();
  await host.page.getByTestId("call-frame-toggle").click();
  await expect(frameOf(host.page)).toBeVisible();
  await host.page.getByRole("button", { name: "Larger" }).click();
  expect(mirotalk.people()).toEqual(before);
  expect(mirotalk.reports.filter(({ name }) => name === "Olive Owner")).toHaveLength(1); // not loaded anew
});

test("who leaves in MiroTalk's page has left, and joins again; a message from elsewhere makes nobody leave", async () => {
  await guest.page.evaluate(() => window.postMessage({ type: "conference:left" }, "*"));
  await guest.page
    .frameLocator("[data-testid=call-frame]")
    .getByRole("button", { name: "Leave room" })
    .click();
  await expect(guest.page.getByTestId("call-bar")).toContainText("You left the call");
  await expect(frameOf(guest.page)).toHaveCount(0);
  await expect.poll(namesIn).toEqual(["Olive Owner"]);
  await guest.page.getByTestId("call-join").click();
  await expect(frameOf(guest.page)).toBeVisible(SOON);
});

test("who is made an observer keeps the call and has no device in it", async () => {
  const seat = await guestsSeat();
  await owner.ask("POST", `/rooms/${room.id}/participants/${seat}/role`, { role: "observer" });
  await expect.poll(() => reportOf("Gus Guest")?.allowed, SOON).toEqual(["fullscreen", "autoplay"]);
  expect(reportOf("Gus Guest")?.tracks).toEqual(["NotAllowedError", "NotAllowedError"]);
});

test("after somebody was sent out the others are in another meeting; after a reload one is in it again", async () => {
  const before = await meetingOf(host.page);
  const seat = await guestsSeat();
  await owner.ask("DELETE", `/rooms/${room.id}/participants/${seat}`);
  await expect(guest.page.getByTestId("closed")).toBeVisible();
  await expect.poll(() => meetingOf(host.page), SOON).not.toBe(before);
  await expect
    .poll(() => mirotalk.people().map(({ meeting }) => meeting), SOON)
    .toEqual([await meetingOf(host.page)]);
  await host.page.reload();
  await expect(frameOf(host.page)).toBeVisible(SOON);
  expect(host.complaints).toEqual([]);
});

test("opened by itself the page after a call says that it is over, and asks for nothing", async () => {
  const asked: string[] = [];
  guest.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await guest.page.goto(`${product.url}/conference-left`);
  await expect(guest.page.getByRole("heading")).toHaveText("You have left the call");
  expect(asked.filter((path) => path.startsWith("/api/"))).toEqual([]);
  expect(await accessibilityFaults(guest.page)).toEqual([]);
});
