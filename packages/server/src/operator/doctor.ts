import { existsSync } from "node:fs";
import { mkdir, readFile, statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer, isIP } from "node:net";
import { join } from "node:path";
import { relyingPartyFor, whyNoPasskeys } from "../addresses.js";
import { encoderHost, readCertificate } from "../certificate.js";
import { type Config, replacesRelay } from "../config.js";
import { tcpPortFailure } from "../engine/embedded/process.js";
import { tryUdpLoopback, udpPortFailure } from "../net/udp-probe.js";
import { openStore } from "../store/store.js";
import { findHolder, takeLock } from "./lock.js";
import { command } from "./reach.js";
import { prepareRunDir } from "./run-dir.js";

/** One thing looked at. `warn` works but will surprise; `bad` does not work. */
export type Finding = { readonly what: string; readonly is: "ok" | "warn" | "bad"; readonly detail: string };

const LOW_DISK_BYTES = 2 * 1024 ** 3;
const DATABASE_MS = 10_000;

/** Looks at everything that a start and a session need, without changing any of it. */
export async function examine(environment: Config): Promise<Finding[]> {
  await mkdir(environment.dataDir, { recursive: true, mode: 0o700 });
  const runDir = await prepareRunDir(environment.dataDir);
  const holder = await findHolder(runDir);
  const isOurs = holder?.kind === "server";
  const { config, isOn } = await asInForce(environment, isOurs);
  return [
    nodeVersion(),
    codecPackage(),
    {
      what: "server",
      is: "ok",
      detail: isOurs ? `running, process ${holder.pid}` : "not running",
    },
    await tcpPort("PORT", config.port, isOurs),
    isOn.rtmp ? await tcpPort("RTMP_PORT", config.rtmpPort, isOurs) : switchedOff("RTMP"),
    ...(await rtmps(config, isOn.rtmps, isOurs)),
    isOn.srt ? await srtPort(config.srtPort, isOurs) : switchedOff("SRT"),
    isOn.relay ? await relayPort(config, isOurs) : switchedOff("relay for calls"),
    await udpPorts(config, isOurs),
    await udpLoopback(),
    publicAddress(config),
    publicUrl(config),
    passkeys(config),
    await diskSpace(config.dataDir),
    await database(config, runDir, isOurs),
  ];
}

/** Which ways in the settings leave open. */
type WaysIn = {
  readonly rtmp: boolean;
  readonly rtmps: boolean;
  readonly srt: boolean;
  readonly relay: boolean;
};
const ALL_ON: WaysIn = { rtmp: true, rtmps: true, srt: true, relay: true };

/** With what the studio has changed. A database that does not answer has its own line; the environment then counts. */
async function asInForce(config: Config, isOurs: boolean): Promise<{ config: Config; isOn: WaysIn }> {
  const isThere =
    isOurs || config.databaseUrl !== null || existsSync(join(config.dataDir, "pgdata", "PG_VERSION"));
  if (!isThere) return { config, isOn: ALL_ON };
  try {
    const now = await command(config, "settings.read", {});
    const { rtmpPort, rtmpsPort, srtPort: port, publicAddress: address } = now;
    const webrtc = { firstPort: now.webrtcFirstPort, lastPort: now.webrtcLastPort };
    return {
      config: {
        ...config,
        ...{ rtmpPort, rtmpsPort, srtPort: port, publicAddress: address, webrtc },
        relayPort: now.relayPort,
      },
      isOn: { rtmp: now.rtmpOn, rtmps: now.rtmpsOn, srt: now.srtOn, relay: now.relayOn },
    };
  } catch {
    return { config, isOn: ALL_ON };
  }
}

function switchedOff(what: string): Finding {
  return { what, is: "ok", detail: "switched off in the settings" };
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isEnough = major > 20 || (major === 20 && minor >= 19);
  const detail = `Node.js ${process.versions.node}${major < 22 ? "; its support has ended, 22 or 24 is better" : ""}`;
  return { what: "node", is: isEnough ? (major < 22 ? "warn" : "ok") : "bad", detail };
}

/** AAC sound, which most encoders send, becomes Opus by this optional package; without it there is picture only. */
function codecPackage(): Finding {
  const require = createRequire(import.meta.url);
  const found = (require.resolve.paths("node-av") ?? []).some((path) => existsSync(join(path, "node-av")));
  return found
    ? { what: "codec package", is: "ok", detail: "node-av is installed" }
    : {
        what: "codec package",
        is: "warn",
        detail: "node-av is missing: AAC sound cannot be heard. npm install node-av",
      };
}

