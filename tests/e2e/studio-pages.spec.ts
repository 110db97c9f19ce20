import { join } from "node:path";
import type { Invitation, Recording, Room } from "@colourstream/contract";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { PROJECT_ROOT } from "../tools/root.js";
import { waitFor } from "../tools/wait.js";
import { accessibilityFaults, keyboardFaults } from "./axe.js";
import { expectState, fillDoor, openTab, signInAs } from "./pages.js";

// Every page at both sizes: nothing for axe to say, nothing in the console, no sideways scrolling, all by keyboard.
// The pictures are in test-results/pages, for somebody to look at.

const SIZES = [
  ["desktop", { viewport: { width: 1440, height: 900 } }],
  ["phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
] as const;

let product: Product;
let owner: ApiClient;
let room: TestRoom;
let invitation: Invitation;
let colouristsLink: string;
let recordingId: string;
test.beforeAll(async () => {
  product = await startProduct();
  owner = await product.owner();
  room = await product.createRoom("Northern Light, episode 3: the long night");
  await product.createRoom("An empty room");
  const old = await product.createRoom("Last year's film");
  await owner.ask("PATCH", `/rooms/${old.id}`, { archived: true });
  await owner.ask("POST", `/rooms/${room.id}/test-signal`);
  const wishes = [
    { name: "Dana Director", role: "presenter", startsAt: Date.now() + 86_400_000, durationMinutes: 90 },
    { name: "Dop Doyle", role: "reviewer", maxUses: 1 },
    { name: "A name of sixty characters, which is as long as they can be!", role: "observer" },
  ];
  for (const wish of wishes)
    invitation = await owner.ask<Invitation>("POST", `/rooms/${room.id}/invitations`, wish);
  await product.join(room, "Rita Reviewer");
  await owner.ask("PATCH", `/rooms/${room.id}`, { waitingRoom: true, watermark: true });
  await product.visitor().send("POST", `/rooms/${room.id}/join`, {
    name: "Max Waits",
    password: room.reviewerPassword,
  });
  await product.visitor().send("POST", `/rooms/${room.id}/join`, { name: "Eve", password: "wrong password" });
  await product.colourist("Cora Colourist");
  const { link } = await owner.ask<{ link: string }>("POST", "/users", { name: "Ivo Invited" });
  colouristsLink = link;
  const robot = { name: "Render farm", scopes: ["rooms:read", "people:write"], expiresAt: null };
  await owner.ask("POST", "/tokens", robot);
  for (const [address, reason] of [
    ["203.0.113.0/24", "A net that tried passwords for a whole night"],
    ["2001:db8:1234:5678::/64", "The same from elsewhere"],
  ])
    await owner.ask("POST", "/blocks", { address, reason, expiresAt: Date.now() + 86_400_000 });
  recordingId = await recordOne();
});
test.afterAll(() => product?.remove());

/** A second of the test signal, ready to be played. */
async function recordOne(): Promise<string> {
  await product.waitForStream(room, "live", 20_000);
  const { id } = await owner.ask<Recording>("POST", `/rooms/${room.id}/recording`);
  await waitFor("a second to be recorded", 20_000, async () => {
    const { recording } = await owner.ask<Room>("GET", `/rooms/${room.id}`);
    return recording !== null && recording.durationMs >= 1_000;
  });
  await owner.ask("DELETE", `/rooms/${room.id}/recording`);
  await waitFor("the recording to be ready", 30_000, async () => {
    const { state, hasThumbnail } = await owner.ask<Recording>("GET", `/recordings/${id}`);
    return state === "ready" && hasThumbnail;
  });
  return id;
}

async function expectGood(page: Page, name: string, size: string): Promise<void> {
  await page.screenshot({
    path: join(PROJECT_ROOT, "test-results/pages", `${name}-${size}.png`),
    fullPage: true,
    animations: "disabled",
  });
  const width = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  expect.soft([name, (width[0] ?? 0) <= (width[1] ?? 0)], `${name}: ${width}`).toEqual([name, true]);
  expect.soft(await accessibilityFaults(page), name).toEqual([]);
}

/** Every colour that is painted is a grey, but for the red of errors: the eye that grades must not adapt to ours. */
async function colouredParts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = new Set<string>();
    for (const element of document.querySelectorAll("body, body *")) {
      if (element.closest("video, canvas, [class*=error], [class*=warning]") !== null) continue;
      const style = getComputedStyle(element);
      for (const property of [
        "color",
        "backgroundColor",
        "borderTopColor",
        "outlineColor",
        "fill",
      ] as const) {
        const [red = 0, green = 0, blue = 0, alpha = 1] = (style[property].match(/[\d.]+/g) ?? []).map(
          Number,
        );
        if (alpha > 0 && (red !== green || green !== blue))
          found.add(`${property} ${style[property]} of ${element.outerHTML.slice(0, 80)}`);
      }
    }
    return [...found];
  });
}

