import { cpus } from "node:os";
import { chromium } from "@playwright/test";
import { chromiumLaunch } from "../tests/tools/browser.js";
import { percentile } from "../tests/tools/percentile.js";
import { startProduct } from "../tests/tools/product.js";
import { makeClip } from "./clip.js";
import { measureEngineAdded } from "./engine-added.js";
import {
  type Ages,
  measureBaseline,
  measureInChromium,
  measureJoins,
  PICTURE,
  startBenchEncoder,
} from "./glass-to-glass.js";
import { printTable, rounded } from "./table.js";

/** How old is the picture when it is seen, and what of that is the engine's? */

const isQuick = process.argv.includes("--quick");
const SECONDS = isQuick ? 6 : 40;
const JOINS = isQuick ? 5 : 20;
const VIEWERS = 10;
const RELAYED = { delayMs: 30, jitterMs: 10, loss: 0.01 } as const;
const SEED = 20_260_101;
const FRAME_MS = 1000 / PICTURE.framesPerSecond;

console.log(`Latency, 1080p24 at 12 Mb/s, keyframe every second, x264 ultrafast zerolatency, on ${cpus().length} cores
of ${cpus()[0]?.model ?? "an unnamed processor"}${isQuick ? ", quick: few frames, take the figures lightly" : ""}.

Method. Glass to glass: each frame carries its number and the wall clock, drawn into its pixels when it is made; ffmpeg
codes it and sends it by RTMP with AAC sound; Chromium (no GPU) shows the review room; age is taken when
requestVideoFrameCallback hands over the composed frame, and the barcode is read back from the <video> by a canvas.
Capture and the screen itself are not in it. "Relayed": the media passes the project's UDP relay, in each direction
30 ms one way, up to 10 ms jitter, 1 % loss, seed ${SEED}. Baseline: the same encoder, TCP on loopback, ffmpeg's decoder;
no engine, no browser.
Engine added: a coded 12 Mb/s clip passes an RTMP tap that notes when it handed on the last byte of each frame;
of ${VIEWERS} WHEP viewers the one that the engine serves last notes when the last packet of the frame was decrypted and in its
hands; the figure is that minus the tap, so sockets on both sides and that receiver count in. The other ${VIEWERS - 1} are in one
process, which decrypts and drops: it shares these cores with the engine. Keyframes are paced and stand apart.
Join: from the click on the door's button to the first composed frame, ${JOINS} times, each in a fresh browser profile.
`);

const product = await startProduct();
const browser = await chromium.launch(chromiumLaunch());
try {
  const baseline = await measureBaseline(isQuick ? 4 : 15);

  const room = await product.createRoom("Glass to glass");
  const encoder = startBenchEncoder(room);
  await encoder.firstFrameAt;
  const direct = await measureInChromium(browser, room, SECONDS);
  const relayed = await measureInChromium(browser, room, SECONDS, {
    product,
    conditions: RELAYED,
    seed: SEED,
  });
  const joins = await measureJoins(browser, room, JOINS);
  await encoder.kill();
  await browser.close();

  const clip = makeClip(12);
  const added = await measureEngineAdded(product, clip, VIEWERS, SECONDS);
  clip.remove();

  const inFrames = (ms: number) => rounded(ms / FRAME_MS, 2);
  const row = (name: string, { agesMs, unseen }: Ages) => [
    name,
    String(agesMs.length),
    ...[0.5, 0.95, 0.99].map((share) => percentile(agesMs, share).toFixed(0)),
    inFrames(percentile(agesMs, 0.5)).toFixed(2),
    inFrames(percentile(agesMs, 0.95)).toFixed(2),
    String(unseen),
  ];
  printTable(
    ["glass to glass", "frames", "p50 ms", "p95 ms", "p99 ms", "p50 fr", "p95 fr", "not seen"],
    [row("baseline", baseline), row("loopback", direct), row("relayed", relayed)],
  );
  const ratio = percentile(direct.agesMs, 0.5) / percentile(baseline.agesMs, 0.5);
  console.log(`Loopback ÷ baseline, p50: ${ratio.toFixed(2)}`);
  if (relayed.counts !== null) {
    const { passed, lost } = relayed.counts;
    console.log(
      `The relay passed ${passed} packets to the viewer and lost ${lost} (${((100 * lost) / (passed + lost)).toFixed(2)} %)\n`,
    );
  }
  const times = (name: string, values: readonly number[]) => [
    name,
    String(values.length),
    ...[0.5, 0.95, 0.99, 1].map((share) => percentile(values, share).toFixed(1)),
  ];
  printTable(
    ["ms", "count", "p50", "p95", "p99", "max"],
    [
      times("engine added, frames", added.framesMs),
      times("engine added, keyframes", added.keyframesMs),
      times("join", joins),
    ],
  );
  console.log(
    `Engine-added run: ${added.lost} packets lost, ${added.incomplete} frames not whole at that viewer\n`,
  );

  const result = {
    bench: "latency",
    p50Frames: inFrames(percentile(direct.agesMs, 0.5)),
    p95Frames: inFrames(percentile(relayed.agesMs, 0.95)),
    engineAddedP50Ms: rounded(percentile(added.framesMs, 0.5), 2),
    engineAddedP99Ms: rounded(percentile(added.framesMs, 0.99), 2),
    joinP50Ms: rounded(percentile(joins, 0.5), 0),
  };
  console.log(
    "Below, p50Frames is the loopback run's and p95Frames the relayed run's: the two that we promise.",
  );
  console.log(JSON.stringify(result));
} finally {
  await browser.close();
  await product.remove();
}
