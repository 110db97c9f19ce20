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
import { createLlHls } from "./egress/llhls/llhls.js";
import { machineDisk } from "./egress/recording/disk.js";
import { createRecorder } from "./egress/recording/recorder.js";
import { createWhep } from "./egress/whep/whep.js";
import { createStreams } from "./hub/streams.js";
import type { IngestDuties } from "./ingest/ports.js";
import { startRtmpListener } from "./ingest/rtmp/listener.js";
import { startRtmps } from "./ingest/rtmp/rtmps.js";
import { startSrtListener } from "./ingest/srt/listener.js";
import { createWhip } from "./ingest/whip/whip.js";
import { attemptBudget } from "./net/attempt-budget.js";
import { listenHttp } from "./net/http/local-http.js";
import { startRelay } from "./relay/relay.js";
import { createTestSignals } from "./test-signal/test-signals.js";
import { systemClock } from "./transport/system-clock.js";
import { openUdpPort } from "./transport/udp-port.js";

// The engine process: reads its settings, joins the folders, listens. What it does not expect ends it: the product
// starts it again, and its state is rebuilt from `hello`.

const EXIT = { ok: 0, wrongSettings: 2, cannotListen: 3 } as const;

/** Everything is closed within this; then it ends all the same (reliability.md test 51: 5 s). */
const STOP_MS = 4_000;
const ORPHAN_CHECK_MS = 250;
const WRONG_KEYS = { count: 10, inMs: 60_000 } as const; // of one address, over all ways in (reliability.md test 22)
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
      streams: {
        list: () => streams.list(),
        allowTakeOver: (stream) => streams.allowTakeOver(stream),
        endPublisher: (...which) => streams.endPublisher(...which),
      },
      viewers: {
        disconnectViewer: (viewer) => whep.disconnectViewer(viewer) + llhls.disconnectViewer(viewer),
        disconnectStream: (stream) => whep.disconnectStream(stream) + llhls.disconnectStream(stream),
      },
      recorder: {
        start: (stream, recording) => recorder.start(stream, recording),
        stop: (recording) => recorder.stop(recording),
        saveKeyframe: (...which) => recorder.saveKeyframe(...which),
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
        rtmpsPort: rtmps?.port() ?? null,
        srtPort: srt?.port ?? null,
        webrtcPort: udp.port,
        relayPort: relay?.port() ?? null,
        streams: streams.list(),
        recordings: recorder.list(),
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
  const udp = await listening(settings.httpPath, "webrtc.firstPort to webrtc.lastPort", () =>
    openUdpPort(settings.webrtc, clock),
  );
  const { mayPlay } = admission;
  const duties: IngestDuties = {
    admit: admission.mayPublish,
    hub: streams,
    refused: (refusal) => control.tell({ event: "publishRefused", ...refusal }),
    log,
    wrongKeys: attemptBudget(WRONG_KEYS.count, WRONG_KEYS.inMs, clock.now),
  };
  const whep = createWhep({ udp, mayPlay, streams, log, clock });
  const llhls = createLlHls({ mayPlay, streams, log, clock });
  const whip = createWhip({ ...duties, udp, clock });
  const recorder = createRecorder({
    folder: settings.recordingsDir,
    streams,
    clock,
    disk: machineDisk,
    tell: (event) => control.tell(event),
    log,
  });
  const http = await listening(settings.httpPath, "httpPath", () =>
    listenHttp(settings.httpPath, {
      whep: whep.answer,
      hls: llhls.answer,
      ...(settings.whip && { whip: whip.answer }),
    }),
  );
  const rtmp = await startTcp("rtmp", settings.rtmp, (where) => startRtmpListener({ ...where, ...duties }));
  const rtmps = await startTcp("rtmps", settings.rtmps, (where) => startRtmps({ ...where, ...duties }));
  const srt = settings.srt === null ? null : await startSrt(settings.srt, { ...duties, clock });
  const relay =
    settings.relay === null ? null : await startRelay({ ...settings.relay, clock, random: randomBytes, log });
  // Last, as `hello` tells the ports.
  await listening(settings.controlPath, "controlPath", () => control.listen(settings.controlPath));
  log.info(
    {
      rtmpPort: rtmp?.port ?? null,
      rtmpsPort: rtmps?.port() ?? null,
      srtPort: srt?.port ?? null,
      webrtcPort: udp.port,
      relayPort: relay?.port() ?? null,
    },
    "engine ready",
  );

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
    for (const part of [whep, llhls, whip]) part.close();
    const closed = [rtmp, rtmps, srt, relay, recorder, http, transcoding].map((part) => part?.close());
    void Promise.all(closed).then(async () => {
      udp.close();
      await control.close(); // after the recorder has told how its recordings ended
      process.exit(EXIT.ok);
    });
  };
  return { stop };
};

const startTcp = async <Where extends { readonly host: string; readonly port: number }, Listener>(
  name: "rtmp" | "rtmps",
  where: Where | null,
  begin: (where: Where) => Promise<Listener>,
): Promise<Listener | null> => {
  if (where === null) return null;
  const setting = where.port === 0 ? `${name}.host` : `${name}.port`;
  return listening(`${where.host}:${where.port}`, setting, () => begin(where));
};

const startSrt = (
  where: NonNullable<EngineSettings["srt"]>,
  parts: Omit<Parameters<typeof startSrtListener>[0], "host" | "port">,
) =>
  listening(`${where.host}:${where.port} (UDP)`, where.port === 0 ? "srt.host" : "srt.port", () =>
    startSrtListener({ ...where, ...parts }),
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
