import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../config.js";

const DIST = join(PROJECT_ROOT, "packages/server/dist");
const START_MS = 40_000; // initdb on a busy machine

/** The built server as a process of its own, as an operator starts it. */
export type ServerProcess = {
  readonly child: ChildProcess;
  readonly url: string;
  readonly lines: string[];
  /** What it has written to stderr so far. */
  log(): string;
  health(): Promise<{ database: string; engine: string } | null>;
  /** 0 while there is none. */
  enginePid(): Promise<number>;
  /** Resolves with the exit code when it has ended. */
  end(signal: NodeJS.Signals): Promise<number | null>;
};

/** A data directory of the test's own, with the settings that keep its ports apart from everything else. */
export type Place = {
  readonly dataDir: string;
  readonly environment: Record<string, string>;
  clear(): Promise<void>;
};

export async function makePlace(): Promise<Place> {
  if (!existsSync(join(DIST, "main.js"))) throw new Error("the server is not built: npm run build");
  const dataDir = await mkdtemp(join(tmpdir(), "cs-"));
  const firstPort = 30_000 + 10 * Math.floor(Math.random() * 2_000);
  const environment = {
    PATH: process.env["PATH"] ?? "",
    DATA_DIR: dataDir,
    HOST: "127.0.0.1",
    PORT: "0",
    RTMP_PORT: "0",
    SRT_PORT: "0",
    RELAY_PORT: "0",
    WEBRTC_PORTS: `${firstPort}-${firstPort + 9}`,
  };
  const clear = async (): Promise<void> => {
    const pidFile = join(dataDir, "run", "engine.pid");
    if (existsSync(pidFile)) endPid(Number(await readFile(pidFile, "utf8")));
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  return { dataDir, environment, clear };
}

/** Starts the server there and waits until it says how to stop it. `flags` are for Node itself. */
export async function startServer(
  place: Place,
  more: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...flags, join(DIST, "main.js")], {
    env: { ...place.environment, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let log = "";
  let rest = "";
  child.stderr.on("data", (text: Buffer) => {
    log = (log + text).slice(-20_000);
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`not started within ${START_MS} ms: ${log}`));
    }, START_MS);
    child.stdout.on("data", (text: Buffer) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      if (lines.some((line) => line.includes("Ctrl-C"))) {
        clearTimeout(timer);
        resolve();
      }
    });
    void ended.then((code) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${code}: ${log}`));
    });
  });
  const url = (lines.find((line) => line.includes("Open")) ?? "").trim().split(/\s+/)[1] ?? "";
  return {
    child,
    url: url.replace("localhost", "127.0.0.1"),
    lines,
    log: () => log,
    health: async () => {
      try {
        return (await (await fetch(`${url.replace("localhost", "127.0.0.1")}/api/v1/health`)).json()) as {
          database: string;
          engine: string;
        };
      } catch {
        return null; // not listening: that is an answer here
      }
    },
    enginePid: async () => {
      const file = join(place.dataDir, "run", "engine.pid");
      const noted = await readFile(file, "utf8").catch(() => "0"); // between two engines there is none
      return Number(noted);
    },
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** What a program has printed and how it ended. */
export type Printed = { readonly code: number; readonly out: string; readonly err: string };

/** Runs the operator's command. */
export function runCli(place: Place, args: string[], more: Record<string, string> = {}): Promise<Printed> {
  return run([join(DIST, "cli.js"), ...args], { ...place.environment, ...more });
}

/** Runs a server that is expected to refuse to start. */
export function runRefused(place: Place, more: Record<string, string> = {}): Promise<Printed> {
  return run([join(DIST, "main.js")], { ...place.environment, ...more });
}

function run(args: string[], env: Record<string, string>): Promise<Printed> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, timeout: START_MS }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, out, err });
    });
  });
}

/** Ends an engine that a test has left behind. */
function endPid(pid: number): void {
  if (!(pid > 1)) return; // a signal to 0 would end us
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Waits until it is so. */
export async function until(
  isSo: () => Promise<boolean> | boolean,
  withinMs: number,
  what: string,
): Promise<number> {
  const began = performance.now();
  while (!(await isSo())) {
    if (performance.now() - began > withinMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return performance.now() - began;
}
