import { readdirSync, readFileSync } from "node:fs";

/** A process as Linux's /proc tells it. */
export type RunningProcess = {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
  /** R, S, T (stopped), Z (dead, not yet reaped) and so on. */
  readonly state: string;
  /** Milliseconds of CPU in user and kernel mode since its start. */
  readonly cpuMs: number;
};

const TICK_MS = 10; // USER_HZ is 100 on every Linux that Node runs on

/** The process, or null when there is none with this number. */
export function readProcess(pid: number): RunningProcess | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    // The name stands in parentheses and may hold anything; what follows is regular (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return {
      pid,
      commandLine,
      state: fields[0] ?? "?",
      parent: Number(fields[1]),
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    };
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** All processes below one, children first. */
export function descendantsOf(ancestor: number): RunningProcess[] {
  const all = allProcesses();
  const found: RunningProcess[] = [];
  const wanted = [ancestor];
  for (const parent of wanted) {
    for (const one of all) {
      if (one.parent !== parent) continue;
      found.push(one);
      wanted.push(one.pid);
    }
  }
  return found;
}

/** All processes whose environment holds this text, such as a folder that only one product works in. */
export function processesWith(text: string): RunningProcess[] {
  return allProcesses().filter((one) => environmentOf(one.pid).includes(text));
}

function allProcesses(): RunningProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((one) => one !== null);
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch (error) {
    if (isGone(error) || (error instanceof Error && "code" in error && error.code === "EACCES")) return "";
    throw error;
  }
}

/** CPU milliseconds of a process and everything below it, so far. */
export function cpuMsOfTree(pid: number): number {
  return [readProcess(pid), ...descendantsOf(pid)].reduce((sum, one) => sum + (one?.cpuMs ?? 0), 0);
}

function isGone(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ESRCH";
}
