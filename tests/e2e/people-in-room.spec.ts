import type { Invitation } from "@colourstream/contract";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { devicesAsked, OTHER_MICROPHONE, plugIn } from "../tools/conference-devices.js";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { fillDoor, openTab, stage } from "./pages.js";

let product: Product;
let owner: ApiClient;
let room: TestRoom;
test.beforeAll(async () => {
  product = await startProduct();
  owner = await product.owner();
  room = await product.createRoom("Northern Light");
});
test.afterAll(() => product?.remove());

const row = (page: Page, name: string): Locator =>
  page.getByTestId("people-in").locator(`[data-name="${name}"]`);

test("everybody sees who is here; hands, roles and sending out for good, live and with the way back", async ({
  browser,
}) => {
  const { link } = await owner.ask<Invitation>("POST", `/rooms/${room.id}/invitations`, {
    name: "Pia Presenter",
    role: "presenter",
  });
  const host = await openTab(await browser.newContext());
  const pia = host.page;
  await pia.goto(link);
  await pia.getByRole("button", { name: "Join" }).click();
  await pia.getByTestId("chat-toggle").click(); // the notices come while the people are not looked at

  const guest = await openTab(await browser.newContext({ viewport: { width: 390, height: 844 } }));
  const rita = guest.page;
  await rita.goto(room.reviewerLink);
  await fillDoor(rita, "Rita Reviewer", room.reviewerPassword);

  // A reviewer sees who is here, and nothing of what hosts do.
  await rita.getByTestId("people-toggle").click();
  await expect(row(rita, "Pia Presenter")).toContainText("Presenter");
  await expect(row(rita, "Rita Reviewer")).toContainText("You");
  await expect(rita.getByTestId("people-panel").getByRole("button")).toHaveCount(0);

  // A hand goes up, survives a reload, as the panel and the layout do, and is taken down by a host.
  await rita.keyboard.press("h");
  await expect(pia.getByTestId("hand-notice")).toContainText("Rita Reviewer raised a hand");
  await rita.reload();
  await expect(row(rita, "Rita Reviewer")).toHaveAttribute("data-hand", "true");
  await expect(rita.getByTestId("hand-toggle")).toHaveAttribute("aria-pressed", "true");
  await expect(rita.getByTestId("room")).toHaveAttribute("data-layout", "panel");
  await pia.getByTestId("people-toggle").click();
  await row(pia, "Rita Reviewer").getByRole("button", { name: "Lower hand" }).click();
  await expect(rita.getByTestId("own-notice")).toContainText("lowered");
  await expect(rita.getByTestId("hand-toggle")).toHaveAttribute("aria-pressed", "false");

  // A role is live at once, and can be taken back.
  const more = pia.getByRole("button", { name: "More for Rita Reviewer" });
  await more.click();
  await pia.getByRole("button", { name: "Make presenter: Rita Reviewer" }).click();
  await expect(rita.getByTestId("own-notice")).toContainText("You are presenter now");
  await expect(rita.getByTestId("lock")).toBeVisible();
  await expect(row(rita, "Pia Presenter").getByRole("button", { name: /More/ })).toBeVisible();
  await pia.getByTestId("people-done").getByRole("button", { name: "Undo" }).click();
  await expect(rita.getByTestId("lock")).toHaveCount(0);
  await expect(row(pia, "Rita Reviewer")).toContainText("Reviewer");

  // Who is sent out for good stays out, until a host lets them come back.
  await pia.getByRole("button", { name: "Remove Rita Reviewer" }).click();
  await pia.getByTestId("confirm").getByRole("button", { name: "Remove" }).click();
  await expect(rita.getByTestId("closed")).toHaveAttribute("data-reason", "removed");
  await expect(row(pia, "Rita Reviewer")).toHaveCount(0);
  await rita.goto(room.reviewerLink);
  await fillDoor(rita, "Somebody Else", room.reviewerPassword);
  await expect(rita.getByTestId("error-summary")).toContainText("sent you out");
  await pia.getByTestId("people-sent-out").getByRole("button", { name: "Let come back" }).click();
  await expect(pia.getByTestId("people-sent-out")).toHaveCount(0);
  await rita.getByRole("button", { name: "Join" }).click();
  await expect(stage(rita)).toBeVisible();
  await expect(row(pia, "Somebody Else")).toBeVisible();

  expect(host.complaints).toEqual([]);
  expect(guest.complaints.filter((text) => !/40[134]/.test(text))).toEqual([]);
  await pia.context().close();
  await rita.context().close();
});

test("microphone, camera and loudspeaker are tried at the door: nothing opens unasked, silence is told, all is released", async ({
  context,
}) => {
  await plugIn(context, { tone: 0, otherTone: 440, colour: [120, 120, 120] }); // no tone: a muted headset
  const { page, complaints } = await openTab(context);
  await page.goto(room.reviewerLink);
  await page.getByTestId("device-check-open").click();
  const check = page.getByTestId("device-check");
  await expect(check).toBeVisible();
  expect(await devicesAsked(page)).toEqual([]);

  await check.getByRole("button", { name: "Try the camera" }).click();
  await expect(check.getByTestId("camera-preview")).toBeVisible();
  await check.getByTestId("speaker-test").click();
  await expect(check.getByTestId("speaker-said")).toContainText("Heard nothing?");
  await check.getByRole("button", { name: "Try the microphone" }).click();
  await expect(check.getByTestId("mic-silent")).toContainText("You sound silent");
  expect(await level(page)).toBe(0);
  await check.getByLabel("Which microphone").selectOption(OTHER_MICROPHONE);
  await expect.poll(() => level(page)).toBeGreaterThan(0.3);
  await expect(check.getByTestId("mic-silent")).toBeEmpty();

  const tracks = await page.evaluateHandle(() =>
    [...document.querySelectorAll("video")].flatMap(({ srcObject }) =>
      srcObject instanceof MediaStream ? srcObject.getTracks() : [],
    ),
  );
  await page.getByRole("button", { name: "Close" }).click();
  await expect(check).toHaveCount(0);
  expect(await tracks.evaluate((all) => all.map(({ readyState }) => readyState))).toEqual(["ended"]);
  await page.getByTestId("device-check-open").click();
  await expect(check.getByLabel("Which microphone")).toHaveValue(OTHER_MICROPHONE); // kept for the call
  expect(complaints).toEqual([]);
});

function level(page: Page): Promise<number> {
  return page.getByTestId("mic-level").evaluate((meter) => (meter as HTMLMeterElement).value);
}
