import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { splitAnnexB } from "../../wire/codecs/nal-units.js";
import { PES_CLOCK_WRAP } from "../../wire/mpegts/pes.js";
import { parseTsPacket, TS_PACKET_BYTES } from "../../wire/mpegts/ts-packet.js";
import { hashOf } from "../rtmp/replay.js";
import { type PesEnd, startPesAssembly } from "./pes-assembly.js";
import { FIXTURE_NAMES, startReplay } from "./replay.js";

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
const hasGstreamer = spawnSync("gst-inspect-1.0", ["mpegtsmux"]).status === 0;

const folder = mkdtempSync(join(tmpdir(), "mpegts-"));
const QUIET = ["-hide_banner", "-loglevel", "error", "-nostdin"];
const TEST_SIGNAL = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"];
const NOISE = ["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25,noise=alls=90:allf=t"];
const SINE = ["-f", "lavfi", "-i", "sine=r=48000"];
const LIVE = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25"];
const AAC = ["-c:a", "aac", "-ac", "2"];

afterAll(() => rmSync(folder, { recursive: true }));

function ffmpeg(...args: readonly string[]): Buffer {
  return execFileSync("ffmpeg", [...QUIET, ...args], { maxBuffer: 1 << 28 });
}

/** A transport stream made now. */
function muxed(name: string, ...args: readonly string[]): string {
  const file = join(folder, `${name}.mpegts`);
  ffmpeg(...args, "-pix_fmt", "yuv420p", "-f", "mpegts", file);
  return file;
}

function received(file: string) {
  const replay = startReplay();
  const bytes = new Uint8Array(readFileSync(file));
  for (let at = 0; at < bytes.length; at += 1316) {
    const isLast = at + 1316 >= bytes.length; // a sender flushes it
    replay.source.take(bytes.subarray(at, at + 1316), at, isLast);
  }
  replay.source.end(bytes.length);
  expect(replay.skipped).toEqual([]);
  return replay.publisher;
}

/** Each packet's time stamps and, for sound, its hash, as ffprobe reads them. */
function probed(file: string, track: "v:0" | "a:0"): { pts: number; dts: number; hash: string }[] {
  const entries = "packet=pts,dts,data_hash";
  const args = ["-v", "error", "-select_streams", track, "-show_packets", "-show_data_hash", "md5"];
  const text = execFileSync("ffprobe", [...args, "-show_entries", entries, "-of", "json", file], {
    maxBuffer: 1 << 26,
    encoding: "utf8",
  });
  const { packets } = JSON.parse(text) as { packets: { pts: number; dts: number; data_hash: string }[] };
  return packets.map(({ pts, dts, data_hash }) => ({ pts, dts, hash: data_hash.replace("MD5:", "") }));
}