const STUDIO: readonly (readonly [string, () => string])[] = [
  ["rooms", () => "/studio"],
  ["room", () => `/studio/rooms/${room.id}`],
  ["room-not-there", () => `/studio/rooms/${"A".repeat(22)}`],
  ["recordings", () => "/studio/recordings"],
  ["recording", () => `/studio/recordings/${recordingId}`],
  ["recording-not-there", () => `/studio/recordings/${"A".repeat(22)}`],
  ["people", () => "/studio/people"],
  ["settings", () => "/studio/settings"],
  ["engine", () => "/studio/settings/engine"],
  ["security", () => "/studio/security"],
  ["logins", () => "/studio/security/sessions"],
  ["audit", () => "/studio/security/audit"],
  ["about", () => "/studio/about"],
  ["account", () => "/studio/account"],
  ["tokens", () => "/studio/account/tokens"],
];

for (const [size, options] of SIZES) {
  test(`the studio's pages at ${size} size`, async ({ browser }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext(options);
    await signInAs(context, owner, product.url);
    const { page, complaints } = await openTab(context);
    for (const [name, path] of STUDIO) {
      await page.goto(product.url + path());
      await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
      await page.waitForLoadState("networkidle");
      await expectGood(page, name, size);
      expect.soft(await colouredParts(page), name).toEqual([]);
      if (size === "desktop") expect.soft(await keyboardFaults(page), name).toEqual([]);
      const missing = name.endsWith("-not-there") ? /404/ : /^$/;
      expect
        .soft(
          complaints.filter((text) => !missing.test(text)),
          name,
        )
        .toEqual([]);
      complaints.length = 0;
    }
    await context.close();
  });

  test(`doors, the waiting room and the review room at ${size} size`, async ({ browser }) => {
    test.setTimeout(120_000);
    const context = await browser.newContext(options);
    const { page, complaints } = await openTab(context);
    const doors: [string, string][] = [
      ["sign-in", product.url],
      ["set-up", colouristsLink],
      ["set-up-used", `${product.url}/set-up#used`],
      ["invitation", invitation.link],
      ["invitation-wrong", `${product.url}/i#wrong`],
      ["join", room.reviewerLink],
      ["not-found", `${product.url}/nothing/here`],
    ];
    for (const [name, address] of doors) {
      await page.goto("about:blank");
      await page.goto(address);
      await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
      await expectGood(page, name, size);
      if (size === "desktop") expect.soft(await keyboardFaults(page), name).toEqual([]);
    }
    await page.goto(room.reviewerLink);
    await page.getByTestId("device-check-open").click();
    await expect(page.getByTestId("device-check")).toBeVisible();
    await expectGood(page, "device-check", size);
    await page.keyboard.press("Escape");
    await fillDoor(page, "Wanda Waits", room.reviewerPassword);
    await expect(page.getByTestId("let-in")).toBeVisible();
    await expectGood(page, "let-in", size);
    await inTheRoom(context, size);
    expect(complaints.filter((text) => !/401|404/.test(text))).toEqual([]);
    await context.close();
  });
}

