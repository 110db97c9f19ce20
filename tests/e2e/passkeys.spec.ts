import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { type Product, startProduct } from "../tools/product.js";
import { PROJECT_ROOT } from "../tools/root.js";
import { pause, waitFor } from "../tools/wait.js";
import { openTab, pressSignIn } from "./pages.js";
import { addPasskeyDevice } from "./passkey-device.js";

const ADMIN_PASSWORD = "correct-horse-battery-staple";
const STEP_UP_SECONDS = 3;

let product: Product;
test.beforeAll(async () => {
  product = await startProduct({ ADMIN_PASSWORD, STEP_UP_SECONDS: String(STEP_UP_SECONDS) });
});
test.afterAll(() => product?.remove());

/** Asks the API from within a page: with its cookies, its origin and nothing else. */
function fetchFrom(page: Page, method: string, path: string, body?: unknown) {
  return page.evaluate(
    async ({ method, path, body }) => {
      const response = await fetch(`/api/v1${path}`, {
        method,
        ...(body !== undefined && {
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? null : JSON.parse(text) };
    },
    { method, path, body },
  );
}

/** The machine's own command line, beside the running server. */
function recover(): string {
  const run = spawnSync(process.execPath, [join(PROJECT_ROOT, "scripts/cli.mjs"), "recover"], {
    encoding: "utf8",
    timeout: 60_000,
    env: {
      ...process.env,
      DATA_DIR: product.dataDir,
      PORT: new URL(product.url).port,
      HOST: "127.0.0.1",
      PUBLIC_URL: product.url,
    },
  });
  expect(run.status, run.stderr).toBe(0);
  const [link = ""] = /https?:\/\/\S+\/set-up#\S+/.exec(run.stdout) ?? [];
  expect(link).not.toBe("");
  return link;
}

/** A new passkey for the owner, in a page of its own. */
async function recoverIn(page: Page): Promise<void> {
  const device = await addPasskeyDevice(page, "internal");
  await page.goto(recover());
  await expect(page.getByTestId("set-up-form")).toBeVisible();
  const name = page.getByLabel("Your name"); // asked for while there is no owner yet
  if (await name.isVisible()) await name.fill("Olive Owner");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Add passkey" }).click();
  await expect(page).toHaveURL(/\/studio$/);
  expect(await device.count()).toBe(1);
}

test("a passkey's whole life: link, first and second key, sign-in, step-up, last key, restart, recovery", async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const context = await browser.newContext();
  const { page, complaints } = await openTab(context);
  const internal = await addPasskeyDevice(page, "internal");

  // The set-up link lets one in to add a passkey, and to nothing else.
  await page.goto(product.setUpLink);
  await page.getByTestId("set-up-form").getByLabel("Your name").fill("Olive Owner");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByTestId("first-passkey")).toBeVisible();
  expect(page.url()).not.toContain("#");
  expect((await fetchFrom(page, "GET", "/rooms")).status).toBe(403);
  expect((await fetchFrom(page, "POST", "/rooms", { name: "Too early" })).status).toBe(403);
  await page.goto(`${product.url}/studio`);
  await expect(page.getByTestId("first-passkey")).toBeVisible();
  await page.reload();
  await page.getByLabel(/Name for this passkey/).fill("Studio Mac");
  await page.getByRole("button", { name: "Add passkey" }).click();
  await expect(page).toHaveURL(/\/studio$/);
  expect(await internal.count()).toBe(1);
  expect(await page.evaluate(() => document.cookie)).toBe("");

  // With the first passkey, link and password are shut.
  const code = new URL(product.setUpLink).hash.slice(1);
  expect((await fetchFrom(page, "POST", "/set-up", { code, name: "Late" })).status).toBe(401);
  const password = await fetchFrom(page, "POST", "/sign-in/password", { password: ADMIN_PASSWORD });
  expect(password.status).toBe(401);

  // The last passkey cannot be removed, by the page or past it.
  await page.goto(`${product.url}/studio/account`);
  await expect(page.getByTestId("passkey-row")).toHaveCount(1);
  await expect(page.getByTestId("last-passkey")).toBeVisible();
  await expect(page.getByRole("button", { name: /Remove the passkey/ })).toHaveCount(0);

  // A security key as the second one; the proof of a moment ago has gone stale, so the first is asked for before.
  await pause(STEP_UP_SECONDS * 1000 + 200);
  const stale = await fetchFrom(page, "POST", "/passkeys/options");
  expect([stale.status, stale.body.error]).toEqual([403, "step_up_required"]);
  const usb = await addPasskeyDevice(page, "usb");
  await page.getByTestId("add-passkey").click();
  await page.getByLabel(/Name for the new passkey/).fill("Key on the ring");
  await page.getByRole("button", { name: "Add passkey" }).click();
  await expect(page.getByTestId("passkey-row")).toHaveCount(2);
  expect([await internal.count(), await usb.count()]).toEqual([1, 1]);

  // Out, and in again with the second alone, without saying who.
  const held = await internal.remove();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByTestId("confirm").getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByTestId("sign-in")).toBeVisible();
  expect((await fetchFrom(page, "GET", "/rooms")).status).toBe(401);
  await pressSignIn(page);
  await expect(page).toHaveURL(/\/studio/);

  // A dangerous act after the proof went stale asks for the passkey, then goes on.
  await page.goto(`${product.url}/studio/account`);
  await pause(STEP_UP_SECONDS * 1000 + 200);
  const asked = page.waitForResponse((response) => response.url().endsWith("/step-up"));
  await page.getByRole("button", { name: "Remove the passkey Studio Mac" }).click();
  await page.getByTestId("confirm").getByRole("button", { name: "Remove passkey" }).click();
  expect((await asked).status()).toBe(200);
  await expect(page.getByTestId("passkey-row")).toHaveCount(1);
  const { passkeys } = (await fetchFrom(page, "GET", "/passkeys")).body;
  const last = await fetchFrom(page, "DELETE", `/passkeys/${passkeys[0].id}`);
  expect([last.status, ["last_passkey", "step_up_required"].includes(last.body.error)]).toEqual([
    last.status,
    true,
  ]);
  await expect(page.getByRole("button", { name: /Remove the passkey/ })).toHaveCount(0);

  // The server dies and is started again: the login is still there, the removed passkey is not.
  await product.kill();
  await product.restart();
  await page.goto(`${product.url}/studio/account`);
  await expect(page.getByTestId("passkey-row")).toHaveCount(1);
  await expect(page.getByTestId("own-name")).toHaveText("Olive Owner");
  const stranger = await browser.newContext();
  const old = await openTab(stranger);
  await addPasskeyDevice(old.page, "internal", held);
  await old.page.goto(product.url);
  await pressSignIn(old.page);
  await expect(old.page.getByTestId("error-summary")).toBeVisible();
  await expect(old.page).not.toHaveURL(/\/studio/);
  await stranger.close();

  // Every passkey lost: the machine's command line makes a link while the server runs.
  const elsewhere = await browser.newContext();
  const second = await openTab(elsewhere);
  await addPasskeyDevice(second.page, "internal");
  const link = recover();
  await second.page.goto(link);
  await expect(second.page.getByRole("heading", { level: 1 })).toContainText("Welcome back, Olive Owner");
  await second.page.getByRole("button", { name: "Continue" }).click();
  await second.page.getByRole("button", { name: "Add passkey" }).click();
  await expect(second.page).toHaveURL(/\/studio$/);

  // Ending the other login ends it at once.
  await second.page.goto(`${product.url}/studio/account`);
  await expect(second.page.getByTestId("passkey-row")).toHaveCount(2);
  await expect(second.page.getByTestId("login-row")).toHaveCount(2);
  await second.page
    .getByTestId("login-row")
    .getByRole("button", { name: /^Sign out/ })
    .click();
  await second.page.getByTestId("confirm").getByRole("button", { name: "Sign out" }).click();
  await expect(second.page.getByTestId("logins-done")).toBeVisible();
  expect((await fetchFrom(page, "GET", "/rooms")).status).toBe(401);
  await waitFor("the first browser's page to leave the studio", 5_000, () => !page.url().includes("/studio"));
  const expected = /40[13]|Failed to load resource|WebSocket connection to/; // the refusals that were asked for, and the server's absence
  expect([...complaints, ...second.complaints].filter((text) => !expected.test(text))).toEqual([]);
  await elsewhere.close();
  await context.close();
});

