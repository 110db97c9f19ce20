import { expect, type Page, test } from "@playwright/test";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { pause } from "../tools/wait.js";
import { expectSameDocument, expectState, joinAsReviewer, markDocument, stage } from "./pages.js";

let product: Product;
let owner: ApiClient;
let room: TestRoom;
test.beforeAll(async () => {
  product = await startProduct();
  owner = await product.owner();
  room = await product.createRoom("Marked");
  await owner.ask("PATCH", `/rooms/${room.id}`, { watermark: true });
  await owner.ask("POST", `/rooms/${room.id}/test-signal`);
  await product.waitForStream(room, "live");
});
test.afterAll(() => product?.remove());

const mark = (page: Page) => page.getByTestId("watermark");

async function placeOf(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await mark(page).locator("div").first().boundingBox();
  if (box === null) throw new Error("the mark is not to be seen");
  return box;
}

test("the viewer's name and the time lie over the picture, faint, grey, in nobody's way, and move", async ({
  context,
}) => {
  const { page, complaints } = await joinAsReviewer(context, room, "Vera Viewer");
  await expectState(page, "live");
  await expect(mark(page)).toContainText("Vera Viewer");
  await expect(mark(page)).toContainText(String(new Date().getFullYear()));
  await expect(mark(page)).toHaveAttribute("aria-hidden", "true");
  const look = await mark(page).evaluate((layer) => {
    const { pointerEvents, color, opacity } = getComputedStyle(layer.firstElementChild ?? layer);
    return { pointerEvents, color, opacity };
  });
  expect(look.pointerEvents).toBe("none");
  const [red, green, blue] = (look.color.match(/[\d.]+/g) ?? []).map(Number);
  expect([green, blue]).toEqual([red, red]);

  const picture = await stage(page).boundingBox();
  if (picture === null) throw new Error("the stage is not to be seen");
  const places = [];
  for (let round = 0; round < 4; round += 1) {
    const box = await placeOf(page);
    expect(box.x).toBeGreaterThanOrEqual(picture.x - 1);
    expect(box.y).toBeGreaterThanOrEqual(picture.y - 1);
    expect(box.x + box.width).toBeLessThanOrEqual(picture.x + picture.width + 1);
    expect(box.y + box.height).toBeLessThanOrEqual(picture.y + picture.height + 1);
    places.push(`${Math.round(box.x)},${Math.round(box.y)}`);
    await pause(1_500);
  }
  expect(new Set(places).size).toBe(places.length);
  expect(complaints).toEqual([]);
});

test("a mark that is taken away is put back, and the picture is hidden until it is", async ({ context }) => {
  const { page } = await joinAsReviewer(context, room, "Harry Hides");
  await expectState(page, "live");
  await expect(mark(page)).toBeVisible();
  const tricks: [string, () => void][] = [
    ["removed", () => document.querySelector("[data-testid=watermark]")?.remove()],
    ["emptied", () => document.querySelector("[data-testid=watermark]")?.replaceChildren()],
    [
      "hidden",
      () => document.querySelector<HTMLElement>("[data-testid=watermark]")?.setAttribute("hidden", ""),
    ],
    [
      "made clear",
      () => {
        const layer = document.querySelector<HTMLElement>("[data-testid=watermark]");
        if (layer !== null) layer.style.opacity = "0";
      },
    ],
  ];
  for (const [what, trick] of tricks) {
    await page.evaluate(trick);
    const bare = await page.evaluate(
      () => document.querySelector("[data-testid=stage]")?.hasAttribute("data-bare") ?? false,
    );
    expect([what, bare]).toEqual([what, true]);
    await expect(mark(page)).toBeVisible({ timeout: 2_000 });
    await expect(mark(page)).toContainText("Harry Hides");
    await expect(stage(page)).not.toHaveAttribute("data-bare", "true");
  }
});

test("it stays over the picture in full screen", async ({ context }) => {
  const { page } = await joinAsReviewer(context, room, "Full Screen");
  await expectState(page, "live");
  await page.keyboard.press("f");
  await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true);
  const isInside = await page.evaluate(
    () => document.fullscreenElement?.querySelector("[data-testid=watermark]") != null,
  );
  expect(isInside).toBe(true);
  await expect(mark(page)).toContainText("Full Screen");
  await page.keyboard.press("Escape");
});

test("who asked their system for less motion has a mark that rests and jumps", async ({ browser }) => {
  const context = await browser.newContext({ reducedMotion: "reduce" });
  const { page } = await joinAsReviewer(context, room, "Still Life");
  await expectState(page, "live");
  const first = await placeOf(page);
  await pause(1_000);
  const second = await placeOf(page);
  const moved = Math.hypot(first.x - second.x, first.y - second.y);
  expect(moved === 0 || moved > 20).toBe(true);
  await context.close();
});

test("the colourist switches it for everybody at once, without a reload", async ({ context }) => {
  const { page } = await joinAsReviewer(context, room, "Switched");
  await expectState(page, "live");
  await markDocument(page);
  await expect(mark(page)).toBeVisible();
  await owner.ask("PATCH", `/rooms/${room.id}`, { watermark: false });
  await expect(mark(page)).toHaveCount(0, { timeout: 2_000 });
  await owner.ask("PATCH", `/rooms/${room.id}`, { watermark: true });
  await expect(mark(page)).toContainText("Switched", { timeout: 2_000 });
  await expectSameDocument(page);
});
