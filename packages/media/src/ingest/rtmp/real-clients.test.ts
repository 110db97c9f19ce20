import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attemptBudget } from "../../net/attempt-budget.js";
import { writeSelfSigned } from "../../net/fixtures/self-signed.js";
import { h264NalType } from "../../wire/codecs/h264.js";
import { splitAnnexB } from "../../wire/codecs/nal-units.js";
import { type RtmpListenerOptions, startRtmpListener } from "./listener.js";
import { type RecordedPublisher, startRecordingHub } from "./recording-hub.js";
import { hashOf } from "./replay.js";
import { startRtmps } from "./rtmps.js";

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
const hasGstreamer = spawnSync("gst-inspect-1.0", ["rtmp2sink"]).status === 0;

const folder = mkdtempSync(join(tmpdir(), "rtmp-"));
const QUIET = ["-hide_banner", "-loglevel", "error", "-nostdin"];

beforeAll(() => {
  if (!hasFfmpeg) return;
  for (const bFrames of [0, 2]) {
    const input = [
      "-f",
      "lavfi",
      "-i",
      "testsrc2=size=320x180:rate=25",
      "-f",
      "lavfi",
      "-i",
      "sine=r=48000",
      "-t",
      "2",
    ];
    const video = [
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      "-bf",
      `${bFrames}`,
      "-g",
      "25",
      "-pix_fmt",
      "yuv420p",
    ];
    execFileSync("ffmpeg", [...QUIET, ...input, ...video, "-c:a", "aac", "-ac", "2", source(bFrames)]);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

const source = (bFrames: number) => join(folder, `b${bFrames}.mp4`);

/** A fresh listener of the one kind or the other. */
async function listen(protocol: "rtmp" | "rtmps", duties: RtmpListenerOptions) {
  if (protocol === "rtmp") return startRtmpListener(duties);
  const rtmps = await startRtmps({ ...duties, ...(await writeSelfSigned(folder)) });
  return { port: rtmps.port(), close: rtmps.close };
}

/** Runs a client against a fresh listener until it ends; gives its exit code and what the hub got. */
async function publish(
  command: string,
  args: (url: string) => string[],
  protocol: "rtmp" | "rtmps" = "rtmp",
) {
  const { hub, publishers } = startRecordingHub();
  const silent = () => {};
  const listener = await listen(protocol, {
    host: "127.0.0.1",
    port: 0,
    admit: async () => ({ allowed: true, stream: "room", viewer: null, lifetimeMs: null, passphrase: null }),
    hub,
    refused: silent,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    wrongKeys: attemptBudget(10, 60_000, () => performance.now()),
  });
  const child = spawn(command, args(`${protocol}://localhost:${listener.port}/live/key`), {
    stdio: "ignore",
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), 15_000);
  const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
  clearTimeout(limit);
  const [publisher] = publishers;
  await listener.close();
  if (publisher === undefined) throw new Error(`${command} published nothing, exit ${code}`);
  return { code, publisher };
}

const pictureUnits = (units: readonly Uint8Array[]) =>
  units.filter((unit) => ![7, 8].includes(h264NalType(unit)));

function sourceHashes(file: string): [video: string, audio: string] {
  const run = (...args: string[]) =>
    execFileSync("ffmpeg", [...QUIET, "-i", file, ...args, "-"], { maxBuffer: 1 << 26 });
  const video = run("-c", "copy", "-an", "-bsf:v", "h264_mp4toannexb", "-f", "h264");
  return [
    hashOf(pictureUnits(splitAnnexB(video))),
    hashOf(adtsFrames(run("-c", "copy", "-vn", "-f", "adts"))),
  ];
}

/** The raw frames of an ADTS stream (ISO/IEC 13818-7 §6.2), as ffmpeg writes them: 7 bytes of header each. */
function adtsFrames(bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length =
      (((bytes[at + 3] ?? 0) & 3) << 11) | ((bytes[at + 4] ?? 0) << 3) | ((bytes[at + 5] ?? 0) >> 5);
    frames.push(bytes.subarray(at + 7, at + length));
    at += length;
  }
  return frames;
}

const received = (publisher: RecordedPublisher) => [
  hashOf(pictureUnits(publisher.video.flatMap((unit) => unit.units))),
  hashOf(publisher.audio.map((unit) => unit.payload)),
];

const CASES: readonly [name: string, bFrames: number, offsetSeconds: number][] = [
  ["without B-frames", 0, 0],
  ["with B-frames", 2, 0],
  ["over 0xffffff ms", 0, 16776],
  ["over 2^31 ms, with B-frames", 2, 2147482.5],
];

test.skipIf(!hasFfmpeg).each(CASES)(
  "ffmpeg %s: NAL units and AAC frames are the source's, bit for bit",
  async (_name, bFrames, offset) => {
    const file = source(bFrames);
    const { publisher } = await publish("ffmpeg", (url) => [
      ...[...QUIET, "-re", "-i", file, "-c", "copy", "-output_ts_offset", `${offset}`, "-f", "flv", url],
    ]);
    expect(publisher.video).toHaveLength(50);
    expect(received(publisher)).toEqual(sourceHashes(file));
    expect(publisher.videoFormats.map((format) => format.reorderFrames)).toEqual([bFrames === 0 ? 0 : 2]);
    expect(publisher.closed).toBe("ended");
    const times = publisher.video.map((unit) => unit.dts);
    for (const [i, dts] of times.entries()) {
      if (i > 0) expect(Math.abs(dts - (times[i - 1] ?? 0) - 3600)).toBeLessThanOrEqual(90);
    }
  },
);

test.skipIf(!hasFfmpeg)("ffmpeg over RTMPS: the source's, bit for bit", async () => {
  const file = source(2);
  const args = (url: string) => [...QUIET, "-re", "-i", file, "-c", "copy", "-f", "flv", url];
  const { publisher } = await publish("ffmpeg", args, "rtmps");
  expect(publisher.video).toHaveLength(50);
  expect(received(publisher)).toEqual(sourceHashes(file));
  expect(publisher.port.source.protocol).toBe("rtmps");
  expect(publisher.closed).toBe("ended");
});

test.skipIf(!hasGstreamer || !hasFfmpeg)("GStreamer over RTMPS: the source's, bit for bit", async () => {
  const file = source(0);
  const pipeline = (url: string) =>
    `-q filesrc location=${file} ! qtdemux ! h264parse ! video/x-h264,stream-format=avc,alignment=au ! ` +
    `flvmux streamable=true ! rtmp2sink location=${url} tls-validation-flags=0`;
  const { code, publisher } = await publish("gst-launch-1.0", (url) => pipeline(url).split(" "), "rtmps");
  expect(code).toBe(0);
  expect(publisher.video).toHaveLength(50);
  expect(received(publisher)[0]).toBe(sourceHashes(file)[0]);
  expect(publisher.port.source.protocol).toBe("rtmps");
  expect(publisher.closed).toBe("ended");
});

test.skipIf(!hasGstreamer)("GStreamer's rtmp2sink ends its stream without an error", async () => {
  const pipeline = (url: string) =>
    `-q videotestsrc num-buffers=50 is-live=true ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! ` +
    `x264enc tune=zerolatency ! flvmux streamable=true ! rtmp2sink location=${url}`;
  const { code, publisher } = await publish("gst-launch-1.0", (url) => pipeline(url).split(" "));
  expect(code).toBe(0);
  expect(publisher.video).toHaveLength(50);
  expect(publisher.videoFormats).toHaveLength(1);
  expect(publisher.closed).toBe("ended");
});
