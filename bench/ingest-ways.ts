import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import type { LinkConditions } from "../tests/tools/link.js";
import { freeUdpPort } from "../tests/tools/ports.js";
import { startRtmpTap } from "../tests/tools/rtmp-tap.js";
import { startUdpRelay } from "../tests/tools/udp-relay.js";
import { pause } from "../tests/tools/wait.js";
import { type Clip, publishClip } from "./clip.js";
import type { IngestEngine } from "./ingest-engine.js";
import { PASSPHRASE, SECRET_KEY } from "./ingest-orders.js";
import { firstSrtPayload, watchTsFrames } from "./ts-frames.js";
import { startWhipSender } from "./whip-sender.js";

/** How late frames were, in ms, and how many never came. */
export type Delays = { readonly ms: readonly number[]; readonly missing: number };

/** What is measured with. */
export type Setup = { readonly engine: IngestEngine; readonly clip: Clip; readonly seconds: number };

const HOST = "127.0.0.1";

/** SRT's own default. */
export const LATENCY_MS = 120;

/** Connects, and lets eight frames pass from which the end of a frame is learnt, and more. */
const WARM_UP_MS = 2500;

/** The last frames are still under way when the measuring ends. */
const SETTLE_MS = 700;

type Sent = { readonly name: string | number; readonly atMs: number };

/** Each picture's arrival is the first one after its sending: a clip that repeats has every name more than once. */
function compare(sent: readonly Sent[], arrived: readonly Sent[]): Delays {
  const times = new Map<string | number, number[]>();
  for (const { name, atMs } of arrived) times.set(name, [...(times.get(name) ?? []), atMs]);
  const ms: number[] = [];
  for (const { name, atMs } of sent) {
    const came = times.get(name)?.find((time) => time >= atMs);
    if (came !== undefined && came - atMs < 5000) ms.push(came - atMs);
  }
  return { ms, missing: sent.length - ms.length };
}

/** By RTMP or RTMPS, through a tap that notes when it hands on the last byte of a picture. */
export async function rtmpDelays({ engine, clip, seconds }: Setup, how: "rtmp" | "rtmps"): Promise<Delays> {
  const { rtmpPort, rtmpsPort } = engine.places;
  const tap =
    how === "rtmp"
      ? await startRtmpTap(rtmpPort)
      : await startRtmpTap(rtmpsPort, (port) => connectTls({ host: HOST, port, rejectUnauthorized: false }));
  const encoder = publishClip(clip, `rtmp://${HOST}:${tap.port}/live/${how}`);
  try {
    await pause(WARM_UP_MS);
    await engine.begin(true);
    const from = tap.pictures.length;
    await pause(seconds * 1000);
    const sent = tap.pictures.slice(from).map(({ fingerprint, atMs }) => ({ name: fingerprint, atMs }));
    await pause(SETTLE_MS);
    return compare(sent, await hubPictures(engine, "fingerprint"));
  } finally {
    encoder.kill("SIGKILL");
    await tap.close();
  }
}

/** By WHIP, from libdatachannel in a process of its own. */
export async function whipDelays({ engine, clip, seconds }: Setup): Promise<Delays> {
  const sender = await startWhipSender({ clip: clip.path, httpPath: engine.places.httpPath, key: "whip" });
  try {
    await pause(WARM_UP_MS);
    await engine.begin(true);
    await sender.sent();
    await pause(seconds * 1000);
    const sent = (await sender.sent()).map(({ fingerprint, atMs }) => ({ name: fingerprint, atMs }));
    await pause(SETTLE_MS);
    return compare(sent, await hubPictures(engine, "fingerprint"));
  } finally {
    sender.close();
  }
}

