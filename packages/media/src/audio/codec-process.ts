import { type ChildProcess, fork } from "node:child_process";
import type { FromTranscoder, ToTranscoder } from "./messages.js";

/** What a transcoding process does, as the engine sees it. */
export type CodecProcessEvents = {
  said(message: FromTranscoder): void;
  /** Once: it has ended, or could not be started. */
  ended(why: string): void;
};

/** One running transcoding process. */
export type CodecProcess = {
  readonly pid: number | null;
  send(message: ToTranscoder): void;
  /** Ends it at once; nothing of it is heard after. */
  kill(): void;
};

/** Heap of the process's JavaScript, MiB: it holds a few frames, the codecs' memory is outside it. */
const HEAP_MIB = 32;

/** Starts `program` (dist/audio/transcoder-main.js) with the codec library's module name. */
export function startCodecProcess(
  program: string,
  codecModule: string,
  events: CodecProcessEvents,
): CodecProcess {
  const child: ChildProcess = fork(program, [codecModule], {
    serialization: "advanced", // payloads travel as bytes, not as JSON
    execArgv: [`--max-old-space-size=${HEAP_MIB}`],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  let isHeard = true;
  const end = (why: string): void => {
    if (!isHeard) return;
    isHeard = false;
    child.kill("SIGKILL");
    events.ended(why);
  };
  child.on("message", (message) => {
    if (isHeard) events.said(message as FromTranscoder);
  });
  child.on("error", (error) => end(error.message));
  child.on("exit", (code, signal) => end(signal === null ? `exit code ${code}` : signal));
  return {
    pid: child.pid ?? null,
    send: (message) => {
      // A failed send means that the process is ending: "exit" follows and says why.
      if (isHeard && child.connected) child.send(message, () => {});
    },
    kill: () => {
      isHeard = false;
      child.kill("SIGKILL");
    },
  };
}
