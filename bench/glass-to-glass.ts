import { type ChildProcess, fork, spawn } from "node:child_process";
import type { Browser, Page } from "@playwright/test";
import { ageMs, barcodeHeight, readBarcode } from "../tests/tools/barcode.js";
import { startEncoder } from "../tests/tools/encoder.js";
import type { LinkConditions, LinkCounts } from "../tests/tools/link.js";
import { forgetSeen, seen, watchPictures } from "../tests/tools/picture-watch.js";
import { freeTcpPort } from "../tests/tools/ports.js";
import type { Product, TestRoom } from "../tests/tools/product.js";
import { builtFile } from "../tests/tools/root.js";
import { pause, waitFor, wallMs, withDeadline } from "../tests/tools/wait.js";
import { PICTURE } from "./ways-in.js";

/** Ages of frames when a viewer saw them. */
export type Ages = {
  readonly agesMs: readonly number[];
  /** Frames drawn in the measured time that were never seen. */
  readonly unseen: number;
};

/** How the picture comes to Chromium: by WebRTC straight from the engine, unless it is said otherwise. */
export type Coming = {
  readonly through?: {
    readonly product: Product;
    readonly conditions: LinkConditions;
    readonly seed: number;
  };
  /** The viewer has chosen HLS by hand. */
  readonly byHls?: boolean;
};

/** What was measured there. */
export type SeenInChromium = Ages & {
  readonly counts: LinkCounts | null;
  /** What the page itself says of how late the picture is; null by WebRTC, where it says so only in a panel. */
  readonly badge: string | null;
};

const SETTLE_MS = 3000;

/** A player that has joined HLS finds its place within seconds: it may jump forward once. */
const HLS_SETTLE_MS = 6000;

/** Frames' ages in Chromium, from drawing to the moment the browser hands the composed frame to its page. */
export async function measureInChromium(
  browser: Browser,
  room: TestRoom,
  seconds: number,
  { through, byHls = false }: Coming = {},
): Promise<SeenInChromium> {
  const relay = through === undefined ? null : await startRelay(through);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    await watchPictures(page, false);
    if (relay !== null && through !== undefined)
      await sendMediaThrough(page, through.product.webrtcPort, relay.port);
    await join(page, room);
    await waitFor("a picture", 15_000, async () => (await seen(page)).shown.length > 24, 100);
    if (byHls) await chooseHls(page);
    await pause(byHls ? HLS_SETTLE_MS : SETTLE_MS);
    await forgetSeen(page);
    await pause(seconds * 1000);
    const { shown } = await seen(page);
    const numbers = new Set(shown.map(({ frame }) => frame));
    const span = Math.max(...numbers) - Math.min(...numbers) + 1;
    const counts = relay === null ? null : await relay.counts();
    const badge = byHls ? await page.getByTestId("delayed").innerText() : null;
    const agesMs = shown.map(({ frame, drawnMs, seenMs }) => ageMs({ frame, timeMs: drawnMs }, seenMs));
    return { agesMs, unseen: span - numbers.size, counts, badge };
  } finally {
    await context.close();
    relay?.end();
  }
}

/** Milliseconds from the click on the door's button to the first composed frame, for each of some joins. */
export async function measureJoins(browser: Browser, room: TestRoom, joins: number): Promise<number[]> {
  const times: number[] = [];
  for (let number = 0; number < joins; number += 1) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await watchPictures(page, false);
    await page.goto(room.reviewerLink);
    await page.evaluate(() => {
      const note = () => Object.assign(window, { __clickedAtMs: performance.timeOrigin + performance.now() });
      document.addEventListener("click", note, { capture: true });
    });
    await fillDoor(page, room);
    const first = await waitFor("the first frame", 15_000, async () => (await seen(page)).shown[0], 50);
    const clickedAt = await page.evaluate(
      () => (window as unknown as { __clickedAtMs: number }).__clickedAtMs,
    );
    times.push(first.seenMs - clickedAt);
    await context.close();
    await pause(137); // so that joins fall on different places of the GOP
  }
  return times;
}

