import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { fingerprint } from "../tests/tools/fingerprint.js";
import { PROJECT_ROOT } from "../tests/tools/root.js";
import { wallMs } from "../tests/tools/wait.js";
import { type HubPicture, type IngestAnswer, type IngestOrder, letIn } from "./ingest-orders.js";

/** The engine's ways in and its hub, in a process of their own: nothing else counts into its CPU time. */

const dist = <Module>(file: string): Promise<Module> =>
  import(join(PROJECT_ROOT, "packages/media/dist", `${file}.js`)) as Promise<Module>;

const { startRtmpListener } =
  await dist<typeof import("../packages/media/src/ingest/rtmp/listener.js")>("ingest/rtmp/listener");
const { startSrtListener } =
  await dist<typeof import("../packages/media/src/ingest/srt/listener.js")>("ingest/srt/listener");
const { createWhip } =
  await dist<typeof import("../packages/media/src/ingest/whip/whip.js")>("ingest/whip/whip");
const { createStreams } = await dist<typeof import("../packages/media/src/hub/streams.js")>("hub/streams");
const { attemptBudget } =
  await dist<typeof import("../packages/media/src/net/attempt-budget.js")>("net/attempt-budget");
const { listenHttp } =
  await dist<typeof import("../packages/media/src/net/http/local-http.js")>("net/http/local-http");
const { openUdpPort } =
  await dist<typeof import("../packages/media/src/transport/udp-port.js")>("transport/udp-port");
const { systemClock } =
  await dist<typeof import("../packages/media/src/transport/system-clock.js")>("transport/system-clock");

type PublishPoint = import("../packages/media/src/hub/ports.js").PublishPoint;

const MAX_PICTURES = 100_000; // more than an hour at 24 fps
const HOST = "127.0.0.1";

let pictures: HubPicture[] = [];
let names = false;
let count = 0;
let bytes = 0;
let beganMs = wallMs();
let cpuAtStart = process.cpuUsage();

const streams = createStreams({ clock: systemClock, random: randomBytes, listener: () => undefined });

/** The hub, and a note of when it was given each picture. */
const hub: PublishPoint = {
  publish(stream, publisher) {
    const publication = streams.publish(stream, publisher);
    if (publication === "already-live") return publication;
    return {
      ...publication,
      write(unit) {
        const atMs = wallMs();
        publication.write(unit);
        if (unit.kind === "audio") return;
        count += 1;
        for (const piece of unit.units) bytes += piece.length;
        if (!names || pictures.length >= MAX_PICTURES) return;
        pictures.push({ fingerprint: fingerprint(unit.units), pts: unit.pts, atMs });
      },
    };
  },
};

async function listen(order: Extract<IngestOrder, { order: "listen" }>): Promise<IngestAnswer> {
  const say = (object: object, message: string) => console.error("engine:", message, JSON.stringify(object));
  const silent = () => undefined;
  const duties = {
    admit: async (key: string) => letIn(key),
    hub,
    refused: (event: object) => say(event, "a publisher was refused"),
    log: { debug: silent, info: silent, warn: silent, error: say },
    wrongKeys: attemptBudget(10, 60_000, systemClock.now),
  };
  const context = createSecureContext({ cert: order.cert, key: order.key });
  const rtmp = await startRtmpListener({ ...duties, host: HOST, port: 0 });
  const rtmps = await startRtmpListener({ ...duties, host: HOST, port: 0, tls: () => context });
  const srt = await startSrtListener({
    ...duties,
    ...{ host: HOST, port: 0, latencyMs: 120, clock: systemClock },
  });
  const udp = await openUdpPort(
    { firstPort: 0, lastPort: 0, publicAddress: null, bindAddress: null },
    systemClock,
  );
  const whip = createWhip({ ...duties, udp, clock: systemClock });
  const httpPath = join(order.folder, "http.sock");
  await listenHttp(httpPath, { whip: whip.answer });
  return {
    listening: { rtmpPort: rtmp.port, rtmpsPort: rtmps.port, srtPort: srt.port, httpPath },
  };
}

async function carryOut(order: IngestOrder): Promise<IngestAnswer> {
  if (order.order === "listen") return listen(order);
  if (order.order === "begin") {
    pictures = [];
    ({ names } = order);
    count = 0;
    bytes = 0;
    beganMs = wallMs();
    cpuAtStart = process.cpuUsage();
    return { began: true };
  }
  const { user, system } = process.cpuUsage(cpuAtStart);
  const seconds = (wallMs() - beganMs) / 1000;
  return { report: { pictures, count, bytes, seconds, cpuMs: (user + system) / 1000 } };
}

process.on("message", (order: IngestOrder) => {
  carryOut(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
