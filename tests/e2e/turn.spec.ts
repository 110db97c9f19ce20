import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { type Coturn, hasCoturn, startCoturn } from "../tools/coturn.js";
import { type ApiClient, type Product, startProduct, type TestRoom } from "../tools/product.js";
import { expectState, joinAsReviewer } from "./pages.js";

// A browser that is allowed nothing but a relay gets its picture through coturn, with the credentials that we made.
// coturn is a daemon, which a test must not put on anybody's machine: where it is not installed this file has no test,
// and what we compute is held to its draft by packages/server/src/engine/ice-servers.test.ts.

/** As a network would force it: host and reflexive candidates are not there. */
async function allowRelaysOnly(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const Plain = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Plain {
      constructor(configuration?: RTCConfiguration) {
        super({ ...configuration, iceTransportPolicy: "relay" });
      }
    };
  });
}

async function picture(page: Page): Promise<number> {
  return page
    .locator("video")
    .first()
    .evaluate((video: HTMLVideoElement) => video.videoWidth);
}

if (hasCoturn()) {
  let product: Product;
  let owner: ApiClient;
  let room: TestRoom;
  let coturn: Coturn;
  test.beforeAll(async () => {
    coturn = await startCoturn();
    product = await startProduct();
    owner = await product.owner();
    room = await product.createRoom("Behind a firewall");
    await owner.ask("POST", `/rooms/${room.id}/test-signal`);
    // By TCP Chromium cannot: it writes a tie-breaker of 0 into its checks there, which our ICE library (libjuice 1.7)
    // answers by 400, though RFC 8445 §16.1 allows it (its issue 355). HLS is for such networks.
    const iceUrls = [coturn.url("udp")];
    await owner.ask("PATCH", "/settings", { iceUrls, turnAuth: "secret", turnSecret: coturn.secret });
  });
  test.afterAll(async () => {
    await product?.remove();
    await coturn?.end();
  });

  test("a viewer who can be reached by a relay alone gets the picture, with credentials of their own", async ({
    context,
  }) => {
    await allowRelaysOnly(context);
    const { page, complaints } = await joinAsReviewer(context, room, "Fia behind a firewall");
    await expectState(page, "live", 20_000);
    await expect.poll(() => picture(page)).toBeGreaterThan(0);
    const users = coturn.users();
    expect(users.length).toBeGreaterThan(0);
    for (const { until } of users) expect(until * 1000 - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect(complaints).toEqual([]);
  });
}
