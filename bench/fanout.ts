import { cpus } from "node:os";
import { publishUrl } from "../tests/tools/encoder.js";
import { cpuMsOfTree, readProcess } from "../tests/tools/processes.js";
import { makeTicket, startProduct } from "../tests/tools/product.js";
import { startViewers, type ViewerReport } from "../tests/tools/viewers.js";
import { pause } from "../tests/tools/wait.js";
import { makeClip, publishClip } from "./clip.js";
import { printTable, rounded } from "./table.js";

/** What does one more viewer cost? */

const isQuick = process.argv.includes("--quick");
const MEGABITS = 20;
const STEPS = isQuick ? [1, 4] : [1, 5, 10];
const SECONDS = isQuick ? 5 : 20;

console.log(`Fan-out, 1080p24 at ${MEGABITS} Mb/s to real receivers, on ${cpus().length} cores of ${cpus()[0]?.model ?? "an unnamed processor"}.

Method. A coded clip is published by RTMP in real time; WHEP viewers (ICE, DTLS, SRTP, NACK) in two processes of their own
receive it over loopback and count packets and gaps. CPU is the engine process's user and kernel time from /proc, ingest,
sound and everything else it does included; its children (the sound's transcoder) are listed apart. Packets are those
that came plus those that were lost. Viewers per core = 1 s ÷ (CPU per packet × packets a viewer gets in 1 s), at the
largest step. The receivers share this machine's cores: when those are full, packets are lost to them, not to the engine.
`);

const product = await startProduct();
const clip = makeClip(MEGABITS);
const room = await product.createRoom("Fan-out");
const encoder = publishClip(clip, publishUrl(room.ingest));
const crowd = startViewers(2);
try {
  await product.waitForStream(room, "live", 15_000);
  const engine = product.enginePid();
  if (engine === null) throw new Error("no engine process");
  const rows: string[][] = [];
  let last = { microsPerPacket: 0, viewersPerCore: 0, lost: 0 };
  let viewers = 0;
  for (const step of STEPS) {
    for (; viewers < step; viewers += 1) {
      const ticket = await makeTicket(await product.join(room, `Viewer ${viewers}`), room);
      await crowd.connect(new URL(ticket.url, product.url).href, ticket.ticket);
    }
    await pause(3000); // the joins' bursts are over
    const before = { reports: await crowd.report(true), cpu: readCpu(engine), atMs: performance.now() };
    await pause(SECONDS * 1000);
    const cpu = readCpu(engine);
    const elapsedMs = performance.now() - before.atMs;
    await pause(300);
    const reports = await crowd.report(true);
    const received = sum(reports, "packets") - sum(before.reports, "packets");
    const lost = sum(reports, "lost") - sum(before.reports, "lost");
    const packets = received + lost;
    const cpuMs = cpu.own - before.cpu.own;
    const microsPerPacket = (cpuMs * 1000) / packets;
    const packetsPerViewer = (packets * 1000) / elapsedMs / step;
    last = { microsPerPacket, viewersPerCore: 1e6 / (microsPerPacket * packetsPerViewer), lost };
    rows.push([
      String(step),
      ((packets * 1000) / elapsedMs).toFixed(0),
      `${((100 * cpuMs) / elapsedMs).toFixed(1)} %`,
      `${((100 * (cpu.children - before.cpu.children)) / elapsedMs).toFixed(1)} %`,
      microsPerPacket.toFixed(2),
      last.viewersPerCore.toFixed(0),
      String(lost),
    ]);
  }
  printTable(["viewers", "packets/s", "engine", "its children", "µs/packet", "viewers/core", "lost"], rows);
  console.log(
    JSON.stringify({
      bench: "fanout",
      cpuMicrosPerPacket: rounded(last.microsPerPacket, 2),
      viewersPerCore: Math.floor(last.viewersPerCore),
      lost: last.lost,
    }),
  );
} finally {
  encoder.kill("SIGKILL");
  await crowd.close();
  clip.remove();
  await product.remove();
}

function readCpu(pid: number): { own: number; children: number } {
  const own = readProcess(pid)?.cpuMs ?? 0;
  return { own, children: cpuMsOfTree(pid) - own };
}

function sum(reports: readonly ViewerReport[], key: "packets" | "lost"): number {
  return reports.reduce((total, report) => total + report[key], 0);
}