async function inTheRoom(context: BrowserContext, size: string): Promise<void> {
  const presenter = await owner.ask<Invitation>("POST", `/rooms/${room.id}/invitations`, {
    name: `Pia on a ${size}`,
    role: "presenter",
  });
  const host = await (context.browser() ?? fail()).newContext({
    viewport: context.pages()[0]?.viewportSize() ?? null,
  });
  const { page } = await openTab(host);
  await page.goto(presenter.link);
  await page.getByRole("button", { name: "Join" }).click();
  await expectState(page, "live", 15_000);
  await expectGood(page, "review", size);
  await page.keyboard.press("p"); // by key: on a busy machine the controls have stepped back meanwhile
  await expect(page.getByTestId("people-panel")).toBeVisible();
  await expectGood(page, "review-people", size);
  await page.keyboard.press("Escape");
  await page.keyboard.press("l");
  await expect(page.getByTestId("room")).toHaveAttribute("data-layout", "tiles");
  await expectGood(page, "review-tiles", size);
  await page.keyboard.press("?");
  await expect(page.getByTestId("help")).toBeVisible();
  await expectGood(page, "review-keys", size);
  await host.close();
}

function fail(): never {
  throw new Error("the context has no browser");
}

for (const [size, options] of SIZES) {
  test(`what is typed into encoders, and the TURN servers, at ${size} size`, async ({ browser }) => {
    const context = await browser.newContext(options);
    await signInAs(context, owner, product.url);
    const { page, complaints } = await openTab(context);
    await page.goto(`${product.url}/studio/rooms/${room.id}`);
    await page.getByRole("button", { name: "Show key" }).click();
    for (const protocol of ["rtmp", "srt", "whip"]) {
      await page.getByTestId(`ingest-tab-${protocol}`).click();
      await page.getByText("What to type where").click();
      await expect(page.getByTestId("ingest-ffmpeg")).toBeVisible();
      await expectGood(page, `room-${protocol}`, size);
    }

    await page.goto(`${product.url}/studio/settings`);
    await expect(page.getByTestId("rtmps-certificate")).toContainText("no certificate is given");
    const turn = page.getByTestId("settings-turn");
    const save = turn.getByRole("button", { name: "Save" });
    await turn.getByLabel("STUN and TURN servers").fill("stun:stun.example.org\nturn:turn.example.org:3478");
    await save.click();
    await expect(turn.getByTestId("error-summary")).toContainText("Choose how viewers sign in");
    await turn.getByLabel("Each viewer with credentials of their own").check();
    await turn.getByLabel("Shared secret").fill("north wind");
    await expectGood(page, "settings-turn", size);
    await save.click();
    await expect(turn.getByRole("status")).toContainText("Saved");
    await expect(turn.getByLabel("Shared secret")).toHaveValue("");
    await expect(turn).toContainText("One is kept, and is not shown");
    await turn.getByRole("button", { name: "Remove servers and secret" }).click();
    await turn.getByTestId("confirm").getByRole("button", { name: "Remove" }).click();
    await expect(turn.getByLabel("STUN and TURN servers")).toHaveValue("");
    expect(await owner.ask("GET", "/settings")).toMatchObject({ hasTurnSecret: false, iceUrls: [] });
    expect(complaints).toEqual([]);
    await context.close();
  });
}

test("a destructive act can be walked through by keyboard alone, and says what it will do", async ({
  browser,
}) => {
  const victim = await product.createRoom("To be deleted by keys");
  const context = await browser.newContext();
  await signInAs(context, owner, product.url);
  const { page } = await openTab(context);
  await page.goto(`${product.url}/studio/rooms/${victim.id}`);
  await page.getByRole("button", { name: "Delete room" }).focus();
  await page.keyboard.press("Enter");
  const confirm = page.getByTestId("confirm");
  await expect(confirm).toContainText(/for good|cannot be/i);
  // The question has the focus, or is one Tab away: nobody has to look for it.
  await expect.poll(() => confirm.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  await expect(async () => {
    await page.keyboard.press("Tab");
    await expect(confirm.getByRole("button", { name: "Delete room" })).toBeFocused({ timeout: 200 });
  }).toPass({ timeout: 5_000 });
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/studio$/);
  expect((await owner.send("GET", `/rooms/${victim.id}`)).status).toBe(404);
  await context.close();
});
