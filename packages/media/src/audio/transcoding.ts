import { fileURLToPath } from "node:url";
import type { AudioFormat, AudioUnit } from "../hub/access-unit.js";
import type { Clock } from "../hub/clock.js";
import type { AudioTranscoder, MakeTranscoder, TranscoderCallbacks } from "../hub/ports.js";
import { type CodecProcess, startCodecProcess } from "./codec-process.js";
import type { FromTranscoder } from "./messages.js";

/** AAC frames that wait while a process starts or restarts: 1 s at 48 kHz, more than `MAX_LATE_MS` at any rate. */
const MAX_WAITING = 48;

/** Sound that waited longer is left out: sent late, it would only teach the viewer's player to wait. */
const MAX_LATE_MS = 100;

/** AAC frames with the process at a time: it needs 0.3 ms for one, more only wait in its pipe. */
const MAX_IN_HAND = 8;

/** A process that leaves a frame undone for so long is stuck (the frame takes it 0.3 ms) and is replaced. */
const STUCK_MS = 1_000;

/** A start takes 0.3 s; on a busy machine more. */
const START_MS = 5_000;

/** Waits before the 1st, 2nd, … restart in a row. The first is at once: sound is back within a second. */
const RESTART_LADDER_MS = [0, 250, 500, 1_000, 2_000, 5_000, 10_000] as const;

/** After so long without an end the ladder begins anew. */
const HEALTHY_MS = 10_000;

/** Processes at a time; each has 28 MB of its own beside 60 MB that they share. Few rooms of a machine are live at once. */
const MAX_PROCESSES = 16;

/** Line-wise log, as pino takes it. */
export type AudioLog = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
};

/** What transcoding is set up with. */
export type TranscodingSetup = {
  readonly log: AudioLog;
  readonly clock: Clock;
  /** Module that holds the codec library; an installation may leave it out. */
  readonly codecModule?: string;
  /** The transcoding process's program. */
  readonly program?: string;
};

/** AAC → Opus for all streams of the engine: one process per stream, so that bad sound silences only its own stream. */
export type Transcoding = {
  readonly makeTranscoder: MakeTranscoder;
  /** Ends all processes. */
  close(): Promise<void>;
};

/** Sets transcoding up; a process starts with the first format of a stream. */
export function createTranscoding(setup: TranscodingSetup): Transcoding {
  const open = new Set<AudioTranscoder>();
  return {
    makeTranscoder: (callbacks) => {
      if (open.size >= MAX_PROCESSES) {
        setup.log.warn({ most: MAX_PROCESSES }, "too many streams with AAC sound");
        return null;
      }
      const transcoder = createTranscoder(setup, callbacks, () => open.delete(transcoder));
      open.add(transcoder);
      return transcoder;
    },
    close: async () => {
      for (const transcoder of open) transcoder.close();
    },
  };
}

type State =
  | { readonly is: "idle" }
  | { readonly is: "starting"; readonly process: CodecProcess }
  | { readonly is: "running"; readonly process: CodecProcess }
  | { readonly is: "waiting" }
  | { readonly is: "given-up" } // this format cannot be transcoded; another may
  | { readonly is: "closed" };