async function tcpPort(variable: string, port: number, isOurs: boolean): Promise<Finding> {
  const what = `${variable} ${port}`;
  if (port === 0) return { what, is: "ok", detail: "any free port" };
  const failure = await new Promise<string | null>((resolve) => {
    const probe = createServer();
    probe.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    probe.listen({ port, host: "0.0.0.0" }, () => probe.close(() => resolve(null)));
  });
  if (failure === null)
    return { what, is: isOurs ? "warn" : "ok", detail: isOurs ? "free, though the server runs" : "free" };
  if (failure === "EADDRINUSE" && isOurs) return { what, is: "ok", detail: "in use by the running server" };
  return { what, is: "bad", detail: failure === "EADDRINUSE" ? "in use by another program" : failure };
}

async function srtPort(port: number, isOurs: boolean): Promise<Finding> {
  const what = `SRT_PORT ${port}`;
  if (port === 0) return { what, is: "ok", detail: "any free port" };
  const failure = await udpPortFailure(port);
  if (failure === null) {
    return {
      what,
      is: isOurs ? "warn" : "ok",
      detail: `${port}/udp is free${isOurs ? ", though the server runs" : ""}`,
    };
  }
  if (failure === "EADDRINUSE" && isOurs) return { what, is: "ok", detail: "in use by the running server" };
  return { what, is: "bad", detail: failure === "EADDRINUSE" ? "in use by another program" : failure };
}

/** Without it everything else works, so what is in its way is no fault. */
async function relayPort(config: Config, isOurs: boolean): Promise<Finding> {
  const { relayPort: port } = config;
  const what = `RELAY_PORT ${port}`;
  if (replacesRelay(config))
    return { what, is: "ok", detail: "not needed: TURN_URLS names servers for calls" };
  if (port === 0) return { what, is: "ok", detail: "any free port" };
  const failure = (await tcpPortFailure(port)) ?? (await udpPortFailure(port));
  if (failure === null)
    return { what, is: isOurs ? "warn" : "ok", detail: `free${isOurs ? ", though the server runs" : ""}` };
  if (failure === "EADDRINUSE" && isOurs) return { what, is: "ok", detail: "in use by the running server" };
  const why = failure === "EADDRINUSE" ? "in use by another program" : failure;
  return { what, is: "warn", detail: `${why}: calls are not relayed where browsers cannot reach each other` };
}

/** Without a certificate RTMPS is off, which is no fault: SRT is encrypted too. */
async function rtmps(config: Config, isOn: boolean, isOurs: boolean): Promise<Finding[]> {
  if (!isOn) return [switchedOff("RTMPS")];
  const { rtmpsFiles } = config;
  if (rtmpsFiles === null) return [{ what: "RTMPS", is: "ok", detail: "off: RTMPS_CERT_FILE is not set" }];
  const what = "RTMPS certificate";
  const host = encoderHost(config);
  const { rtmpsCertificate: certificate, rtmpsProblem } = await readCertificate(rtmpsFiles, host, Date.now());
  if (certificate === null || rtmpsProblem !== null)
    return [{ what, is: "bad", detail: `RTMPS is off. ${rtmpsProblem ?? ""}`.trim() }];
  const names = certificate.names.join(", ");
  const until = new Date(certificate.expiresAt).toISOString().slice(0, 10);
  const words: Readonly<Record<(typeof certificate.warnings)[number], string>> = {
    expired: `expired on ${until}: encoders refuse it`,
    "expires-soon": `expires on ${until}: renew it`,
    "self-signed":
      "self-signed: OBS refuses it. Use SRT with its passphrase, or a certificate from a known authority",
    address: `encoders are told ${host}: OBS accepts a host name alone. Set PUBLIC_ADDRESS to one`,
    "other-host": `is for ${names}, not for ${host}, which encoders are told: they refuse it`,
  };
  const { warnings } = certificate;
  const detail = warnings.map((warning) => words[warning]).join("; ");
  return [
    await tcpPort("RTMPS_PORT", config.rtmpsPort, isOurs),
    warnings.length === 0
      ? { what, is: "ok", detail: `for ${names}, until ${until}` }
      : { what, is: warnings.includes("expired") ? "bad" : "warn", detail },
  ];
}

