import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { chromiumLaunch } from "../tests/tools/browser.js";
import { writeSelfSigned } from "../tests/tools/certificate.js";
import { percentile } from "../tests/tools/percentile.js";
import { startProduct, type TestRoom } from "../tests/tools/product.js";
import { makeClip } from "./clip.js";
import { measureEncoderShare } from "./encoder-share.js";
import { measureEngineAdded } from "./engine-added.js";
import {
  type Ages,
  type Coming,
  measureBaseline,
  measureInChromium,
  measureJoins,
  type SeenInChromium,
} from "./glass-to-glass.js";
import { printTable, rounded } from "./table.js";
import { PICTURE, startBenchEncoder, type WayIn } from "./ways-in.js";

/** How old is the picture when it is seen, and what of that is the engine's? */

const isQuick = process.argv.includes("--quick");
const SECONDS = isQuick ? 5 : 20;
const BASELINE_SECONDS = isQuick ? 4 : 15;
const SHARE_SECONDS = isQuick ? 3 : 8;
const ADDED_SECONDS = isQuick ? 5 : 40;
const JOINS = isQuick ? 3 : 20;
const VIEWERS = 10;
const RELAYED = { delayMs: 30, jitterMs: 10, loss: 0.01 } as const;
const SEED = 20_260_101;
const FRAME_MS = 1000 / PICTURE.framesPerSecond;

console.log(`Latency, 1080p24 at 12 Mb/s, keyframe every second, x264 ultrafast zerolatency, on ${cpus().length} cores
of ${cpus()[0]?.model ?? "an unnamed processor"}${isQuick ? ", quick: few frames, take the figures lightly" : ""}.

Method. Glass to glass: each frame carries its number and the wall clock, drawn into its pixels when it is made; ffmpeg
codes it and sends it with AAC sound to the address that the room's page shows; Chromium (no GPU) shows the review room;
age is taken when requestVideoFrameCallback hands over the composed frame, and the barcode is read back from the <video>
by a canvas. Capture and the screen itself are not in it. Each row is ${SECONDS} s, with an encoder and a room of its own for
each way in, over loopback. The viewer watches by WebRTC (WHEP); in the row "HLS" the viewer has chosen that in the Signal
panel, and hls.js plays the low-latency playlist a second behind its end, as the playlist asks.
"SRT": AES-128, latency 200 ms, as the room's page shows it; ffmpeg with -muxdelay 0 -flush_packets 1 -pes_payload_size 0.
"WHIP": this ffmpeg has none, so it sends FLV by TCP to a process that packetises each picture at its last byte for
libdatachannel, beside silence in Opus: that hop counts in.
"Relayed": the media passes the project's UDP relay on its way to the viewer, in each direction 30 ms one way, up to 10 ms
jitter, 1 % loss, seed ${SEED}. Baseline: the same encoder, TCP on loopback, ffmpeg's decoder; no engine, no browser.
"Left the encoder": age of a frame when its last byte is out of ffmpeg, taken by a tap (RTMP) or a relay (SRT, in the
clear) before the engine, with no browser running, ${SHARE_SECONDS} s each: what SRT has more there is ffmpeg's and libsrt's sending.
Engine added: a coded 12 Mb/s clip passes an RTMP tap that notes when it handed on the last byte of each frame;
of ${VIEWERS} WHEP viewers the one that the engine serves last notes when the last packet of the frame was decrypted and in its
hands; the figure is that minus the tap, so sockets on both sides and that receiver count in. The other ${VIEWERS - 1} are in one
process, which decrypts and drops: it shares these cores with the engine. Keyframes are paced and stand apart.
Join: from the click on the door's button to the first composed frame, ${JOINS} times, each in a fresh browser profile.
`);

