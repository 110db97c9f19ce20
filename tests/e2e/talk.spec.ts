import type { Sending, ServerMessage } from "@colourstream/contract";
import { type Browser, devices, expect, type Page, test } from "@playwright/test";
import { type LiveSocket, openLiveSocket } from "../tools/live-socket.js";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { accessibilityFaults, keyboardFaults } from "./axe.js";
import { openTab, type WatchedPage } from "./pages.js";

const SILENT: Sending = { mic: false, camera: false, screen: false, side: false };

let product: Product;
let owner: ApiClient;
let room: TestRoom;
test.beforeAll(async () => {
  product = await startProduct();
  owner = await product.owner();
  room = await product.createRoom("Northern Light");
});
test.afterAll(async () => {
  await product?.remove();
});

/** A page on a computer, in the call: its microphone does what buttons tell it, and says so. */
type Desk = LiveSocket & { isOpen(): boolean; close(): void };

async function sitDown(who: ApiClient): Promise<Desk> {
  const socket = await openLiveSocket(product.url, { cookie: who.cookie(), origin: product.url });
  socket.say({ type: "watch.room", roomId: room.id });
  socket.say({ type: "call.join", resume: null });
  await socket.hear("call.welcome");
  let isOpen = false;
  let closesAt = Number.POSITIVE_INFINITY;
  let read = 0;
  const set = (next: boolean) => {
    if (isOpen !== next) socket.say({ type: "call.sending", sending: { ...SILENT, mic: next } });
    isOpen = next;
  };
  const obey = (said: ServerMessage) => {
    if (said.type !== "call.talk") return;
    closesAt = said.press === "down" ? performance.now() + said.forMs : Number.POSITIVE_INFINITY;
    set(said.press === "down" || (said.press === "toggle" && !isOpen));
  };
  const timer = setInterval(() => {
    for (; read < socket.heard.length; read++) obey(socket.heard[read] as ServerMessage);
    if (performance.now() >= closesAt) set(false);
  }, 20);
  return {
    ...socket,
    isOpen: () => isOpen,
    close: () => set(false),
    end: () => {
      clearInterval(timer);
      socket.end();
    },
  };
}

async function makeLink(who: ApiClient): Promise<string> {
  return (await who.ask<{ link: string }>("POST", `/rooms/${room.id}/talk-link`)).link;
}

async function openPhone(browser: Browser, link: string): Promise<WatchedPage> {
  const { defaultBrowserType: _, ...phone } = devices["iPhone 13"];
  const tab = await openTab(await browser.newContext({ ...phone, viewport: { width: 390, height: 844 } }));
  await tab.page.goto(link);
  return tab;
}

const button = (page: Page) => page.getByTestId("talk-button");
const isLive = (page: Page) => expect(page.getByTestId("talk-page")).toHaveAttribute("data-live", "true");
const isNotLive = (page: Page) => expect(page.getByTestId("talk-page")).toHaveAttribute("data-live", "false");

test("a phone opens its owner's microphone while it is held, or until it is tapped, and closes everybody else's", async ({
  browser,
}) => {
  const [desk, guest] = [await sitDown(owner), await sitDown(await product.join(room, "Gus"))];
  const link = await makeLink(owner);
  const { page, complaints } = await openPhone(browser, link);
  await expect(page.getByTestId("talk-page")).toContainText("Northern Light");
  await expect(button(page)).toContainText("Hold to talk");
  expect(page.url()).toBe(`${product.url}/talk`);
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(await keyboardFaults(page)).toEqual([]);

  await button(page).hover();
  await page.mouse.down();
  await isLive(page);
  await expect(button(page)).toContainText("MIC LIVE");
  expect(desk.isOpen()).toBe(true);
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.mouse.up();
  await isNotLive(page);
  expect(desk.isOpen()).toBe(false);

  await button(page).focus();
  await page.keyboard.down("Space");
  await isLive(page);
  await page.keyboard.up("Space");
  await isNotLive(page);

  await page.reload(); // the secret is this tab's
  await page.getByTestId("talk-stay").click();
  await isLive(page);
  await button(page).click();
  await isNotLive(page);
  expect(desk.isOpen()).toBe(false);

  await page.getByTestId("talk-stay").click();
  await isLive(page);
  desk.close(); // at the computer: the phone does not open it again
  await expect(button(page)).toContainText("closed at the other end");
  await expect(page.getByTestId("talk-stay")).toHaveAttribute("aria-checked", "false");

  guest.say({ type: "call.sending", sending: { ...SILENT, mic: true } });
  await page.getByTestId("talk-mute-all").click();
  await expect(page.getByTestId("talk-mute-all")).toContainText("Tap again");
  await page.getByTestId("talk-mute-all").click();
  await expect(page.getByTestId("talk-mute-all")).toContainText("Everybody else is muted");
  expect(await guest.hear("call.talk")).toMatchObject({ press: "mute", by: "Olive Owner" });

  desk.say({ type: "call.leave" });
  await expect(button(page)).toContainText("Not in the call");
  await expect(page.getByTestId("talk-stay")).toBeDisabled();

  await makeLink(owner);
  await expect(page.getByTestId("talk-ended")).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.reload();
  await expect(page.getByTestId("talk-no-link")).toBeVisible();
  expect(complaints.filter((line) => !line.includes("401"))).toEqual([]);
  for (const socket of [desk, guest]) socket.end();
});

test("a phone that loses its connection says so, and the microphone closes by itself", async ({
  browser,
}) => {
  const desk = await sitDown(owner);
  const { page } = await openPhone(browser, await makeLink(owner));
  await button(page).hover();
  await page.mouse.down();
  await isLive(page);
  await page.context().setOffline(true);
  await expect(button(page)).toContainText("closes by itself");
  await expect.poll(desk.isOpen).toBe(false);
  await page.mouse.up();
  await page.context().setOffline(false);
  await expect(button(page)).toContainText("Hold to talk");
  desk.end();
});
