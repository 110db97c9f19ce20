import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { makeFrameSource } from "./frame-source.js";
import { pause, wallMs, withDeadline } from "./wait.js";

/** What an encoder sends; the defaults are a colourist's OBS in small. */
export type EncoderSettings = {
  /** Whole address of RTMP, RTMPS or, with ffmpeg, SRT: with the key in it. */
  readonly url: string;
  readonly width?: number;
  readonly height?: number;
  readonly framesPerSecond?: number;
  readonly kilobitsPerSecond?: number;
  readonly gopFrames?: number;
  readonly bFrames?: number;
  /** 440 Hz on the left, 880 Hz on the right, AAC. */
  readonly sound?: boolean;
  /** The barcode's first number; a second encoder goes on where the first stopped, or not, as the test likes. */
  readonly firstFrame?: number;
  /** Which program sends. */
  readonly program?: "ffmpeg" | "gstreamer";
  /** Try again every 500 ms until the connection stands, as OBS does; else the first failure ends it. */
  readonly retry?: boolean;
  /** What the encoder calls itself (RTMP's flashVer); ffmpeg only. */
  readonly calledAs?: string;
  /** Strength of the grain in code values; more fills more of the bit rate. */
  readonly grain?: number;
  /** Hears of each frame when it is drawn (wall clock, as it stands in the barcode), just before the program gets it. */
  readonly drawn?: (frame: number, timeMs: number) => void;
};

/** A real encoder program that publishes numbered frames in real time. */
export type Encoder = {
  /**
   * Wall clock when the connection stood and the first frame, a keyframe, was on its way; rejects when it could not
   * connect.
   */
  readonly firstFrameAt: Promise<number>;
  /** Number of the frame that was drawn last. */
  lastFrame(): number;
  /** As a power cut would end it. */
  kill(): Promise<void>;
  /** As a person would end it. */
  stop(): Promise<void>;
  /** The program's end: its exit code (null after a signal) and what it wrote to stderr. */
  readonly ended: Promise<{ readonly code: number | null; readonly log: string }>;
};

/** Splits an ingest line's server and key into the address an encoder wants. */
export function publishUrl(ingest: { readonly server: string; readonly key: string }): string {
  return `${ingest.server.replace(/\/$/, "")}/${ingest.key}`;
}

const ON_AIR = "Output #0"; // what ffmpeg says once the connection stands and the stream's header is written
const CONNECT_MS = 15_000;
const RETRY_MS = 500;
const MAX_RETRIES = 240; // two minutes: the longest outage a test makes is one
const MAX_LOG_CHARACTERS = 64 * 1024;

/** Starts publishing. */
export function startEncoder(settings: EncoderSettings): Encoder {
  const width = settings.width ?? 640;
  const height = settings.height ?? 360;
  const framesPerSecond = settings.framesPerSecond ?? 25;
  const source = makeFrameSource(width, height, settings.grain ?? 12);
  const [command, commandLine] = commandFor({ ...settings, width, height, framesPerSecond });

  let child: ChildProcess | undefined;
  let isStopping = false;
  let frame = (settings.firstFrame ?? 0) - 1;
  let log = "";
  let started: (at: number) => void = () => {};
  let failed: (error: Error) => void = () => {};
  const firstFrameAt = new Promise<number>((resolve, reject) => {
    started = resolve;
    failed = reject;
  });

  const onAirInTime = withDeadline(
    `${command} to connect`,
    settings.retry === true ? RETRY_MS * MAX_RETRIES + CONNECT_MS : CONNECT_MS,
    firstFrameAt,
  );
  onAirInTime.catch(() => {}); // whoever asks for it hears of it; whoever does not, reads `ended`
  const ended = run();

  async function run(): Promise<{ code: number | null; log: string }> {
    for (let attempt = 0; ; attempt += 1) {
      const { code, isOnAir } = await publishOnce();
      const isLast = isStopping || settings.retry !== true || attempt >= MAX_RETRIES;
      if (!isLast) {
        await pause(RETRY_MS);
        if (!isStopping) continue;
      }
      if (!isOnAir) failed(new Error(`${command} ended with code ${code} before its first frame:\n${log}`));
      return { code, log };
    }
  }

  async function publishOnce(): Promise<{ code: number | null; isOnAir: boolean }> {
    const process = spawn(command, commandLine, { stdio: ["pipe", "ignore", "pipe"] });
    child = process;
    const end = new Promise<number | null>((resolve, reject) => {
      process.once("error", reject);
      process.once("close", (code) => resolve(code));
    });
    let isRunning = true;
    void end.finally(() => {
      isRunning = false;
    });
    process.stderr.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-MAX_LOG_CHARACTERS);
    });
    process.stdin.on("error", () => {}); // the program is gone: `close` tells
    let isOnAir = false;
    const onAir = new Promise<void>((resolve) => {
      process.stderr.on("data", (text: string) => {
        if (text.includes(ON_AIR)) resolve();
      });
      end.then(
        () => resolve(),
        () => resolve(),
      );
    });
    const writeNext = () => {
      frame += 1;
      const timeMs = wallMs();
      settings.drawn?.(frame, timeMs);
      return writeFrame(process.stdin, source.draw(frame, timeMs), () => isRunning);
    };
    const pump = (async () => {
      const resumeAt = frame;
      await writeNext();
      // ffmpeg takes a frame before it has connected: time runs from when the first one can leave.
      if (command === "ffmpeg") await onAir;
      if (!isRunning) {
        frame = resumeAt; // nobody has seen it
        return;
      }
      isOnAir = true;
      const startMs = performance.now();
      started(wallMs());
      for (let number = 1; isRunning && !isStopping; number += 1) {
        const waitMs = startMs + (number * 1000) / framesPerSecond - performance.now();
        if (waitMs > 0) await pause(waitMs);
        if (!isRunning || isStopping) break;
        await writeNext();
      }
    })();
    const code = await end;
    await pump;
    return { code, isOnAir };
  }

  return {
    firstFrameAt: onAirInTime,
    lastFrame: () => frame,
    async kill() {
      isStopping = true;
      child?.kill("SIGKILL");
      await withDeadline("the encoder to die", 5000, ended);
    },
    async stop() {
      isStopping = true;
      child?.kill("SIGINT");
      const timer = setTimeout(() => child?.kill("SIGKILL"), 3000);
      await withDeadline("the encoder to stop", 6000, ended).finally(() => clearTimeout(timer));
    },
    ended,
  };
}