const folder = mkdtempSync(join(tmpdir(), "colourstream-bench-"));
const { certFile, keyFile } = await writeSelfSigned(folder);
const product = await startProduct({ RTMPS_CERT_FILE: certFile, RTMPS_KEY_FILE: keyFile });
const browser = await chromium.launch(chromiumLaunch());
try {
  const baseline = await measureBaseline(BASELINE_SECONDS);
  const share = await measureEncoderShare(product, SHARE_SECONDS);

  const rtmp = await publishing("rtmp", async (see, room) => ({
    direct: await see(),
    relayed: await see({ through: { product, conditions: RELAYED, seed: SEED } }),
    hls: await see({ byHls: true }),
    joins: await measureJoins(browser, room, JOINS),
  }));
  const rtmps = await publishing("rtmps", (see) => see());
  const srt = await publishing("srt", (see) => see());
  const whip = await publishing("whip", (see) => see());
  await browser.close();

  const clip = makeClip(12);
  const added = await measureEngineAdded(product, clip, VIEWERS, ADDED_SECONDS);
  clip.remove();

  const { direct, relayed, hls, joins } = rtmp;
  printTable(
    ["glass to glass", "frames", "p50 ms", "p95 ms", "p99 ms", "p50 fr", "p95 fr", "not seen"],
    [
      row("baseline", baseline),
      row("RTMP", direct),
      row("RTMPS", rtmps),
      row("SRT", srt),
      row("WHIP", whip),
      row("RTMP, relayed", relayed),
      row("RTMP, HLS", hls),
      row("left the encoder, RTMP", { agesMs: share.rtmp, unseen: 0 }),
      row("left the encoder, SRT", { agesMs: share.srt, unseen: 0 }),
    ],
  );
  const ratio = percentile(direct.agesMs, 0.5) / percentile(baseline.agesMs, 0.5);
  console.log(`RTMP ÷ baseline, p50: ${ratio.toFixed(2)}`);
  console.log(`By HLS the page said: ${hls.badge}`);
  if (relayed.counts !== null) {
    const { passed, lost } = relayed.counts;
    console.log(
      `The relay passed ${passed} packets to the viewer and lost ${lost} (${((100 * lost) / (passed + lost)).toFixed(2)} %)\n`,
    );
  }
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

  const p50Frames = ({ agesMs }: Ages) => inFrames(percentile(agesMs, 0.5));
  const result = {
    bench: "latency",
    p50Frames: p50Frames(direct),
    p95Frames: inFrames(percentile(relayed.agesMs, 0.95)),
    engineAddedP50Ms: rounded(percentile(added.framesMs, 0.5), 2),
    engineAddedP99Ms: rounded(percentile(added.framesMs, 0.99), 2),
    joinP50Ms: rounded(percentile(joins, 0.5), 0),
    hlsP50Ms: rounded(percentile(hls.agesMs, 0.5), 0),
    byIngestP50Frames: {
      rtmp: p50Frames(direct),
      rtmps: p50Frames(rtmps),
      srt: p50Frames(srt),
      whip: p50Frames(whip),
    },
  };
  console.log("Below, p50Frames is the RTMP row's and p95Frames the relayed row's: the two that we promise.");
  console.log(JSON.stringify(result));
} finally {
  await browser.close();
  await product.remove();
  rmSync(folder, { recursive: true, force: true });
}

/** Measures while an encoder publishes by this way into a room of its own. */
async function publishing<T>(
  way: WayIn,
  measure: (see: (coming?: Coming) => Promise<SeenInChromium>, room: TestRoom) => Promise<T>,
): Promise<T> {
  const room = await product.createRoom(`Glass to glass, ${way}`);
  const encoder = await startBenchEncoder(room, way);
  try {
    await encoder.firstFrameAt;
    return await measure((coming) => measureInChromium(browser, room, SECONDS, coming), room);
  } finally {
    await encoder.kill();
  }
}

function inFrames(ms: number): number {
  return rounded(ms / FRAME_MS, 2);
}

function row(name: string, { agesMs, unseen }: Ages): string[] {
  return [
    name,
    String(agesMs.length),
    ...[0.5, 0.95, 0.99].map((share) => percentile(agesMs, share).toFixed(0)),
    inFrames(percentile(agesMs, 0.5)).toFixed(2),
    inFrames(percentile(agesMs, 0.95)).toFixed(2),
    String(unseen),
  ];
}

function times(name: string, values: readonly number[]): string[] {
  return [
    name,
    String(values.length),
    ...[0.5, 0.95, 0.99, 1].map((share) => percentile(values, share).toFixed(1)),
  ];
}
