import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freeTcpPort, freeUdpPort } from "./ports.js";
import { waitFor } from "./wait.js";

/** coturn on loopback, which checks the credentials that we make (`use-auth-secret`). */
export type Coturn = {
  readonly secret: string;
  /** Its address by this transport. */
  url(transport: "udp" | "tcp"): string;
  /** Everybody who was let in so far: until when, in seconds since 1970, and who. */
  users(): readonly { readonly until: number; readonly who: string }[];
  end(): Promise<void>;
};

const RELAY_PORTS = 20;
const MAX_LOG_CHARACTERS = 256 * 1024;

/** coturn is a daemon, which a test must not put on anybody's machine: where it is not installed, it is not tested with. */
export function hasCoturn(): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, "turnserver")));
}

/** Starts it on free ports. */
export async function startCoturn(): Promise<Coturn> {
  const folder = mkdtempSync(join(tmpdir(), "cs-turn-"));
  const secret = randomBytes(16).toString("hex");
  const port = await freeTcpPort();
  const firstRelay = await freeUdpPort();
  const child: ChildProcess = spawn(
    "turnserver",
    [
      ...["-n", "--no-cli", "--no-tls", "--no-dtls", "--log-file", "stdout", "--verbose"],
      ...["--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--listening-port", `${port}`],
      ...["--min-port", `${firstRelay}`, "--max-port", `${firstRelay + RELAY_PORTS}`],
      ...["--allow-loopback-peers", "--realm", "test", "--use-auth-secret", "--static-auth-secret", secret],
      ...["--userdb", join(folder, "turndb"), "--pidfile", join(folder, "turnserver.pid")],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-MAX_LOG_CHARACTERS);
    });
  }
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await waitFor("coturn to listen", 10_000, () => /UDP listener opened/i.test(log));
  return {
    secret,
    url: (transport) => `turn:127.0.0.1:${port}?transport=${transport}`,
    users: () =>
      [...log.matchAll(/user <(\d+):([\w-]+)>/g)].map(([, until, who]) => ({
        until: Number(until),
        who: who ?? "",
      })),
    async end() {
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