/** Pictures and their times must be those that ffmpeg's own demultiplexer finds. */
function expectSamePictures(file: string): void {
  const { video, videoFormats } = received(file);
  const isH264 = videoFormats[0]?.codec === "h264";
  const args = ["-i", file, "-map", "0:v:0", "-c", "copy", "-f", isH264 ? "h264" : "hevc", "-"];
  expect(hashOf(video.flatMap((unit) => unit.units))).toBe(hashOf(splitAnnexB(ffmpeg(...args))));
  expect(video.map(({ pts, dts }) => [pts, dts])).toEqual(
    probed(file, "v:0").map(({ pts, dts }) => [pts, dts]),
  );
}

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}.mpegts`, import.meta.url));

test.skipIf(!hasFfmpeg).each(FIXTURE_NAMES)(
  "%s: pictures and their times are what ffmpeg demultiplexes",
  (name) => expectSamePictures(fixture(name)),
);

test.skipIf(!hasFfmpeg)("AAC frames and their times are what ffmpeg demultiplexes", () => {
  const { audio } = received(fixture("ffmpeg-zerolatency"));
  const packets = probed(fixture("ffmpeg-zerolatency"), "a:0");
  expect(audio.map(({ pts }) => pts)).toEqual(packets.map(({ pts }) => pts));
  const stream = ffmpeg("-i", fixture("ffmpeg-zerolatency"), "-vn", "-c", "copy", "-f", "adts", "-");
  const headerless = audio.map(({ payload }) => Buffer.from(payload));
  let at = 0;
  for (const frame of headerless) {
    expect(stream.subarray(at + 7, at + 7 + frame.length).equals(frame)).toBe(true);
    at += 7 + frame.length;
  }
  expect(at).toBe(stream.length);
});

test.skipIf(!hasFfmpeg)("Opus packets and their times are what ffmpeg demultiplexes", () => {
  const { audio } = received(fixture("ffmpeg-opus"));
  expect(
    audio.map(({ pts, payload }) => ({ pts, hash: createHash("md5").update(payload).digest("hex") })),
  ).toEqual(probed(fixture("ffmpeg-opus"), "a:0").map(({ pts, hash }) => ({ pts, hash })));
});

test.skipIf(!hasFfmpeg)("ffmpeg's clock goes over 33 bits and ours goes on", () => {
  const offset = (PES_CLOCK_WRAP / 90_000 - 2).toFixed(3); // the muxer adds 1.4 s
  const file = muxed(
    "wrap",
    ...TEST_SIGNAL,
    ...SINE,
    "-t",
    "2",
    ...LIVE,
    ...AAC,
    "-output_ts_offset",
    offset,
  );
  const { video, audio } = received(file);
  expect(video[0]?.dts).toBeLessThan(PES_CLOCK_WRAP);
  expect(video.at(-1)?.dts).toBeGreaterThan(PES_CLOCK_WRAP);
  for (const [i, { dts }] of video.entries()) {
    if (i > 0) expect(dts - (video[i - 1]?.dts ?? 0)).toBe(3600);
  }
  expect(Math.abs((audio.at(-1)?.pts ?? 0) - (video.at(-1)?.pts ?? 0))).toBeLessThan(20_000);
});

/** How the ends of the pictures' PES were known. */
function ends(file: string, pid: number): Record<PesEnd, number> {
  const counts: Record<PesEnd, number> = { length: 0, stuffing: 0, message: 0, next: 0, end: 0 };
  const assembly = startPesAssembly({
    pes: ({ endedBy }) => counts[endedBy]++,
    skipped: (reason) => expect.fail(reason),
    gap: () => expect.fail("a gap"),
  });
  const bytes = new Uint8Array(readFileSync(file));
  for (let at = 0; at < bytes.length; at += TS_PACKET_BYTES) {
    const packet = parseTsPacket(bytes.subarray(at, at + TS_PACKET_BYTES));
    if (packet.pid === pid) assembly.take(packet);
  }
  assembly.end();
  return counts;
}

test.skipIf(!hasFfmpeg)("ffmpeg's live pictures are known to be whole at their last packet", () => {
  const file = muxed("live", ...TEST_SIGNAL, ...SINE, "-t", "8", ...LIVE, "-b:v", "2M", ...AAC);
  expectSamePictures(file);
  const counts = ends(file, 0x100);
  expect(counts.length + counts.message).toBe(0);
  expect(counts.stuffing).toBeGreaterThanOrEqual(185); // of 200; eight are learnt from, some fill their last packet
});

test.skipIf(!hasFfmpeg)("at 20 Mb/s too", () => {
  const rate = ["-b:v", "20M", "-minrate", "20M", "-maxrate", "20M", "-bufsize", "2M"];
  const file = muxed("fast", ...NOISE, "-t", "1.6", ...LIVE, ...rate);
  expectSamePictures(file);
  const counts = ends(file, 0x100);
  expect(counts.stuffing).toBeGreaterThanOrEqual(28); // of 40
  expect(readFileSync(file).length).toBeGreaterThan(3_000_000);
});

test.skipIf(!hasFfmpeg)("a said length is the end of every picture", () => {
  expect(ends(fixture("ffmpeg-pes-length"), 0x100)).toMatchObject({ length: 40 });
});

test.skipIf(!hasGstreamer || !hasFfmpeg)("GStreamer's pictures of more than 64 KiB are whole too", () => {
  const file = join(folder, "gstreamer.mpegts");
  const pipeline =
    "-q videotestsrc pattern=snow num-buffers=12 ! video/x-raw,format=I420,width=640,height=360,framerate=25/1 ! " +
    `x264enc tune=zerolatency speed-preset=ultrafast bitrate=20000 ! h264parse ! mpegtsmux ! filesink location=${file}`;
  execFileSync("gst-launch-1.0", pipeline.split(" "), { stdio: "ignore" });
  expectSamePictures(file);
});
