import { type BrowserContext, expect, type Locator, type Page } from "@playwright/test";
import { watchPictures } from "../tools/picture-watch.js";
import type { ApiClient, TestRoom } from "../tools/product.js";
import { addPasskeyDevice, type PasskeyDevice } from "./passkey-device.js";

/** A page with everything it complained about. */
export type WatchedPage = { readonly page: Page; readonly complaints: string[] };

/** Opens a tab that counts frames and collects console errors and uncaught exceptions. */
export async function openTab(context: BrowserContext): Promise<WatchedPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await watchPictures(page);
  return { page, complaints };
}

/** The form of a review room's front door. */
export async function fillDoor(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Join" }).click();
}

/** Comes in by link and password, as a reviewer does. */
export async function joinAsReviewer(
  context: BrowserContext,
  room: Pick<TestRoom, "reviewerLink" | "reviewerPassword">,
  name: string,
): Promise<WatchedPage> {
  const tab = await openTab(context);
  await tab.page.goto(room.reviewerLink);
  await fillDoor(tab.page, name, room.reviewerPassword);
  await expect(stage(tab.page)).toBeVisible();
  return tab;
}

/** The review room's stage: its `data-state` is the player's state. */
export function stage(page: Page): Locator {
  return page.getByTestId("stage");
}

/** Waits until the player says so. */
export async function expectState(page: Page, state: string, deadlineMs = 10_000): Promise<void> {
  await expect(stage(page)).toHaveAttribute("data-state", state, { timeout: deadlineMs });
}

/** Puts a mark on the document, which a reload would lose. */
export async function markDocument(page: Page): Promise<void> {
  await page.evaluate(() => {
    document.documentElement.dataset["sameDocument"] = "yes";
  });
}

/** Fails when the page was loaded anew since `markDocument`. */
export async function expectSameDocument(page: Page): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("data-same-document", "yes");
}

/** Puts the login that a client of the API holds into a browser, as if it had signed in there. */
export async function signInAs(context: BrowserContext, client: ApiClient, url: string): Promise<void> {
  const cookies = client
    .cookie()
    .split("; ")
    .map((pair) => {
      const at = pair.indexOf("=");
      return { name: pair.slice(0, at), value: pair.slice(at + 1), url };
    });
  await context.addCookies(cookies);
}

/** Spends a one-time link in a page and adds the first passkey with the device's own authenticator. */
export async function enrolInPage(page: Page, link: string, name: string): Promise<PasskeyDevice> {
  const device = await addPasskeyDevice(page, "internal");
  await page.goto(link);
  await page.getByTestId("set-up-form").getByLabel("Your name").fill(name);
  await page.getByTestId("set-up-form").getByRole("button", { name: "Continue" }).click();
  await page.getByTestId("first-passkey").getByRole("button", { name: "Add passkey" }).click();
  await expect(page).toHaveURL(/\/studio$/);
  return device;
}

/**
 * Signs in by the button. Chromium's virtual authenticators also answer the list under the field, as if somebody had
 * chosen from it: then the page is on its way into the studio before the button is reached.
 */
export async function pressSignIn(page: Page): Promise<void> {
  const isIn = page.waitForURL(/\/studio/).then(
    () => true,
    () => false,
  );
  const button = page.getByRole("button", { name: "Sign in with a passkey" });
  const pressed = button.click().then(
    () => true,
    (error: unknown) => error,
  );
  const first = await Promise.race([isIn, pressed]);
  if (first !== true && !(await isIn)) throw first;
}
