import type { IngestUrl } from "@colourstream/contract";
import { expect, type Page, test } from "@playwright/test";
import { type Encoder, publishUrl, startEncoder } from "../tools/encoder.js";
import { waitForPicture } from "../tools/picture-watch.js";
import { type Product, startProduct, type TestRoom } from "../tools/product.js";
import { pause, waitFor, wallMs } from "../tools/wait.js";
import { expectSameDocument, joinAsReviewer, markDocument } from "./pages.js";

// What reliability.md promises when something goes away and comes back; the page is never loaded anew.

const BACK_AFTER_KEYFRAME_MS = 2000;
const BACK_AFTER_ENGINE_MS = 5000;

let product: Product;
let room: TestRoom;
let encoder: Encoder | undefined;

test.beforeAll(async () => {
  product = await startProduct();
});
test.afterAll(() => product?.remove());
test.beforeEach(async () => {
  room = await product.createRoom(`Returning ${Date.now()}`);
});
test.afterEach(async () => {
  await encoder?.kill();
  encoder = undefined;
});

function publish(settings: Partial<Parameters<typeof startEncoder>[0]> = {}): Encoder {
  encoder = startEncoder({ url: publishUrl(room.ingest), ...settings });
  return encoder;
}

/** Waits for the returned encoder's picture and gives the time from its keyframe to the eye. */
async function backAfterMs(page: Page, returned: Encoder, awaySince: number): Promise<number> {
  const onAirAt = await returned.firstFrameAt;
  const frame = await waitForPicture(page, awaySince, 15_000);
  return frame.seenMs - onAirAt;
}

// What only takes time is tagged: it runs with the chaos suite.
for (const [seconds, tag] of [
  [1, ""],
  [10, " @long"],
  [60, " @long"],
] as const) {
  test(`the encoder is killed and back after ${seconds} s: picture within 2 s of its keyframe, no reload${tag}`, async ({
    context,
  }) => {
    test.setTimeout(60_000 + seconds * 1000);
    await publish().firstFrameAt;
    const { page } = await joinAsReviewer(context, room, "Dana Director");
    await waitForPicture(page, wallMs(), 5000);
    await markDocument(page);
    await encoder?.kill();
    const awaySince = wallMs();
    await pause(seconds * 1000);
    const returned = publish({ firstFrame: 100_000 });
    expect(await backAfterMs(page, returned, awaySince)).toBeLessThan(BACK_AFTER_KEYFRAME_MS);
    await expectSameDocument(page);
  });
}

test("over SRT: the encoder is killed and back after 1 s: picture within 2 s of its keyframe, no reload", async ({
  context,
}) => {
  const owner = await product.owner();
  const { urls } = await owner.ask<{ urls: IngestUrl[] }>("POST", `/rooms/${room.id}/ingest/reveal`);
  const url = urls.find(({ protocol }) => protocol === "srt")?.url ?? "";
  await publish({ url }).firstFrameAt;
  const { page } = await joinAsReviewer(context, room, "Dana Director");
  await waitForPicture(page, wallMs(), 8000);
  await markDocument(page);
  await encoder?.kill();
  const awaySince = wallMs();
  await pause(1000);
  // A killed SRT encoder says nothing: until a second has passed the next one is refused, and tries again.
  const returned = publish({ url, firstFrame: 100_000, retry: true });
  expect(await backAfterMs(page, returned, awaySince)).toBeLessThan(BACK_AFTER_KEYFRAME_MS);
  await expectSameDocument(page);
});

test("the encoder comes back with another resolution, then with another shape and rate", async ({
  context,
}) => {
  await publish().firstFrameAt;
  const { page } = await joinAsReviewer(context, room, "Dana Director");
  await waitForPicture(page, wallMs(), 5000);
  await markDocument(page);
  for (const [width, height, framesPerSecond] of [
    [960, 540, 25],
    [480, 360, 30],
  ] as const) {
    await encoder?.kill();
    const awaySince = wallMs();
    const returned = publish({ width, height, framesPerSecond });
    expect(await backAfterMs(page, returned, awaySince)).toBeLessThan(BACK_AFTER_KEYFRAME_MS);
    const frame = await waitForPicture(page, wallMs(), 5000);
    expect([frame.width, frame.height]).toEqual([width, height]);
  }
  await expectSameDocument(page);
});

test("the engine is killed: viewers are back within 5 s of the encoder, no reload", async ({ context }) => {
  await publish().firstFrameAt;
  const { page } = await joinAsReviewer(context, room, "Dana Director");
  await waitForPicture(page, wallMs(), 5000);
  await markDocument(page);
  const before = product.enginePid();
  expect(before).not.toBeNull();
  process.kill(before as number, "SIGKILL");
  const awaySince = wallMs();
  await encoder?.kill();
  const returned = publish({ retry: true, firstFrame: 200_000 });
  expect(await backAfterMs(page, returned, awaySince)).toBeLessThan(BACK_AFTER_ENGINE_MS);
  await waitFor("another engine process", 1000, () => product.enginePid() !== before);
  await expectSameDocument(page);
});

test("the server is killed and started again: the picture goes on meanwhile and the page after it", async ({
  context,
}) => {
  await publish().firstFrameAt;
  const { page } = await joinAsReviewer(context, room, "Dana Director");
  await waitForPicture(page, wallMs(), 5000);
  await markDocument(page);
  await product.kill();
  const killedAt = wallMs();
  await pause(3000);
  const during = await waitForPicture(page, killedAt + 2000, 2000);
  expect(during.seenMs).toBeGreaterThan(killedAt);
  await product.restart();
  await pause(3000);
  await waitForPicture(page, wallMs(), 3000);
  await expectSameDocument(page);
});
