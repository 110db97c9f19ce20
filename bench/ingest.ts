import { cpus } from "node:os";
import { percentile } from "../tests/tools/percentile.js";
import { pause } from "../tests/tools/wait.js";
import { makeClip } from "./clip.js";
import { type IngestEngine, startIngestEngine } from "./ingest-engine.js";
import {
  type Delays,
  LATENCY_MS,
  rtmpDelays,
  type Setup,
  srtDelays,
  startPublisher,
  whipDelays,
} from "./ingest-ways.js";
import { printTable, rounded } from "./table.js";

/** How late is a frame in the hub, and what does it cost to take it in? */

const isQuick = process.argv.includes("--quick");
const SECONDS = isQuick ? 3 : 9; // less than the clip's 10: each picture is sent once in it
const CPU_SECONDS = isQuick ? 2 : 6;
const LOSS = { loss: 0.02, delayMs: 10 } as const;
const SEED = 20_260_101;
const RATES = [20, 50] as const;
const ASKED = 1.16; // x264's rate control stays so much under what it is asked for with this clip
const WAYS = ["RTMP", "RTMPS", "SRT", "SRT, AES-128", "WHIP"] as const;

console.log(`Ingest, 1080p24 with AAC sound (WHIP: without), on ${cpus().length} cores of ${cpus()[0]?.model ?? "an unnamed processor"}${isQuick ? ", quick: few frames, take the figures lightly" : ""}.

Method. The engine's listeners and hub run in a process of their own; a coded clip is sent in real time without coding it
anew. Delay, at ${RATES[0]} Mb/s: from the sender's last byte of a picture to the hub's being given it, both by the wall clock of
this machine. The last byte is taken where it passes: for RTMP and RTMPS a tap that speaks plain RTMP with ffmpeg notes the
time just before it hands a picture's last byte to the kernel or to TLS; for SRT our UDP relay notes when the first sending
of the datagram with a picture's last transport packet enters it, before it is delayed or lost; for WHIP the sender notes
when a picture's last packet was given to the kernel. So sockets and decryption count in.
libsrt: ffmpeg sends the same to srt-live-transmit (listener, latency=${LATENCY_MS}) at the same time over a relay of the same kind and
seed, and the picture counts as there when its last transport packet leaves by UDP; that it takes a demultiplexer from there is not
counted, about 5 ms of its own polling are. With loss: ${LOSS.loss * 100} % in each direction from when both are connected, RTT ${2 * LOSS.delayMs} ms, seed
${SEED + 1}; the way through the relay, ${LOSS.delayMs} ms of these, is taken out of both figures. Of the pictures, of some 80 datagrams each,
four in five lack one at first and can be whole only after the RTT.
CPU: user and system time of that process over ${CPU_SECONDS} s, ÷ elapsed time; ffmpeg (WHIP: libdatachannel) sends straight to it.
`);

async function measureDelays(engine: IngestEngine, clip: Setup["clip"]) {
  const setup = { engine, clip, seconds: SECONDS };
  const rtmp = await rtmpDelays(setup, "rtmp");
  const rtmps = await rtmpDelays(setup, "rtmps");
  const clear = await srtDelays(setup, {}, SEED);
  const lossy = await srtDelays(setup, LOSS, SEED + 1);
  const without = ({ ms, missing }: Delays): Delays => ({
    ms: ms.map((delay) => delay - LOSS.delayMs),
    missing,
  });
  const whip = await whipDelays(setup);
  return { rtmp, rtmps, clear, lossy: { ours: without(lossy.ours), libsrt: without(lossy.libsrt) }, whip };
}

/** Percent of a core, and Mb/s that really came, of one way in. */
async function measureCpu(
  engine: IngestEngine,
  way: (typeof WAYS)[number],
  clip: Setup["clip"],
  key: string,
) {
  const publisher = await startPublisher(way, engine, clip, key);
  await pause(1500);
  await engine.begin(false);
  await pause(CPU_SECONDS * 1000);
  const { cpuMs, seconds, bytes, count } = await engine.report();
  publisher.stop();
  if (count < CPU_SECONDS * 12)
    throw new Error(`${way} brought ${count} pictures in ${seconds.toFixed(1)} s`);
  return { percent: cpuMs / seconds / 10, megabits: (bytes * 8) / seconds / 1e6 };
}

const engine = await startIngestEngine();
const clips = RATES.map((rate) => makeClip(rate * ASKED));
try {
  const [first] = clips;
  if (first === undefined) throw new Error("there is a clip for each rate");
  const delays = await measureDelays(engine, first);
  const row = (name: string, { ms, missing }: Delays) => [
    name,
    String(ms.length),
    ...[0.5, 0.95, 0.99, 1].map((share) => percentile(ms, share).toFixed(2)),
    String(missing),
  ];
  printTable(
    ["delay to the hub, ms", "frames", "p50", "p95", "p99", "max", "never came"],
    [
      row("RTMP", delays.rtmp),
      row("RTMPS", delays.rtmps),
      row("WHIP", delays.whip),
      row("SRT", delays.clear.ours),
      row("  libsrt", delays.clear.libsrt),
      row("SRT, 2 % loss", delays.lossy.ours),
      row("  libsrt, 2 % loss", delays.lossy.libsrt),
    ],
  );
  const ratioOf = ({ ours, libsrt }: { ours: Delays; libsrt: Delays }) =>
    percentile(ours.ms, 0.5) / percentile(libsrt.ms, 0.5);
  const [clear, lossy] = [ratioOf(delays.clear), ratioOf(delays.lossy)];
  console.log(`SRT ÷ libsrt, p50: ${clear.toFixed(3)} without loss, ${lossy.toFixed(3)} with\n`);

  const rows: string[][] = [];
  const percentAt50: number[] = [];
  for (const way of WAYS) {
    const cells: string[] = [way];
    for (const [index, clip] of clips.entries()) {
      const { percent, megabits } = await measureCpu(engine, way, clip, `cpu${rows.length}at${index}`);
      cells.push(megabits.toFixed(1), `${percent.toFixed(1)} %`);
      if (index === 1) percentAt50.push(percent);
    }
    rows.push(cells);
  }
  printTable(["CPU of a core", "Mb/s", "at 20", "Mb/s", "at 50"], rows);
  console.log("Below, cpuPercentAt50Mbps is that of the dearest way in.");
  console.log(
    JSON.stringify({
      bench: "ingest",
      srtToLibsrtRatio: rounded(clear, 3),
      srtToLibsrtRatioWithLoss: rounded(lossy, 3),
      rtmpP99Ms: rounded(percentile(delays.rtmp.ms, 0.99), 2),
      cpuPercentAt50Mbps: rounded(Math.max(...percentAt50), 1),
    }),
  );
} finally {
  engine.close();
  for (const clip of clips) clip.remove();
}
