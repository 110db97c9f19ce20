import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PublishPoint } from "../../hub/ports.js";
import { createStreams } from "../../hub/streams.js";
import { attemptBudget } from "../../net/attempt-budget.js";
import { systemClock } from "../../transport/system-clock.js";
import { h264NalType } from "../../wire/codecs/h264.js";
import { splitAnnexB } from "../../wire/codecs/nal-units.js";
import type { PublishRefused } from "../ports.js";
import { startRecordingHub } from "../rtmp/recording-hub.js";
import { hashOf } from "../rtmp/replay.js";
import { startSrtListener } from "./listener.js";

const hasFfmpeg = spawnSync("ffmpeg", ["-protocols"]).stdout?.toString().includes("srt") ?? false;
const hasGstreamer = spawnSync("gst-inspect-1.0", ["srtsink"]).status === 0;

const PASSPHRASE = "correct horse battery";
const QUIET = ["-hide_banner", "-loglevel", "error", "-nostdin"];
const folder = mkdtempSync(join(tmpdir(), "srt-"));
const source = join(folder, "source.mp4");

beforeAll(() => {
  if (!hasFfmpeg) return;
  const input = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-f", "lavfi", "-i", "sine=r=48000"];
  const video = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-b:v", "4M"];
  const sound = ["-c:a", "aac", "-ac", "2"];
  execFileSync("ffmpeg", [...QUIET, ...input, "-t", "1", ...video, "-pix_fmt", "yuv420p", ...sound, source]);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A listener on all addresses whose room wants this passphrase, if any. */
async function listen(passphrase: string | null, hub: PublishPoint) {
  const silent = () => {};
  const refused: PublishRefused[] = [];
  const listener = await startSrtListener({
    ...{ host: "0.0.0.0", port: 0, clock: systemClock, hub },
    admit: async () => ({ allowed: true, stream: "room", viewer: null, lifetimeMs: null, passphrase }),
    refused: (event) => refused.push(event),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    wrongKeys: attemptBudget(10, 60_000, () => performance.now()),
  });
  return { listener, refused };
}

async function exitOf(command: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(command, args, { stdio: "ignore" });
  const limit = setTimeout(() => child.kill("SIGKILL"), 15_000);
  const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
  clearTimeout(limit);
  return code;
}

const toSrt = (url: string) => [...QUIET, "-re", "-i", source, "-c", "copy", "-f", "mpegts", url];

/** The pictures of a file as ffmpeg reads them. */
const h264Of = (file: string) => {
  const copy = ["-map", "0:v:0", "-c", "copy", "-bsf:v", "h264_mp4toannexb", "-f", "h264", "-"];
  return execFileSync("ffmpeg", [...QUIET, "-i", file, ...copy], { maxBuffer: 1 << 26 });
};

/** The raw frames of the sound: ADTS as ffmpeg writes it (ISO/IEC 13818-7 §6.2), without its headers of 7 bytes. */
function aacOf(file: string): Uint8Array[] {
  const bytes = execFileSync("ffmpeg", [...QUIET, "-i", file, "-vn", "-c", "copy", "-f", "adts", "-"]);
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = (bytes.readUIntBE(at + 3, 3) >> 5) & 0x1fff;
    frames.push(bytes.subarray(at + 7, at + length));
    at += length;
  }
  return frames;
}

/** Delimiters and parameter sets are the multiplexer's to add. */
const pictureUnits = (units: readonly Uint8Array[]) =>
  units.filter((unit) => ![7, 8, 9].includes(h264NalType(unit)));

const WAYS: readonly [name: string, host: string, passphrase: string | null, query: string][] = [
  ["in the clear", "127.0.0.1", null, ""],
  ["with AES-128", "127.0.0.1", PASSPHRASE, `&passphrase=${PASSPHRASE}&pbkeylen=16`],
  ["with AES-256 over IPv6", "[::1]", PASSPHRASE, `&passphrase=${PASSPHRASE}&pbkeylen=32`],
];

test.skipIf(!hasFfmpeg).each(WAYS)(
  "ffmpeg %s: NAL units and AAC frames are the source's, bit for bit",
  async (_name, host, passphrase, query) => {
    const { hub, publishers } = startRecordingHub();
    const { listener, refused } = await listen(passphrase, hub);
    const url = `srt://${host}:${listener.port}?streamid=publish:key&latency=400000&linger=2${query}`; // else it throws its last packets away
    const code = await exitOf("ffmpeg", toSrt(url));
    await expect.poll(() => publishers[0]?.closed, { timeout: 10_000 }).toBe("ended");
    const missing = publishers[0]?.port.link()?.missingPercent;
    await listener.close();
    expect([code, refused, missing]).toEqual([0, [], 0]);
    const sent = splitAnnexB(h264Of(source));
    const [publisher] = publishers;
    const came = publisher?.video.flatMap(({ units }) => units) ?? [];
    expect(publisher?.video).toHaveLength(25);
    expect(hashOf(pictureUnits(came))).toBe(hashOf(pictureUnits(sent)));
    expect(hashOf(publisher?.audio.map(({ payload }) => payload) ?? [])).toBe(hashOf(aacOf(source)));
  },
);

const REFUSED: readonly [name: string, room: string | null, query: string, words: RegExp][] = [
  [
    "a wrong passphrase",
    PASSPHRASE,
    "&passphrase=another%20horse%20battery&pbkeylen=16",
    /passphrase is wrong/,
  ],
  ["no passphrase", PASSPHRASE, "", /does not encrypt/],
  ["a passphrase too many", null, `&passphrase=${PASSPHRASE}&pbkeylen=16`, /expects none/],
];

test.skipIf(!hasFfmpeg).each(REFUSED)(
  "ffmpeg with %s ends with an error",
  async (_name, room, query, words) => {
    const { hub, publishers } = startRecordingHub();
    const { listener, refused } = await listen(room, hub);
    const code = await exitOf("ffmpeg", toSrt(`srt://127.0.0.1:${listener.port}?streamid=key${query}`));
    await listener.close();
    expect(code).not.toBe(0);
    expect(publishers).toEqual([]);
    expect(refused).toMatchObject([{ stream: "room", detail: expect.stringMatching(words) }]);
  },
);

test.skipIf(!hasGstreamer)(
  "GStreamer's srtsink: each frame's NAL units are those that it wrote",
  async () => {
    const { hub, publishers } = startRecordingHub();
    const { listener } = await listen(PASSPHRASE, hub);
    const file = join(folder, "gstreamer.mpegts");
    const sink = ["srtsink", `uri=srt://127.0.0.1:${listener.port}`, "streamid=key", "latency=400"];
    const code = await exitOf("gst-launch-1.0", [
      ..."-q videotestsrc num-buffers=25 is-live=true ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 !".split(
        " ",
      ),
      ..."x264enc tune=zerolatency ! mpegtsmux alignment=7 ! tee name=t ! queue !".split(" "),
      ...[...sink, `passphrase=${PASSPHRASE}`, "pbkeylen=16", "wait-for-connection=true"],
      ...["t.", "!", "queue", "!", "filesink", `location=${file}`],
    ]);
    await expect.poll(() => publishers[0]?.closed, { timeout: 10_000 }).toBe("ended");
    await listener.close();
    expect(code).toBe(0);
    // srtsink closes without waiting for what it has just been given: the last frames may stay with it.
    expect(publishers[0]?.video.length).toBeGreaterThan(20);
    const wrote = pictureUnits(splitAnnexB(h264Of(file)));
    const came = pictureUnits(publishers[0]?.video.flatMap(({ units }) => units) ?? []);
    expect(hashOf(came)).toBe(hashOf(wrote.slice(0, came.length)));
  },
);

test.skipIf(!hasFfmpeg)("an encoder that was killed comes back within the same take", async () => {
  const events: string[] = [];
  const streams = createStreams({
    clock: systemClock,
    random: randomBytes,
    makeTranscoder: () => null,
    listener: ({ event }) => events.push(event),
  });
  const { listener } = await listen(null, streams);
  const endless = (url: string) => ["-stream_loop", "-1", ...toSrt(url).slice(QUIET.length)];
  const url = `srt://127.0.0.1:${listener.port}?streamid=key`;
  const start = () => spawn("ffmpeg", [...QUIET, ...endless(url)], { stdio: "ignore" });
  const first = start();
  await expect.poll(() => events, { timeout: 15_000 }).toContain("published");
  const take = streams.list()[0]?.take;
  first.kill("SIGKILL");
  await new Promise((resolve) => setTimeout(resolve, 1_200)); // what sends nothing for a second keeps nobody out
  const second = start();
  try {
    const isBack = () =>
      streams.list()[0]?.state === "live" && events.filter((event) => event === "published").length === 2;
    await expect.poll(isBack, { timeout: 15_000 }).toBe(true);
    expect(streams.list()[0]?.take).toBe(take);
  } finally {
    second.kill("SIGKILL");
    streams.close();
    await listener.close();
  }
});
