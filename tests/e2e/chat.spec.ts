import { type Browser, expect, type Page, test } from "@playwright/test";
import { type Product, startProduct, type TestRoom } from "../tools/product.js";
import { accessibilityFaults } from "./axe.js";
import { joinAsReviewer, openTab, signInAs, stage } from "./pages.js";

let product: Product;
let room: TestRoom;
test.beforeAll(async () => {
  product = await startProduct();
  await product.owner();
  room = await product.createRoom("Talking room");
});
test.afterAll(() => product?.remove());

/** The owner's own page in the room: a host. */
async function openHost(browser: Browser): Promise<Page> {
  const context = await browser.newContext();
  await signInAs(context, await product.owner(), product.url);
  const { page } = await openTab(context);
  await page.goto(`${product.url}/r/${room.id}`);
  await expect(stage(page)).toBeVisible();
  return page;
}

const input = (page: Page) => page.getByTestId("chat-input");
const messages = (page: Page) => page.getByTestId("chat-message");
const message = (page: Page, text: string) => messages(page).filter({ hasText: text });
async function say(page: Page, text: string): Promise<void> {
  await input(page).fill(text);
  await input(page).press("Enter");
}
/** Of the chat: the rest of the room is looked at elsewhere. */
const faults = async (page: Page) => (await accessibilityFaults(page)).filter((fault) => /chat/.test(fault));
async function openChat(page: Page): Promise<void> {
  await page.getByTestId("chat-toggle").click();
  await expect(page.getByTestId("chat-panel")).toBeVisible();
}

test("a room talks: mentions, links, edits, the client's side, and a server that goes while somebody types", async ({
  browser,
}) => {
  const [adas, beas] = [await browser.newContext(), await browser.newContext()];
  const host = await openHost(browser);
  const { page: ada, complaints } = await joinAsReviewer(adas, room, "Ada");
  const { page: bea } = await joinAsReviewer(beas, room, "Bea");

  // Empty, then a message with a link and a mention, unread for those who have not opened the chat.
  await openChat(ada);
  await expect(ada.getByTestId("chat-panel")).toContainText("Nothing has been written yet");
  await input(ada).fill("See https://example.com/reel?v=2. @b");
  await expect(ada.getByRole("option", { name: "Bea" })).toHaveAttribute("aria-selected", "true");
  await input(ada).press("Enter");
  await expect(input(ada)).toHaveValue("See https://example.com/reel?v=2. @Bea ");
  expect(await faults(ada)).toEqual([]);
  await input(ada).pressSequentially("<b>look</b>");
  await input(ada).press("Enter");
  await expect(message(ada, "<b>look</b>")).toHaveAttribute("data-own", "true");
  await expect(ada.getByTestId("chat-outgoing")).toHaveCount(0);
  await expect(bea.getByTestId("chat-unread")).toHaveText("1");
  await openChat(bea);
  const link = messages(bea).getByRole("link");
  await expect(link).toHaveText("https://example.com/reel?v=2");
  await expect(link).toHaveAttribute("href", "https://example.com/reel?v=2");
  await expect(link).toHaveAttribute("rel", "noopener noreferrer nofollow");
  await expect(link).toHaveAttribute("target", "_blank");
  await expect(messages(bea)).toHaveAttribute("data-mentions-me", "true");
  await expect(bea.getByTestId("chat-unread")).toHaveCount(0);

  // One's own last message is edited by arrow up, and another deleted by its menu; a host deletes others'.
  await say(ada, "A thing to delete");
  await say(ada, "Warmr");
  await expect(message(bea, "Warmr")).toBeVisible();
  await input(ada).press("ArrowUp");
  await ada.getByTestId("chat-edit").fill("Warmer");
  await ada.getByTestId("chat-edit").press("Enter");
  await expect(message(bea, "Warmer")).toContainText("Edited");
  await message(ada, "A thing to delete").hover();
  await message(ada, "A thing to delete").getByTestId("message-more").click();
  await ada.getByRole("button", { name: "Delete", exact: true }).click();
  expect(await faults(ada)).toEqual([]);
  await ada.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(messages(bea).nth(1)).toHaveText("Message deleted");
  await expect(bea.getByTestId("message-more")).toHaveCount(0);

  // The client's side.
  await ada.getByRole("radio", { name: "Client’s side only" }).check();
  await say(ada, "Between us");
  await expect(message(bea, "Between us")).toBeVisible();
  await ada.getByRole("radio", { name: "Everybody" }).check();
  await openChat(host);
  await expect(host.getByTestId("chat-audience")).toHaveCount(0);
  await say(host, "Shall we go on?");
  await expect(message(ada, "Shall we go on?")).toBeVisible();
  await expect(message(host, "Shall we go on?")).toBeVisible();
  await expect(host.getByTestId("chat-panel")).not.toContainText("Between us");
  await expect(message(host, "Warmer").getByTestId("message-more")).toHaveCount(1);

  // The server goes: what was sent is there once, what is typed meanwhile arrives, and the page was not loaded anew.
  await say(ada, "Just before");
  await product.kill();
  await say(ada, "While it was away");
  await say(ada, "And one more");
  await expect(ada.getByTestId("chat-outgoing").last()).toContainText("Not sent yet");
  await product.restart();
  await expect(message(host, "And one more")).toBeVisible({ timeout: 20_000 });
  await expect(ada.getByTestId("chat-outgoing")).toHaveCount(0);
  for (const page of [ada, host])
    for (const text of ["Just before", "While it was away", "And one more", "Shall we go on?"])
      await expect(message(page, text)).toHaveCount(1);
  const text = await (await adas.request.get(`${product.url}/api/v1/rooms/${room.id}/chat/export`)).text();
  expect(text.match(/Ada \(reviewer[^)]*\): (Just|While|And)/g)).toHaveLength(3);
  expect(
    complaints.filter((one) => !/WebSocket|ERR_CONNECTION_REFUSED|Failed to load resource/.test(one)),
  ).toEqual([]);
  for (const page of [ada, bea, host]) await page.context().close();
});
