import { cpus } from "node:os";
import { chromium } from "@playwright/test";
import { chromiumLaunch } from "../tests/tools/browser.js";
import { startEncoder } from "../tests/tools/encoder.js";
import { percentile } from "../tests/tools/percentile.js";
import { makeTicket, startProduct } from "../tests/tools/product.js";
import { pause } from "../tests/tools/wait.js";
import { type EngineOrder, readEngineOrders, wayInOf } from "./engine-orders.js";
import { measurePlaying, type Playable, type Played } from "./engine-play.js";
import { printTable, rounded } from "./table.js";
import { type BenchEncoder, PICTURE, startBenchEncoder, type WayIn } from "./ways-in.js";
import { startWhipEncoder } from "./whip-encoder.js";

/** How late is the picture by some engine, and by ours in the same minutes? */

const given = process.argv.slice(2);
const isQuick = given.includes("--quick");
const SECONDS = isQuick ? 4 : 20;
const JOINS = isQuick ? 2 : 10;
const FRAME_MS = 1000 / PICTURE.framesPerSecond;
const ENCODER_SETTLES_MS = 2000;

const orders = readOrders();
const { width, height, framesPerSecond, kilobitsPerSecond } = PICTURE;
console.log(`Engines, ${width}×${height}, ${framesPerSecond} fps, ${kilobitsPerSecond / 1000} Mb/s, keyframe every second, x264 ultrafast zerolatency, on ${cpus().length} cores
of ${cpus()[0]?.model ?? "an unnamed processor"}${isQuick ? ", quick: few frames, take the figures lightly" : ""}.

Method. Each engine is known by two addresses: where an encoder publishes (RTMP, SRT, WHIP) and where a browser plays (WHEP,
or OvenMediaEngine's signalling). The same encoder publishes to each, one after the other; the same bare page plays it in
Chromium (no GPU), with the playout delay offered. Each frame carries the wall clock, drawn into its pixels when it is made;
its age is taken when requestVideoFrameCallback hands over the composed frame. Capture and the screen itself are not in it.
${SECONDS} s each. Join: from the page's first request to the first composed frame, ${JOINS} times, each in a fresh browser profile.
Reference: our embedded engine, by the same way in, measured just before. Ratio: p50 against that reference. Clocks: encoder
and browser are on this machine, so an engine elsewhere has its line counted twice. "WHIP": this ffmpeg has none, so it sends
FLV by TCP to a process that packetises each picture, for every engine alike.
`);

const product = await startProduct();
const browser = await chromium.launch({
  ...chromiumLaunch(),
  args: [...chromiumLaunch().args, "--disable-web-security"], // one page plays from every engine, whatever each allows
});
type Row = { readonly name: string; readonly way: WayIn; readonly played: Played; readonly ratio: number };
try {
  const rows: Row[] = [];
  const ways = orders.length === 0 ? (["rtmp"] as const) : orders.map(({ ingest }) => wayInOf(ingest));
  for (const [index, way] of ways.entries()) {
    const ours = await measureOurs(way === "rtmps" ? "rtmp" : way); // RTMPS needs a certificate, and costs nothing more
    rows.push({ name: "embedded", way, played: ours, ratio: 1 });
    const order = orders[index];
    if (order === undefined) continue;
    const played = await measure(await startAt(order), async () => ({ url: order.play, bearer: null }));
    rows.push({ name: order.name, way, played, ratio: p50(played.agesMs) / p50(ours.agesMs) });
  }
  printTable(
    ["engine", "in", "frames", "p50 ms", "p95 ms", "p50 fr", "p95 fr", "not seen", "join p50 ms", "ratio"],
    rows.map(({ name, way, played: { agesMs, unseen, joinsMs }, ratio }) => [
      name,
      way,
      String(agesMs.length),
      p50(agesMs).toFixed(0),
      percentile(agesMs, 0.95).toFixed(0),
      inFrames(p50(agesMs)).toFixed(2),
      inFrames(percentile(agesMs, 0.95)).toFixed(2),
      String(unseen),
      p50(joinsMs).toFixed(0),
      ratio.toFixed(2),
    ]),
  );
  console.log(JSON.stringify({ bench: "engines", engines: rows.map(resultOf) }));
} finally {
  await browser.close();
  await product.remove();
}

async function measureOurs(way: WayIn): Promise<Played> {
  const room = await product.createRoom(`Engines, ${way}, ${Date.now()}`);
  const encoder = await startBenchEncoder(room, way);
  return measure(encoder, async () => {
    const reviewer = await product.join(room, "Bench");
    const ticket = await makeTicket(reviewer, room);
    return { url: new URL(ticket.url, product.url).href, bearer: ticket.ticket };
  });
}

async function measure(encoder: BenchEncoder, place: () => Promise<Playable>): Promise<Played> {
  try {
    await encoder.firstFrameAt;
    await pause(ENCODER_SETTLES_MS); // engines announce a stream with its first GOP
    return await measurePlaying(browser, place, { seconds: SECONDS, joins: JOINS });
  } finally {
    await encoder.kill();
  }
}

async function startAt({ ingest }: EngineOrder): Promise<BenchEncoder> {
  if (wayInOf(ingest) !== "whip") return startEncoder({ url: ingest, ...PICTURE });
  const whip = await startWhipEncoder({ url: ingest, key: "", framesPerSecond });
  const encoder = startEncoder({ url: whip.url, sound: false, ...PICTURE });
  return {
    firstFrameAt: encoder.firstFrameAt,
    async kill() {
      await encoder.kill();
      whip.close();
    },
  };
}

function readOrders(): EngineOrder[] {
  try {
    return readEngineOrders(given.filter((option) => option !== "--quick"));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

function p50(values: readonly number[]): number {
  return percentile(values, 0.5);
}

function inFrames(ms: number): number {
  return rounded(ms / FRAME_MS, 2);
}

function resultOf({ name, way, played: { agesMs, joinsMs }, ratio }: Row) {
  return {
    name,
    way,
    p50Ms: rounded(p50(agesMs), 1),
    p95Ms: rounded(percentile(agesMs, 0.95), 1),
    p50Frames: inFrames(p50(agesMs)),
    joinP50Ms: rounded(p50(joinsMs), 0),
    ratio: rounded(ratio, 2),
  };
}