test("a passkey from the list under the field signs in (conditional mediation)", async ({ browser }) => {
  const context = await browser.newContext();
  const { page } = await openTab(context);
  await recoverIn(page);
  await page.goto(`${product.url}/studio`);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByTestId("confirm").getByRole("button", { name: "Sign out" }).click();
  // Chromium's virtual authenticator answers a conditional request as if the person had chosen from the list.
  await expect(page).toHaveURL(/\/studio$/, { timeout: 15_000 });
  await context.close();
});

test("a page at another address of this machine leads to the one where passkeys work, with the link unspent", async ({
  context,
}) => {
  const { page } = await openTab(context);
  const link = recover();
  await page.goto(link.replace("localhost", "127.0.0.1"));
  if (!page.url().startsWith(product.url)) {
    await expect(page.getByTestId("wrong-place")).toBeVisible();
    await page.goto(await page.getByTestId("right-place").getAttribute("href").then(String));
  }
  await expect(page.getByTestId("set-up-form")).toBeVisible();
  expect(page.url().startsWith(product.url)).toBe(true);
});

test("a page of another origin gets no challenge, and a forged challenge signs nobody in", async ({
  context,
}) => {
  const { page } = await openTab(context);
  await recoverIn(page);
  const foreign = await context.request.post(`${product.url}/api/v1/sign-in/options`, {
    headers: { origin: "https://evil.example" },
  });
  expect(foreign.status()).toBe(403);
  const forged = await page.evaluate(async () => {
    const credential = (await navigator.credentials.get({
      publicKey: { challenge: new Uint8Array(32).fill(7), rpId: "localhost", userVerification: "required" },
    })) as PublicKeyCredential & { toJSON(): unknown };
    await fetch("/api/v1/sign-in/options", { method: "POST" });
    const response = await fetch("/api/v1/sign-in", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ credential: credential.toJSON() }),
    });
    return { status: response.status, body: await response.json() };
  });
  expect([forged.status, forged.body.error]).toEqual([401, "passkey_refused"]);
});
