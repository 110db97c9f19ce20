import { type Browser, chromium, type Page } from "@playwright/test";
import { chromiumLaunch } from "./browser.js";
import { buildHouse } from "./conference-line.js";
import { comeIn, DEVICES, missingLinks, type Somebody } from "./conference-people.js";
import { callLinks, type ProgrammeCounts, programmeCounts } from "./conference-watch.js";
import { publishUrl, startEncoder } from "./encoder.js";
import { startProduct } from "./product.js";
import { pause, waitFor } from "./wait.js";

/** What the programme got of the line for some seconds. */
export type OnTheLine = {
  readonly kilobitsPerSecond: number;
  readonly framesPerSecond: number;
  readonly packetsLost: number;
  readonly freezes: number;
};

/** One line, the programme, and a call that wants more of it than is left. */
export type Bottleneck = {
  readonly alone: OnTheLine;
  /** With everybody's camera and a screen, under the caps that each link has, and told nothing of what the programme needs. */
  readonly capped: OnTheLine;
  /** As the product does it. */
  readonly protecting: OnTheLine;
};

/** How large the scene is. */
export type BottleneckSettings = {
  readonly lineKilobits: number;
  readonly programmeKilobits: number;
  readonly seconds: number;
};

const COMING_MS = 30_000;
const SETTLE_MS = 8_000; // a level is raised within 5 s of the one before it

type HeldWindow = Window & { __wants: { hold: boolean; held: Map<string, () => void> } };

/** Plays it: a reviewer behind a line of their own, three others, and an encoder on this machine. Needs a house. */
export async function measureBottleneck(settings: BottleneckSettings): Promise<Bottleneck> {
  const { lineKilobits, programmeKilobits, seconds } = settings;
  const house = buildHouse();
  const product = await startProduct({ HOST: "0.0.0.0", PUBLIC_ADDRESS: house.here });
  const room = await product.createRoom("A narrow line");
  const encoder = startEncoder({
    ...{ url: publishUrl(room.ingest), kilobitsPerSecond: programmeKilobits, grain: 60, sound: true },
  });
  let browser: Browser | undefined;
  try {
    await encoder.firstFrameAt;
    browser = await chromium.launch(chromiumLaunch());
    const come = (from: Browser, name: string, number: 0 | 1 | 2 | 3): Promise<Somebody> =>
      comeIn(from, product.url, room, { name, devices: { ...DEVICES[number], isBusy: true } });
    const dana = await come(await house.launch(), "Dana Director", 0);
    house.limit(lineKilobits * 1000);
    await waitFor(
      "the programme",
      COMING_MS,
      async () => (await programmeCounts(dana.page)).framesDecoded > 50,
    );
    await pause(SETTLE_MS);
    const alone = await measure(dana.page, seconds);

    await holdWants(dana.page);
    const others = [
      await come(browser, "Eli Editor", 1),
      await come(browser, "Fia Foley", 2),
      await come(browser, "Gus Grader", 3),
    ];
    await waitFor(
      "the call",
      COMING_MS,
      async () => (await missingLinks([dana, ...others])).length === 0,
      250,
    );
    for (const { page } of others) {
      await page.keyboard.press("t");
      await page.keyboard.press("v");
      await page.keyboard.press("l");
    }
    await dana.page.keyboard.press("l");
    await waitFor("the cameras", COMING_MS, async () => {
      const links = await callLinks(dana.page);
      return links.every(({ received }) => (received[1]?.packets ?? 0) > 0);
    });
    await others[0]?.page.keyboard.press("s");
    await pause(SETTLE_MS);
    const capped = await measure(dana.page, seconds);

    await releaseWants(dana.page);
    await dana.page.getByTestId("protection").waitFor({ timeout: COMING_MS });
    await pause(SETTLE_MS);
    const protecting = await measure(dana.page, 2 * seconds);
    return { alone, capped, protecting };
  } finally {
    await browser?.close();
    await encoder.kill();
    await product.remove();
    await house.remove();
  }
}

async function measure(page: Page, seconds: number): Promise<OnTheLine> {
  const [before, startedAt] = [await programmeCounts(page), performance.now()];
  await pause(seconds * 1000);
  const [after, elapsedMs] = [await programmeCounts(page), performance.now() - startedAt];
  const more = (key: keyof ProgrammeCounts) => after[key] - before[key];
  return {
    kilobitsPerSecond: (8 * more("bytes")) / elapsedMs,
    framesPerSecond: (1000 * more("framesDecoded")) / elapsedMs,
    packetsLost: more("packetsLost"),
    freezes: more("freezeCount"),
  };
}

/** What the page would tell the others that it wants of them waits here: as if it protected nothing. */
function holdWants(page: Page): Promise<void> {
  return page.evaluate(() => {
    const wants = { hold: true, held: new Map<string, () => void>() };
    (window as unknown as HeldWindow).__wants = wants;
    const plain = WebSocket.prototype.send;
    WebSocket.prototype.send = function send(this: WebSocket, what) {
      const said = typeof what === "string" && what.includes('"call.want"') ? JSON.parse(what) : null;
      if (said === null || !wants.hold) plain.call(this, what);
      else wants.held.set(said.to, () => plain.call(this, what)); // the newest to each
    };
  });
}

function releaseWants(page: Page): Promise<void> {
  return page.evaluate(() => {
    const { __wants: wants } = window as unknown as HeldWindow;
    wants.hold = false;
    for (const say of wants.held.values()) say();
  });
}