/** By SRT over the same path at the same time: to our hub, and to srt-live-transmit's output. */
export async function srtDelays(
  { engine, clip, seconds }: Setup,
  conditions: LinkConditions,
  seed: number,
): Promise<{ ours: Delays; libsrt: Delays }> {
  const transmit = await startSrtLiveTransmit();
  // Both connect over a line that loses nothing: libsrt takes its time base from the handshake, and stays late by a lost one.
  const { loss: _later, ...atFirst } = conditions;
  const lines = await Promise.all(
    [engine.places.srtPort, transmit.port].map((targetPort) => startStampingRelay(targetPort, atFirst, seed)),
  );
  const senders = lines.map(({ port }, index) => publishSrt(clip, port, index === 0 ? `srt${seed}` : ""));
  try {
    await pause(WARM_UP_MS);
    for (const line of lines) line.change(conditions);
    await pause(500);
    await engine.begin(true);
    const fromMs = performance.timeOrigin + performance.now();
    await pause(seconds * 1000);
    const untilMs = performance.timeOrigin + performance.now();
    await pause(SETTLE_MS);
    const [toUs = [], toLibsrt = []] = lines.map(({ frames }) =>
      listed(frames.lastPacketMs).filter(({ atMs }) => atMs >= fromMs && atMs < untilMs),
    );
    return {
      ours: compare(toUs, await hubPictures(engine, "pts")),
      libsrt: compare(toLibsrt, listed(transmit.frames.lastPacketMs)),
    };
  } finally {
    for (const sender of senders) sender.kill("SIGKILL");
    await Promise.all(lines.map(({ close }) => close()));
    await transmit.close();
  }
}

/** What publishes for the measuring of CPU: nothing stands between it and the engine. */
export async function startPublisher(
  way: "RTMP" | "RTMPS" | "SRT" | "SRT, AES-128" | "WHIP",
  { places }: IngestEngine,
  clip: Clip,
  key: string,
): Promise<{ stop(): void }> {
  if (way === "WHIP") {
    const sender = await startWhipSender({ clip: clip.path, httpPath: places.httpPath, key });
    return { stop: () => sender.close() };
  }
  const encoder =
    way === "RTMP"
      ? publishClip(clip, `rtmp://${HOST}:${places.rtmpPort}/live/${key}`)
      : way === "RTMPS"
        ? publishClip(clip, `rtmps://${HOST}:${places.rtmpsPort}/live/${key}`)
        : publishSrt(clip, places.srtPort, way === "SRT" ? key : `${SECRET_KEY}-${key}`);
  return { stop: () => void encoder.kill("SIGKILL") };
}

async function hubPictures(engine: IngestEngine, by: "fingerprint" | "pts"): Promise<Sent[]> {
  const { pictures } = await engine.report();
  return pictures.map((picture) => ({ name: picture[by], atMs: picture.atMs }));
}

function listed(times: ReadonlyMap<number, number>): Sent[] {
  return [...times].map(([name, atMs]) => ({ name, atMs }));
}

async function startStampingRelay(targetPort: number, conditions: LinkConditions, seed: number) {
  const frames = watchTsFrames();
  const relay = await startUdpRelay({
    targetPort,
    seed,
    toTarget: conditions,
    seen(packet) {
      const payload = firstSrtPayload(packet);
      if (payload !== null) frames.take(payload);
    },
  });
  return { port: relay.port, frames, change: relay.change, close: () => relay.close() };
}

/** libsrt's own receiver: its output goes by UDP to a socket of ours. */
async function startSrtLiveTransmit() {
  const frames = watchTsFrames();
  const output = createSocket("udp4");
  output.on("message", (packets) => frames.take(packets));
  output.bind(0, HOST);
  await once(output, "listening");
  output.setRecvBufferSize(4 * 1024 * 1024);
  const port = await freeUdpPort();
  const from = `srt://${HOST}:${port}?mode=listener&latency=${LATENCY_MS}`;
  const to = `udp://${HOST}:${output.address().port}`;
  const child = spawn("srt-live-transmit", ["-q", "-loglevel:fatal", from, to], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  await pause(500); // it opens its port and says so nowhere
  if (child.exitCode !== null) throw new Error(`srt-live-transmit ended with code ${child.exitCode}`);
  return {
    port,
    frames,
    async close() {
      child.kill("SIGKILL");
      await ended;
      output.close();
    },
  };
}

/** ffmpeg's latency is in microseconds; a stream id only where there is a key. */
function publishSrt(clip: Clip, port: number, key: string): ChildProcess {
  const options = [
    "mode=caller",
    `latency=${LATENCY_MS * 1000}`,
    "pkt_size=1316",
    ...(key === "" ? [] : [`streamid=${key}`]),
    ...(key.startsWith(SECRET_KEY) ? [`passphrase=${PASSPHRASE}`, "pbkeylen=16"] : []),
  ];
  const input = ["-loglevel", "error", "-re", "-stream_loop", "-1", "-i", clip.path];
  return spawn(
    "ffmpeg",
    [...input, "-c", "copy", "-f", "mpegts", `srt://${HOST}:${port}?${options.join("&")}`],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
}