/** The same encoder, TCP on loopback and a decoder, with no engine and no browser: what no stream could be below. */
export async function measureBaseline(seconds: number): Promise<Ages> {
  const { width } = PICTURE;
  const rows = barcodeHeight(width);
  const port = await freeTcpPort();
  const decoder = spawn(
    "ffmpeg",
    [
      ...[
        "-loglevel",
        "error",
        "-fflags",
        "nobuffer",
        "-flags",
        "low_delay",
        "-probesize",
        "5000",
        "-threads",
        "1",
      ],
      ...["-f", "flv", "-i", `tcp://127.0.0.1:${port}?listen=1&tcp_nodelay=1`, "-map", "0:v"],
      ...[
        "-vf",
        `crop=${width}:${rows}:0:0`,
        "-fps_mode",
        "passthrough",
        "-pix_fmt",
        "gray",
        "-f",
        "rawvideo",
        "-",
      ],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const agesMs: number[] = [];
  const numbers = new Set<number>();
  let held = Buffer.alloc(0);
  let isMeasuring = false;
  decoder.stdout.on("data", (bytes: Buffer) => {
    held = Buffer.concat([held, bytes]);
    for (; held.length >= width * rows; held = held.subarray(width * rows)) {
      const code = readBarcode({ samples: held, width, stride: width, step: 1 });
      if (code === null || !isMeasuring) continue;
      numbers.add(code.frame);
      agesMs.push(ageMs(code, wallMs()));
    }
  });
  await pause(500); // it listens
  const encoder = startEncoder({
    url: `tcp://127.0.0.1:${port}?tcp_nodelay=1`,
    ...PICTURE,
    sound: false,
  });
  try {
    await encoder.firstFrameAt;
    await pause(2000);
    isMeasuring = true;
    await pause(seconds * 1000);
    isMeasuring = false;
    const span = Math.max(...numbers) - Math.min(...numbers) + 1;
    return { agesMs, unseen: span - numbers.size };
  } finally {
    await encoder.kill();
    decoder.kill("SIGKILL");
  }
}

async function join(page: Page, room: TestRoom): Promise<void> {
  await page.goto(room.reviewerLink);
  await fillDoor(page, room);
}

async function fillDoor(page: Page, room: TestRoom): Promise<void> {
  await page.getByLabel("Your name").fill("Bench");
  await page.getByLabel("Password", { exact: true }).fill(room.reviewerPassword);
  await page.getByRole("button", { name: "Join" }).click();
}

/** As a viewer does it, in the Signal panel; the panel is closed again, as it is while somebody watches. */
async function chooseHls(page: Page): Promise<void> {
  await page.keyboard.press("i");
  await page.getByLabel("Most robust").check();
  const way = page.getByTestId("fact-way");
  await waitFor("HLS to be on screen", 20_000, async () => (await way.innerText()) === "HLS", 100);
  await page.keyboard.press("i");
}

/** Makes the page believe that the engine's UDP port is the relay's. */
async function sendMediaThrough(page: Page, enginePort: number, relayPort: number): Promise<void> {
  await page.route("**/whep", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll(
      new RegExp(`(a=candidate:\\S+ \\d+ udp \\d+ \\S+ )${enginePort}\\b`, "gi"),
      `$1${relayPort}`,
    );
    await route.fulfill({ response, body });
  });
}

type Relay = { readonly port: number; counts(): Promise<LinkCounts>; end(): void };

async function startRelay(through: {
  readonly product: Product;
  readonly conditions: LinkConditions;
  readonly seed: number;
}): Promise<Relay> {
  const child = fork(builtFile("bench/relay-child.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const { port } = await told<{ port: number }>(child, {
    targetPort: through.product.webrtcPort,
    seed: through.seed,
    toTarget: through.conditions,
  });
  return {
    port,
    async counts() {
      const { counts } = await told<{ counts: { toPeer: LinkCounts } }>(child, "counts");
      return counts.toPeer;
    },
    end: () => child.disconnect(),
  };
}

function told<T>(child: ChildProcess, order: object | string): Promise<T> {
  const answer = new Promise<T>((resolve) => child.once("message", (message) => resolve(message as T)));
  child.send(order);
  return withDeadline("the relay's process to answer", 10_000, answer);
}