const createTranscoder = (
  setup: TranscodingSetup,
  callbacks: TranscoderCallbacks,
  forget: () => void,
): AudioTranscoder => {
  const { log, clock } = setup;
  const program = setup.program ?? fileURLToPath(new URL("./transcoder-main.js", import.meta.url));
  const codecModule = setup.codecModule ?? "node-av/lib";
  let state: State = { is: "idle" };
  let format: AudioFormat | null = null;
  let waiting: AudioUnit[] = [];
  let inHand = 0;
  let dropped = 0;
  let restarts = 0;
  let startedAtMs = 0;
  let soundIs: Parameters<TranscoderCallbacks["state"]>[0] | null = null;
  let isCodecMissing = false;
  let cancelTimer = (): void => {};

  const tell = (next: NonNullable<typeof soundIs>): void => {
    if (next === soundIs) return;
    soundIs = next;
    callbacks.state(next);
  };

  const after = (ms: number, then: () => void): void => {
    cancelTimer();
    cancelTimer = clock.after(ms, then);
  };

  const start = (): void => {
    startedAtMs = clock.now();
    inHand = 0;
    const codecs = startCodecProcess(program, codecModule, { said: hear, ended: restart });
    state = { is: "starting", process: codecs };
    after(START_MS, () => killStuck(codecs, `not ready within ${START_MS} ms`));
  };

  const killStuck = (codecs: CodecProcess, why: string): void => {
    codecs.kill();
    restart(why);
  };

  const restart = (why: string): void => {
    if (clock.now() - startedAtMs > HEALTHY_MS) restarts = 0;
    const waitMs = RESTART_LADDER_MS[Math.min(restarts, RESTART_LADDER_MS.length - 1)] ?? 0;
    restarts += 1;
    log.warn({ why, waitMs, restarts }, "audio process ended, restarting");
    tell("restarting");
    state = { is: "waiting" };
    after(waitMs, start);
  };

  const giveUp = (codecs: CodecProcess, sound: "codec-missing" | "unsupported", why: string): void => {
    log.warn(
      { why },
      sound === "unsupported" ? "sound cannot be transcoded" : "audio codecs are not installed",
    );
    cancelTimer();
    codecs.kill();
    state = { is: "given-up" };
    waiting = [];
    tell(sound);
  };

  const feed = (): void => {
    if (state.is !== "running") return;
    const codecs = state.process;
    const hadNone = inHand === 0;
    while (inHand < MAX_IN_HAND) {
      const unit = waiting.shift();
      if (unit === undefined) break;
      if (clock.now() - unit.arrivedAtMs > MAX_LATE_MS) {
        dropped += 1;
        continue;
      }
      inHand += 1;
      codecs.send({
        is: "frame",
        frame: { pts: unit.pts, payload: unit.payload, arrivedAtMs: unit.arrivedAtMs },
      });
    }
    if (inHand === 0) cancelTimer();
    else if (hadNone) watch(codecs);
  };

  const watch = (codecs: CodecProcess): void =>
    after(STUCK_MS, () => killStuck(codecs, `a frame was not done within ${STUCK_MS} ms`));

  const hear = (message: FromTranscoder): void => {
    if (state.is !== "starting" && state.is !== "running") return;
    const codecs = state.process;
    switch (message.is) {
      case "ready":
        cancelTimer();
        state = { is: "running", process: codecs };
        if (format !== null) codecs.send({ is: "format", format });
        feed();
        return;
      case "codec-missing":
        isCodecMissing = true;
        giveUp(codecs, "codec-missing", message.why);
        return;
      case "unsupported":
        giveUp(codecs, "unsupported", message.why);
        return;
      case "done":
        inHand -= 1;
        for (const frame of message.opus) {
          tell("ok");
          callbacks.opus({ kind: "audio", ...frame });
          if (state.is !== "running") return; // closed by what it was told
        }
        if (inHand > 0) watch(codecs);
        feed();
        return;
    }
  };

  return {
    format: (next) => {
      format = next;
      if (isCodecMissing) return; // nor will it be there for another format
      if (state.is === "running") state.process.send({ is: "format", format: next });
      else if (state.is === "idle" || state.is === "given-up") start();
    },
    write: (unit) => {
      if (state.is === "closed" || state.is === "given-up" || state.is === "idle") return;
      waiting.push(unit);
      if (waiting.length > MAX_WAITING) {
        waiting.shift();
        dropped += 1;
      }
      feed();
    },
    close: () => {
      if (state.is === "closed") return;
      cancelTimer();
      if (state.is === "starting" || state.is === "running") state.process.kill();
      state = { is: "closed" };
      waiting = [];
      if (dropped > 0 || restarts > 0) log.info({ dropped, restarts }, "audio transcoding had losses");
      forget();
    },
  };
};
