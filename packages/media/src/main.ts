import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Logger, pino } from "pino";
import { createTranscoding } from "./audio/transcoding.js";
import { createAdmission } from "./control/admission.js";
import { answerCalls } from "./control/calls.js";
import { claimSocketPath, createControlListener } from "./control/listener.js";
import { createProductTokens } from "./control/product-token.js";
import { CONTROL_PROTOCOL, type EngineSettings } from "./control/protocol.js";
import { hashSettings, parseSettings, SETTINGS_VARIABLE, SettingsError } from "./control/settings.js";
import { startWhep } from "./egress/whep/whep.js";
import { createStreams } from "./hub/streams.js";
import { startRtmpListener } from "./ingest/rtmp/listener.js";
import { createTestSignals } from "./test-signal/test-signals.js";
import { systemClock } from "./transport/system-clock.js";

// The engine process: reads its settings, joins the folders, listens. What it does not expect ends it: the product
// starts it again, and its state is rebuilt from `hello`.

const EXIT = { ok: 0, wrongSettings: 2, cannotListen: 3 } as const;

/** Everything is closed within this; then it ends all the same (reliability.md test 51: 5 s). */
const STOP_MS = 4_000;
const ORPHAN_CHECK_MS = 250;
const MAX_UNWRITTEN_LOG_BYTES = 1024 * 1024; // a reader of the log that stands still costs lines, not memory

/** A port or socket cannot be opened: for the owner of the machine to mend, so it is one line that names the setting. */
class CannotListen extends Error {}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use by another program",
  EACCES: "may not be opened by this user",
  EADDRNOTAVAIL: "is not an address of this machine",
};

/** Puts the setting's name to a failed listen; other errors pass as they are. */
const listening = async <T>(what: string, setting: string, begin: () => Promise<T>): Promise<T> => {
  try {
    return await begin();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const why = WHY[code];
    if (why !== undefined) throw new CannotListen(`${what} ${why} (setting ${setting})`);
    if (error instanceof Error && /^no free UDP port|already listens here$/.test(error.message)) {
      throw new CannotListen(`${error.message} (setting ${setting})`);
    }
    throw error;
  }
};

const buildName = (): string => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return String(version);
};

const startEngine = async (settings: EngineSettings, log: Logger): Promise<{ stop(why: string): void }> => {
  const clock = systemClock;
  let isStopping = false;

  const tokens = createProductTokens(settings.serviceKeys, Date.now, (reason) =>
    log.warn({ reason }, "a control connection showed a token that was not accepted"),
  );
  const control = createControlListener(
    answerCalls({
      tokens,
      streams: { list: () => streams.list(), endPublisher: (...which) => streams.endPublisher(...which) },
      viewers: {
        disconnectViewer: (viewer) => whep.disconnectViewer(viewer),
        disconnectStream: (stream) => whep.disconnectStream(stream),
      },
      testSignals: {
        start: (stream) => testSignals.start(stream),
        stop: (stream) => testSignals.stop(stream),
      },
      shutdown: () => stop("asked by the product"),
      hello: () => ({
        protocol: CONTROL_PROTOCOL,
        build: buildName(),
        pid: process.pid,
        settingsHash: hashSettings(settings),
        rtmpPort: rtmp?.port ?? null,
        webrtcPort: whep.udpPort,
        streams: streams.list(),
      }),
    }),
    log,
  );
  const admission = createAdmission(control, log);
  const transcoding = createTranscoding({ log, clock });
  const streams = createStreams({
    clock,
    random: randomBytes,
    makeTranscoder: transcoding.makeTranscoder,
    listener: (event) => control.tell(event),
  });
  const testSignals = createTestSignals(streams, clock);

  // First, as a second engine with the same settings must end before it takes sockets away from the first.
  await listening(settings.controlPath, "controlPath", () => claimSocketPath(settings.controlPath));
  const whep = await listening(settings.httpPath, "httpPath or webrtc.firstPort to webrtc.lastPort", () =>
    startWhep({
      httpPath: settings.httpPath,
      webrtc: settings.webrtc,
      mayPlay: admission.mayPlay,
      streams,
      log,
      clock,
    }),
  );
  const rtmp =
    settings.rtmp === null
      ? null
      : await startRtmp(settings.rtmp, {
          admit: admission.mayPublish,
          hub: streams,
          refused: (refusal) => control.tell({ event: "publishRefused", ...refusal }),
          log,
        });
  // Last, as `hello` tells the ports.
  await listening(settings.controlPath, "controlPath", () => control.listen(settings.controlPath));
  log.info({ rtmpPort: rtmp?.port ?? null, webrtcPort: whep.udpPort }, "engine ready");

  const orphanCheck = setInterval(() => {
    const since = control.aloneSinceMs();
    if (since !== null && clock.now() - since > settings.orphanMs) stop("no product is connected");
  }, ORPHAN_CHECK_MS);

  const stop = (why: string): void => {
    if (isStopping) return;
    isStopping = true;
    log.info({ why }, "engine stopping");
    clearInterval(orphanCheck);
    setTimeout(() => process.exit(EXIT.ok), STOP_MS).unref();
    streams.close(); // tells encoders and the product
    void Promise.all([rtmp?.close(), whep.close(), transcoding.close(), control.close()]).then(() => {
      process.exit(EXIT.ok);
    });
  };
  return { stop };
};

type RtmpParts = Omit<Parameters<typeof startRtmpListener>[0], "host" | "port">;

const startRtmp = (where: NonNullable<EngineSettings["rtmp"]>, parts: RtmpParts) =>
  listening(`${where.host}:${where.port}`, where.port === 0 ? "rtmp.host" : "rtmp.port", () =>
    startRtmpListener({ ...where, ...parts }),
  );

/** A pipe takes what it can at once and the rest waits here: a thread that waits in a write would hold up our exit. */
const logLine = (line: string): void => {
  if (process.stderr.writableLength < MAX_UNWRITTEN_LOG_BYTES) process.stderr.write(line);
};

const run = async (): Promise<void> => {
  // Whoever reads our output may go away before us: that is no reason to stop the video.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  process.on("SIGHUP", () => {}); // the terminal has closed
  process.on("SIGINT", () => {}); // Ctrl-C reaches the whole group: the product decides

  const settings = parseSettings(process.env[SETTINGS_VARIABLE]);
  const log = pino({ level: settings.logLevel, base: { engine: process.pid } }, { write: logLine });
  const engine = await startEngine(settings, log);
  process.on("SIGTERM", () => engine.stop("SIGTERM"));
};

try {
  await run();
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof CannotListen)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(error instanceof SettingsError ? EXIT.wrongSettings : EXIT.cannotListen);
}
