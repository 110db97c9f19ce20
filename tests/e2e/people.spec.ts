import { type Browser, type BrowserContext, expect, test } from "@playwright/test";
import { type Product, startProduct } from "../tools/product.js";
import { waitFor } from "../tools/wait.js";
import { enrolInPage, openTab, pressSignIn, signInAs, type WatchedPage } from "./pages.js";

// The owner and a colourist, each in a browser: each test goes on where the one before it stopped.
test.describe.configure({ mode: "serial" });

let product: Product;
let studio: BrowserContext;
let owner: WatchedPage;
let theirs: BrowserContext;
let cora: WatchedPage;

test.beforeAll(async ({ browser }) => {
  product = await startProduct();
  studio = await newContext(browser);
  await signInAs(studio, await product.owner(), product.url);
  owner = await openTab(studio);
  theirs = await newContext(browser);
  cora = await openTab(theirs);
});
test.afterAll(async () => {
  await studio?.close();
  await theirs?.close();
  await product?.remove();
});

function newContext(browser: Browser): Promise<BrowserContext> {
  return browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
}

async function makeRoom({ page }: WatchedPage, name: string): Promise<string> {
  await page.goto(`${product.url}/studio`);
  await page.getByLabel(/room/i).first().fill(name);
  await page.getByRole("button", { name: "Create room" }).click();
  await expect(page.getByTestId("room-name")).toHaveText(name);
  return page.url();
}

test("the owner invites a colourist by a link, which opens an account with a passkey, once", async ({
  browser,
}) => {
  const { page } = owner;
  await page.goto(`${product.url}/studio/people`);
  await page.getByLabel("Invite a colourist").fill("Cora Colourist");
  await page.getByRole("button", { name: "Make link" }).click();
  const link = (await page.getByTestId("account-link").innerText()).trim();
  expect(link).toContain(`${product.url}/set-up#`);
  await page.reload();
  await expect(page.getByTestId("account-link")).toHaveCount(0); // shown this once

  await enrolInPage(cora.page, link, "Cora Colourist");
  expect(cora.page.url()).not.toContain("#");
  const late = await browser.newContext();
  const other = await openTab(late);
  await other.page.goto(link);
  await expect(other.page.getByTestId("set-up-used")).toBeVisible();
  await late.close();
});

test("each colourist sees their own rooms, the owner all, and the owner's pages are the owner's", async () => {
  const ownersRoom = await makeRoom(owner, "Owner's own");
  const corasRoom = await makeRoom(cora, "Cora's cut");
  await cora.page.goto(`${product.url}/studio`);
  await expect(cora.page.getByTestId("rooms")).toContainText("Cora's cut");
  await expect(cora.page.getByTestId("rooms")).not.toContainText("Owner's own");
  await owner.page.goto(`${product.url}/studio`);
  await expect(owner.page.getByTestId("rooms")).toContainText("Cora's cut");
  await expect(owner.page.getByTestId("rooms")).toContainText("Owner's own");

  await cora.page.goto(ownersRoom);
  await expect(cora.page.getByTestId("room-gone")).toBeVisible();
  await expect(cora.page.locator("body")).not.toContainText("Owner's own");
  await owner.page.goto(corasRoom);
  await expect(owner.page.getByTestId("room-name")).toHaveText("Cora's cut");
  for (const path of ["/studio/people", "/studio/settings", "/studio/security", "/studio/security/audit"]) {
    await cora.page.goto(product.url + path);
    await expect(
      cora.page.getByTestId("owner-only").or(cora.page.getByTestId("people-refused")),
    ).toBeVisible();
  }
  await cora.page.goto(`${product.url}/studio`);
  const nav = cora.page.getByRole("navigation", { name: "Studio" });
  await expect(nav.getByRole("link", { name: "People" })).toHaveCount(0);
  await expect(nav.getByRole("link", { name: "Rooms" })).toHaveCount(1);
});

async function act(name: RegExp, button: string, yes: string): Promise<void> {
  const { page } = owner;
  await page.goto(`${product.url}/studio/people`);
  const row = page.getByTestId("account-row").filter({ hasText: name });
  await row.getByRole("button", { name: /^Change/ }).click();
  await page.getByRole("button", { name: new RegExp(`^${button}: `) }).click();
  await expect(page.getByTestId("confirm")).toContainText(name);
  await page.getByTestId("confirm").getByRole("button", { name: yes }).click();
}

test("disabling ends it all at once: the open page leaves the studio, and the passkey signs in no more", async () => {
  await cora.page.goto(`${product.url}/studio`);
  await expect(cora.page.getByTestId("rooms")).toContainText("Cora's cut");
  await act(/Cora/, "Disable", "Disable account");
  await expect(owner.page.getByTestId("people-done")).toContainText("disabled");
  const status = await cora.page.evaluate(async () => (await fetch("/api/v1/rooms")).status);
  expect(status).toBe(401);
  await waitFor("Cora's page to leave the studio", 5_000, () => !cora.page.url().includes("/studio"));
  await pressSignIn(cora.page);
  await expect(cora.page.getByTestId("error-summary")).toBeVisible();
  await expect(cora.page).not.toHaveURL(/\/studio/);

  await act(/Cora/, "Enable", "Enable account");
  await cora.page.goto(product.url);
  await pressSignIn(cora.page);
  await expect(cora.page).toHaveURL(/\/studio/);
  await expect(cora.page.getByTestId("rooms")).toContainText("Cora's cut");
});

test("ownership is handed over: the colourist sees everything, the former owner their own rooms", async () => {
  await act(/Cora/, "Make owner", "Hand over");
  await expect(owner.page).toHaveURL(/\/studio$/);
  await expect(owner.page.getByTestId("rooms").or(owner.page.getByTestId("no-rooms"))).not.toContainText(
    "Cora's cut",
  );
  await owner.page.goto(`${product.url}/studio/security`);
  await expect(owner.page.getByTestId("owner-only")).toBeVisible();
  await cora.page.goto(`${product.url}/studio`);
  await expect(cora.page.getByTestId("rooms")).toContainText("Cora's cut");
  await expect(cora.page.getByTestId("rooms")).toContainText("Owner's own");
  await cora.page.goto(`${product.url}/studio/people`);
  await expect(cora.page.getByTestId("account-row")).toHaveCount(2);
});