async function udpPorts({ webrtc }: Config, isOurs: boolean): Promise<Finding> {
  const what = `WEBRTC_PORTS ${webrtc.firstPort}-${webrtc.lastPort}`;
  for (let port = webrtc.firstPort; port <= webrtc.lastPort; port++) {
    if ((await udpPortFailure(port)) === null) return { what, is: "ok", detail: `${port}/udp is free` };
  }
  return isOurs
    ? { what, is: "ok", detail: "in use, by the running server as well" }
    : { what, is: "bad", detail: "all are in use by other programs" };
}

async function udpLoopback(): Promise<Finding> {
  const failure = await tryUdpLoopback();
  const what = "UDP on this machine";
  return failure === null
    ? { what, is: "ok", detail: "sent and received" }
    : { what, is: "bad", detail: failure };
}

function publicAddress({ publicAddress: address }: Config): Finding {
  const what = "PUBLIC_ADDRESS";
  if (address === null) {
    const detail = "not set: reviewers outside this network will not get a picture through a router or NAT";
    return { what, is: "warn", detail };
  }
  const isPrivate =
    isIP(address) === 4 && /^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
  return isPrivate
    ? { what, is: "warn", detail: `${address} is a private address: reachable from this network only` }
    : { what, is: "ok", detail: address };
}

function publicUrl({ publicUrl: url }: Config): Finding {
  const what = "PUBLIC_URL";
  if (url === null)
    return {
      what,
      is: "warn",
      detail: "not set: links say PUBLIC_ADDRESS or the address that the studio was opened with",
    };
  const isSafe = url.startsWith("https:") || new URL(url).hostname === "localhost";
  return {
    what,
    is: isSafe ? "ok" : "warn",
    detail: isSafe ? url : `${url} is not https: passwords travel in the clear`,
  };
}

function passkeys(config: Config): Finding {
  const what = "passkeys";
  const why = whyNoPasskeys(config);
  return why === null
    ? { what, is: "ok", detail: `work at ${relyingPartyFor(config, config.port).origin}, and nowhere else` }
    : { what, is: "bad", detail: `do not work: ${why}` };
}

async function diskSpace(dataDir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free in ${dataDir}`;
  return { what: "disk", is: free < LOW_DISK_BYTES ? "warn" : "ok", detail };
}

async function database(config: Config, runDir: string, isOurs: boolean): Promise<Finding> {
  const what = "database";
  const kind = config.databaseUrl === null ? "embedded" : "DATABASE_URL";
  if (config.databaseUrl === null) {
    if (isOurs) return { what, is: "ok", detail: "embedded, in use by the running server" };
    const versionFile = join(config.dataDir, "pgdata", "PG_VERSION");
    if (!existsSync(versionFile)) return { what, is: "ok", detail: "embedded, made at the first start" };
    const lock = await takeLock(runDir, "command");
    if (!("serve" in lock))
      return { what, is: "ok", detail: `embedded ${(await readFile(versionFile, "utf8")).trim()}, in use` };
    try {
      return await ask(config, kind);
    } finally {
      await lock.release();
    }
  }
  return ask(config, kind);
}

/** It answers: is what goes to and from it for nobody else to read? */
function databaseWords({ databaseUrl, database: { tls } }: Config, detail: string): Finding {
  const what = "database";
  if (databaseUrl === null) return { what, is: "ok", detail };
  if (tls === "verify") return { what, is: "ok", detail: `${detail}, by TLS` };
  if (tls === "require")
    return {
      what,
      is: "ok",
      detail: `${detail}, by TLS; its certificate is not checked: DATABASE_TLS=verify does`,
    };
  const { hostname } = new URL(databaseUrl);
  const isHere = ["", "localhost", "127.0.0.1", "[::1]"].includes(hostname);
  const isClose = isHere || !hostname.includes("."); // a name without a dot: a container's, on this machine
  return isClose
    ? { what, is: "ok", detail }
    : {
        what,
        is: "warn",
        detail: `${detail}, in the clear: set DATABASE_TLS=verify unless its network is yours`,
      };
}

async function ask(config: Config, kind: string): Promise<Finding> {
  try {
    const store = await openStore(config, () => undefined);
    const version = await store.version(DATABASE_MS);
    await store.close();
    if (version !== null) return databaseWords(config, `${kind}, PostgreSQL ${version}`);
    return { what: "database", is: "bad", detail: `${kind}: no answer within ${DATABASE_MS} ms` };
  } catch (error) {
    return {
      what: "database",
      is: "bad",
      detail: `${kind}: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
