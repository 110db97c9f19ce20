import { createHmac } from "node:crypto";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { type Coturn, hasCoturn, startCoturn } from "../tools/coturn.js";
import { type OmeStandIn, startOmeStandIn } from "../tools/ome-signalling.js";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { expectSameDocument, expectState, joinAsReviewer, markDocument } from "./pages.js";

// The room's player against OvenMediaEngine's signalling. The room itself is the product's, which says that a stream is
// live; its tickets are given another address on their way to the page, as our driver for OvenMediaEngine makes them.

const PLAYOUT_DELAY = /^a=extmap:\d+ .*playout-delay/m;

let product: Product;
let owner: ApiClient;
let room: TestRoom;
let coturn: Coturn | undefined;
let ome: OmeStandIn;

test.use({ bypassCSP: true }); // the policy names an engine's address where the server is told of one: here it is not

test.beforeAll(async () => {
  coturn = hasCoturn() ? await startCoturn() : undefined;
  ome = await startOmeStandIn(coturn === undefined ? [] : [relayOf(coturn)]);
  product = await startProduct();
  owner = await product.owner();
  room = await product.createRoom("Elsewhere");
  await owner.ask("POST", `/rooms/${room.id}/test-signal`);
});
test.afterAll(async () => {
  await product?.remove();
  await ome?.close();
  await coturn?.end();
});

function relayOf({ secret, url }: Coturn) {
  const username = `${Math.floor(Date.now() / 1000) + 600}:ome`;
  const credential = createHmac("sha1", secret).update(username).digest("base64");
  return { urls: [url("udp")], username, credential };
}

/** Every ticket from now on is for the stand-in, under a name of its own. */
async function sendToOme(context: BrowserContext): Promise<readonly string[]> {
  const names: string[] = [];
  await context.route("**/ticket", async (route) => {
    const response = await route.fetch();
    const name = `ticket-${names.length + 1}`;
    names.push(name);
    const ticket = { ...(await response.json()), protocol: "ome", url: ome.url(name), ticket: "" };
    await route.fulfill({ response, json: ticket });
  });
  return names;
}

/** The stand-in's picture is on screen, and it moves. */
async function expectPicture(page: Page): Promise<void> {
  const picture = page.getByTestId("picture");
  const look = () =>
    picture.evaluate((video: HTMLVideoElement) => ({
      width: video.videoWidth,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
    }));
  await expect.poll(async () => (await look()).width, { timeout: 20_000 }).toBe(ome.size.width);
  const { frames } = await look();
  await expect.poll(async () => (await look()).frames, { timeout: 10_000 }).toBeGreaterThan(frames);
}

/** What our own engine has answered the page's last connection with; empty while there is none. */
function whepAnswer(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { __peers: peers } = window as unknown as { __peers: RTCPeerConnection[] };
    const isOurs = (peer: RTCPeerConnection) =>
      peer.connectionState === "connected" && peer.localDescription?.type === "offer";
    return peers.filter(isOurs).at(-1)?.remoteDescription?.sdp ?? "";
  });
}

test("the room plays by OvenMediaEngine's signalling: as its playout says, again after the publisher was gone, and by a relay where UDP is blocked", async ({
  context,
}) => {
  const names = await sendToOme(context);
  const { page, complaints } = await joinAsReviewer(context, room, "Dana Director");
  await expectState(page, "live", 20_000);
  await expectPicture(page);
  await page.keyboard.press("i");
  await expect(page.getByTestId("fact-way")).toHaveText("WebRTC");
  // Nobody stamps the frames: what is known is the line and this browser.
  await expect(page.getByTestId("fact-latency")).toHaveText(/^at least \d+ ms$/);
  expect(
    await page.getByTestId("sound").evaluate((sound: HTMLAudioElement) => sound.srcObject !== null),
  ).toBe(true);
  expect(ome.answers.map(({ name, byTcp }) => [name, byTcp])).toEqual([["ticket-1", false]]);
  expect(ome.answers[0]?.sdp).toMatch(PLAYOUT_DELAY);
  expect(ome.answers[0]?.sdp).toMatch(/^a=fmtp:110 .*stereo=1/m);
  await markDocument(page);

  // Another session takes over, which does not know of the playout delay.
  await owner.ask("PATCH", `/rooms/${room.id}`, { playout: "smooth" });
  await expect.poll(() => ome.answers.length, { timeout: 10_000 }).toBe(2);
  expect(ome.answers[1]?.sdp).not.toMatch(PLAYOUT_DELAY);
  await expectPicture(page);

  ome.refuse(true);
  ome.cut();
  await expectState(page, "reconnecting");
  ome.refuse(false);
  await expectState(page, "live");
  await expectPicture(page);
  expect(ome.answers).toHaveLength(3);

  if (coturn !== undefined) {
    ome.blockUdp();
    ome.cut();
    await expect.poll(() => ome.answers.at(-1)?.byTcp, { timeout: 15_000 }).toBe(true);
    await expectState(page, "live", 15_000);
    await expectPicture(page);
    const tries = ome.answers.length;
    ome.cut(); // what worked is remembered
    await expect.poll(() => ome.answers.length, { timeout: 10_000 }).toBe(tries + 1);
    expect(ome.answers.at(-1)?.byTcp).toBe(true);
    await expectState(page, "live", 15_000);
    expect(coturn.users().length).toBeGreaterThan(0);
  }
  expect(new Set(names).size).toBe(names.length);

  // The room comes back to our own engine, in the same page: WHEP, with the same say over the playout delay.
  await context.unroute("**/ticket");
  ome.cut();
  await expect.poll(() => whepAnswer(page), { timeout: 15_000 }).toContain("m=video");
  expect(await whepAnswer(page)).not.toMatch(PLAYOUT_DELAY);
  await owner.ask("PATCH", `/rooms/${room.id}`, { playout: "lowest" });
  await expect.poll(() => whepAnswer(page), { timeout: 15_000 }).toMatch(PLAYOUT_DELAY);
  await expectState(page, "live");
  await expectSameDocument(page);
  expect(complaints.filter((line) => !line.includes("WebSocket"))).toEqual([]);
});
