import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { type EngineSettings, engineMainPath, SETTINGS_VARIABLE } from "@colourstream/media";
import { udpPortFailure } from "../../net/udp-probe.js";

const GONE_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 20;

/** A port that the engine needs is taken by another program. */
export class EnginePortError extends Error {
  constructor(variable: string, port: number) {
    super(
      `port ${port} (${variable}) is in use by another program. Stop it, or set ${variable} to another port.`,
    );
    this.name = "EnginePortError";
  }
}

/**
 * Starts the engine as a process of its own session: it outlives a crash of this one, and Ctrl-C in a terminal does
 * not reach it. Its log goes to our stderr. The pid is noted, so that an engine that hangs can be ended by the next
 * product as well.
 */
export async function spawnEngine(settings: EngineSettings, pidFile: string): Promise<number> {
  await needFreePort("RTMP_PORT", settings.rtmp, tcpPortFailure);
  await needFreePort("RTMPS_PORT", settings.rtmps, tcpPortFailure);
  await needFreePort("SRT_PORT", settings.srt, udpPortFailure);
  const child = spawn(process.execPath, [engineMainPath], {
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...environmentForEngine(), [SETTINGS_VARIABLE]: JSON.stringify(settings) },
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw new Error("the engine was started without a process id");
  // Whole or not at all: who reads it ends the process with that number.
  await writeFile(`${pidFile}.new`, String(pid), { mode: 0o600 });
  await rename(`${pidFile}.new`, pidFile);
  return pid;
}

/** The engine knows no rooms, no people and no database: it is not given their secrets either. */
function environmentForEngine(): NodeJS.ProcessEnv {
  const {
    DATABASE_URL: _database,
    SECRET_KEY_FILE: _key,
    ADMIN_PASSWORD: _password,
    TURN_SECRET: _turnSecret,
    TURN_PASSWORD: _turnPassword,
    ...rest
  } = process.env;
  return rest;
}

/** True while a process with this id is there and not a zombie that only waits to be reaped. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Ends the engine at once and waits until it has gone. */
export async function killEngine(pid: number): Promise<void> {
  if (!isAlive(pid) || !(await isEngine(pid))) return;
  process.kill(pid, "SIGKILL");
  await waitGone(pid, GONE_WITHIN_MS);
}

/** True when the process has gone within the time. */
export async function waitGone(pid: number, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (isAlive(pid)) {
    if (performance.now() > until) return false;
    await wait(LOOK_EVERY_MS);
  }
  return true;
}

/** Ends an engine that an earlier product of this data directory has left behind and that does not answer. */
export async function killNoted(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(await readFile(pidFile, "utf8"));
  if (Number.isInteger(pid) && pid > 1) await killEngine(pid);
  await rm(pidFile, { force: true });
}

/** The id may belong to another program by now: only what runs our engine's file is our engine. */
async function isEngine(pid: number): Promise<boolean> {
  if (existsSync("/proc/self/cmdline")) {
    try {
      return (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").includes(engineMainPath);
    } catch {
      return false; // it ended while we looked
    }
  }
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)], {
      timeout: 2_000,
    });
    return stdout.includes(engineMainPath);
  } catch {
    return false; // ps exits with 1 when there is no such process
  }
}

async function needFreePort(
  variable: string,
  where: { readonly port: number } | null,
  failureOf: (port: number) => Promise<string | null>,
): Promise<void> {
  if (where === null || where.port === 0) return;
  const { port } = where;
  const failure = await failureOf(port);
  if (failure === "EADDRINUSE") throw new EnginePortError(variable, port);
  if (failure !== null) throw new Error(`port ${port} (${variable}) cannot be opened: ${failure}`);
}

/** Why a TCP port of this machine cannot be opened, as the system calls it; null: it can. */
export function tcpPortFailure(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    probe.listen({ port, host: "0.0.0.0" }, () => probe.close(() => resolve(null)));
  });
}