async function writeFrame(input: Writable, picture: Uint8Array, isRunning: () => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    if (!isRunning() || input.destroyed) return resolve();
    const done = () => {
      input.off("close", done);
      resolve();
    };
    input.once("close", done);
    input.write(picture, done);
  });
}

type FullSettings = EncoderSettings & Required<Pick<EncoderSettings, "width" | "height" | "framesPerSecond">>;

function commandFor(settings: FullSettings): [string, string[]] {
  return settings.program === "gstreamer" ? gstreamerCommand(settings) : ffmpegCommand(settings);
}

function ffmpegCommand(settings: FullSettings): [string, string[]] {
  const { width, height, framesPerSecond } = settings;
  const kilobits = settings.kilobitsPerSecond ?? 2500;
  const bFrames = settings.bFrames ?? 0;
  const sound = settings.sound ?? true;
  // Without the second option several AAC frames wait for each other in one PES packet, and the sound is late.
  const container = settings.url.startsWith("srt:")
    ? ["-muxdelay", "0", "-pes_payload_size", "0", "-f", "mpegts"]
    : ["-f", "flv"];
  const tones = (["440", "880"] as const).flatMap((tone) => [
    ...["-f", "lavfi", "-i", `sine=frequency=${tone}:sample_rate=48000`],
  ]);
  return [
    "ffmpeg",
    [
      ...["-hide_banner", "-loglevel", "info", "-nostats"],
      ...["-probesize", "32", "-analyzeduration", "0", "-thread_queue_size", "1"],
      ...["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", `${width}x${height}`],
      ...["-framerate", String(framesPerSecond), "-i", "pipe:0"],
      ...(sound ? tones : []),
      ...(sound ? ["-filter_complex", "[1:a][2:a]join=inputs=2:channel_layout=stereo[a]"] : []),
      ...["-map", "0:v", ...(sound ? ["-map", "[a]"] : [])],
      ...["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
      ...(bFrames === 0 ? ["-tune", "zerolatency"] : []),
      ...["-b:v", `${kilobits}k`, "-maxrate", `${kilobits}k`, "-bufsize", `${Math.ceil(kilobits / 4)}k`],
      ...["-g", String(settings.gopFrames ?? framesPerSecond), "-sc_threshold", "0", "-bf", String(bFrames)],
      ...["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"],
      ...(sound ? ["-c:a", "aac", "-b:a", "192k", "-ar", "48000"] : []),
      ...(settings.calledAs === undefined ? [] : ["-rtmp_flashver", settings.calledAs]),
      ...["-flush_packets", "1", ...container, settings.url],
    ],
  ];
}

function gstreamerCommand(settings: FullSettings): [string, string[]] {
  const { width, height, framesPerSecond } = settings;
  const raw = `format=i420 width=${width} height=${height} framerate=${framesPerSecond}/1`;
  const x264 = `tune=zerolatency speed-preset=ultrafast bitrate=${settings.kilobitsPerSecond ?? 2500}`;
  const pipeline = [
    `fdsrc fd=0 blocksize=${makeFrameBytes(width, height)} ! rawvideoparse ${raw} ! videoconvert`,
    `! x264enc ${x264} key-int-max=${settings.gopFrames ?? framesPerSecond} bframes=${settings.bFrames ?? 0}`,
    `! h264parse ! flvmux streamable=true ! rtmp2sink location=${settings.url}`,
  ].join(" ");
  return ["gst-launch-1.0", ["-q", ...pipeline.split(" ")]];
}

function makeFrameBytes(width: number, height: number): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}
