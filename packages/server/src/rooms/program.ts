import { spawn } from "node:child_process";
import { setPriority } from "node:os";

const NICENESS = 15; // the picture that is live comes first
const HEAP_MIB = 512; // four hours of sample tables are 60 MB
const MAX_SAID_BYTES = 64 * 1024;

/** How a program of ours ended. `code` null: it was killed. */
export type ProgramEnd = { readonly code: number | null; readonly said: string };

/** Runs one of our own programs in a process of low priority, until it ends, is aborted or its time is over. */
export async function runProgram(
  program: string,
  given: readonly string[],
  options: { readonly signal: AbortSignal; readonly deadlineMs: number },
): Promise<ProgramEnd> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.deadlineMs)]);
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MIB}`, program, ...given], {
    stdio: ["ignore", "pipe", "inherit", "ipc"], // the channel tells it when we are gone
    env: { PATH: process.env["PATH"] ?? "" }, // none of our secrets
    signal,
    killSignal: "SIGKILL",
  });
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    if (said.length < MAX_SAID_BYTES) said += text;
  });
  return new Promise((resolve, reject) => {
    child.once("spawn", () => {
      try {
        setPriority(child.pid ?? 0, NICENESS);
      } catch {
        // It has ended already, or this system has no such thing: it is as good at the usual priority.
      }
    });
    child.once("error", (error) => {
      if (error.name !== "AbortError") reject(error); // an abort ends in "close", after the process
    });
    child.once("close", (code) => resolve({ code, said }));
  });
}
