import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type MiroTalkConfig, readMiroTalk } from "./conference/mirotalk/mirotalk-config.js";
import { ConfigError } from "./config-error.js";
import { type ReadText, secret, wholeNumber } from "./config-values.js";
import { isTurnUrl } from "./engine/ice-servers.js";
import { type OmeConfig, readOme } from "./engine/ovenmediaengine/ome-config.js";
import { type RequestLogConfig, readRequestLog } from "./log-config.js";
import { type DatabaseConfig, readDatabase } from "./store/database-config.js";

/** The levels of our log, from the most talkative. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Everything that can be set, checked once at start. docs/configuration.md has the table for people. */
export type Config = {
  readonly production: boolean;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The origin people type, without a slash at the end; null: the address of this machine. */
  readonly publicUrl: string | null;
  /** The address put into ICE candidates and ingest addresses; null announces the machine's own. */
  readonly publicAddress: string | null;
  readonly dataDir: string;
  /** Null: the embedded database. */
  readonly databaseUrl: string | null;
  /** How the PostgreSQL server at `databaseUrl` is spoken to. */
  readonly database: DatabaseConfig;
  /** OvenMediaEngine's servers; null: the embedded engine. */
  readonly ome: OmeConfig | null;
  /** MiroTalk; null: the built-in conference. */
  readonly mirotalk: MiroTalkConfig | null;
  /** Opens /metrics to who shows it as a bearer token; null: to nobody but this machine. */
  readonly metricsToken: string | null;
  readonly backups: BackupConfig;
  readonly requestLog: RequestLogConfig;
  /** Holds 32 bytes in hex or base64; null: made at first start in the data directory. */
  readonly secretKeyFile: string | null;
  readonly rtmpPort: number;
  readonly rtmpsPort: number;
  /** PEM files, both or none; without them there is no RTMPS. */
  readonly rtmpsFiles: { readonly cert: string; readonly key: string } | null;
  readonly srtPort: number;
  readonly webrtc: { readonly firstPort: number; readonly lastPort: number };
  /** UDP and TCP: STUN and TURN for calls. */
  readonly relayPort: number;
  /** STUN and TURN servers in place of those of the studio's settings; null: the studio's count. */
  readonly turn: TurnServers | null;
  readonly logLevel: LogLevel | null;
  /** Signs the owner in while there is no passkey; null: only the link that is printed does. */
  readonly adminPassword: string | null;
  /** For how long a shown passkey counts for dangerous acts. */
  readonly stepUpMs: number;
  /** Settings that the environment names: the studio shows them and does not change them. */
  readonly named: ReadonlySet<string>;
  /** How many proxies in front may be believed about a client's address. */
  readonly trustedProxies: number;
};

/** Nightly backups of what the database holds. */
export type BackupConfig = {
  /** Where they are written; null: none are made. */
  readonly folder: string | null;
  /** How many days they are kept. */
  readonly days: number;
  /** The hour of the day, UTC. */
  readonly hour: number;
};

/** STUN and TURN servers, and how people sign in to them. */
export type TurnServers = {
  readonly urls: readonly string[];
  /** "secret": with credentials of each one's own (draft-uberti-behave-turn-rest-00). */
  readonly auth: "none" | "password" | "secret";
  readonly username: string;
  readonly secret: string | null;
};

/** The project's root: two folders above this package's src or dist. */
export const PROJECT_ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The variables whose settings the studio could change if the environment did not name them. */
const STUDIO_SETTINGS = [
  ...["RTMP_PORT", "RTMPS_PORT", "SRT_PORT", "WEBRTC_PORTS", "PUBLIC_ADDRESS"],
  ...["RELAY_PORT", "TURN_URLS"],
];
const MOST_TURN_URLS = 8; // a browser asks all of them at once
const SHORTEST_ADMIN_PASSWORD = 12; // it is guessed at over the network until the first passkey exists
const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error", "silent"];
/** The most UDP ports for viewers. */
export const MAX_WEBRTC_PORTS = 1000; // one port carries all viewers; a longer range is a typing mistake

/** Reads the settings from the environment. An empty string is the same as unset. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const text: ReadText = (name) => {
    const value = environment[name]?.trim();
    return value === undefined || value === "" ? null : value;
  };
  const port = (name: string, otherwise: number): number => {
    const value = text(name);
    return value === null ? otherwise : wholeNumber(name, value, 0, 65_535);
  };

  const production = text("NODE_ENV") === "production";
  const config: Config = {
    production,
    host: text("HOST") ?? "0.0.0.0",
    port: port("PORT", 3000),
    publicUrl: publicUrl(text("PUBLIC_URL")),
    publicAddress: publicAddress(text("PUBLIC_ADDRESS")),
    dataDir: resolve(PROJECT_ROOT, text("DATA_DIR") ?? "data"),
    databaseUrl: databaseUrl(text("DATABASE_URL")),
    database: readDatabase(text),
    ome: readOme(text),
    mirotalk: readMiroTalk(text),
    // Whoever has it reads how many rooms and people there are.
    metricsToken: text("METRICS_TOKEN") === null ? null : secret("METRICS_TOKEN", text("METRICS_TOKEN")),
    backups: {
      folder: folder(text("BACKUP_DIR")),
      days: wholeNumber("BACKUP_DAYS", text("BACKUP_DAYS") ?? "14", 1, 3650),
      hour: wholeNumber("BACKUP_HOUR", text("BACKUP_HOUR") ?? "3", 0, 23),
    },
    requestLog: readRequestLog(text),
    secretKeyFile: text("SECRET_KEY_FILE"),
    rtmpPort: port("RTMP_PORT", 1935),
    rtmpsPort: port("RTMPS_PORT", 1936),
    rtmpsFiles: rtmpsFiles(text("RTMPS_CERT_FILE"), text("RTMPS_KEY_FILE")),
    srtPort: port("SRT_PORT", 9999),
    webrtc: portRange(text("WEBRTC_PORTS") ?? "10000-10009"),
    relayPort: port("RELAY_PORT", 3478),
    turn: turnServers(text),
    logLevel: logLevel(text("LOG_LEVEL")),
    adminPassword: adminPassword(environment["ADMIN_PASSWORD"]),
    stepUpMs: wholeNumber("STEP_UP_SECONDS", text("STEP_UP_SECONDS") ?? "1200", 1, 86_400) * 1000,
    named: new Set(STUDIO_SETTINGS.filter((name) => text(name) !== null)),
    trustedProxies: wholeNumber("TRUST_PROXY", text("TRUST_PROXY") ?? "0", 0, 8),
  };
  if (production) refuseWeakSettings(config);
  return config;
}

/** Where the sealing key lies when no file is named. */
export function defaultKeyFile(config: Pick<Config, "dataDir">): string {
  return join(config.dataDir, "secret.key");
}

/** A production server is reached by people over the network: what would leak passwords or strand video is refused. */
function refuseWeakSettings(config: Config): void {
  if (config.publicUrl === null) {
    throw new ConfigError("PUBLIC_URL", "", "the https address people type, because NODE_ENV is production");
  }
  if (!config.publicUrl.startsWith("https:")) {
    throw new ConfigError("PUBLIC_URL", config.publicUrl, "an https address, because NODE_ENV is production");
  }
  const password = config.databaseUrl === null ? null : new URL(config.databaseUrl).password;
  if (password !== null && ["postgres", "password", "changeme", "secret"].includes(password)) {
    throw new ConfigError("DATABASE_URL", "(hidden)", "a password that is not a well-known default");
  }
}

/** True for what a browser takes: a host, perhaps a port; only TURN has a transport (RFC 7064 §3.1, RFC 7065 §3.1). */
export function isIceUrl(url: string): boolean {
  const [, scheme, bracketed, name, port, transport] =
    /^(stuns?|turns?):(?:\[([^\]]+)\]|([^:[\]?]+))(?::(\d{1,5}))?(\?transport=(?:udp|tcp))?$/.exec(url) ?? [];
  if (scheme === undefined || (transport !== undefined && !isTurnUrl(url))) return false;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return false;
  return bracketed === undefined ? name !== undefined && isPublicAddress(name) : isIP(bracketed) === 6;
}

/** True where the environment names TURN servers: they do the work of the relay for calls, which then stays off. */
export function replacesRelay({ turn }: Pick<Config, "turn">): boolean {
  return turn?.urls.some(isTurnUrl) ?? false;
}

/** Relative paths count from the project, as for DATA_DIR. */
function folder(value: string | null): string | null {
  return value === null ? null : resolve(PROJECT_ROOT, value);
}

/** Secrets are never repeated. */
function turnServers(text: ReadText): Config["turn"] {
  const [list, username, password, secret] = [
    text("TURN_URLS"),
    text("TURN_USERNAME"),
    text("TURN_PASSWORD"),
    text("TURN_SECRET"),
  ];
  if (list === null) {
    const isGiven = username !== null || password !== null || secret !== null;
    if (isGiven) throw new ConfigError("TURN_URLS", "", "the servers that the other TURN_ variables are for");
    return null;
  }
  const urls = list.split(/[\s,]+/).filter((url) => url !== "");
  for (const url of urls) {
    if (!isIceUrl(url))
      throw new ConfigError("TURN_URLS", url, "addresses such as turn:turn.example.org:3478");
  }
  if (urls.length === 0 || urls.length > MOST_TURN_URLS)
    throw new ConfigError("TURN_URLS", list, `1 to ${MOST_TURN_URLS} addresses, with commas between them`);
  if (!urls.some(isTurnUrl)) return { urls, auth: "none", username: "", secret: null };
  if (secret !== null && password !== null)
    throw new ConfigError("TURN_PASSWORD", "(hidden)", "nothing, because TURN_SECRET is given");
  if (secret !== null) return { urls, auth: "secret", username: "", secret };
  if (password === null)
    throw new ConfigError(
      "TURN_SECRET",
      "",
      "the secret that the servers of TURN_URLS share with ColourStream",
    );
  if (username === null) throw new ConfigError("TURN_USERNAME", "", "the user whose TURN_PASSWORD is given");
  return { urls, auth: "password", username, secret: password };
}

function rtmpsFiles(cert: string | null, key: string | null): Config["rtmpsFiles"] {
  if (cert === null && key === null) return null;
  if (cert === null)
    throw new ConfigError("RTMPS_CERT_FILE", "", "a PEM file, because RTMPS_KEY_FILE is given");
  if (key === null)
    throw new ConfigError("RTMPS_KEY_FILE", "", "a PEM file, because RTMPS_CERT_FILE is given");
  return { cert: resolve(cert), key: resolve(key) };
}

function publicUrl(value: string | null): string | null {
  if (value === null) return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new ConfigError("PUBLIC_URL", value, "an address such as https://review.example.com");
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "" || url.username !== "") {
    throw new ConfigError("PUBLIC_URL", value, "an origin alone, without path, query or user");
  }
  return url.origin;
}

/** True for an IP address or a host name (RFC 1123 §2.1), without a port. */
export function isPublicAddress(value: string): boolean {
  const isName = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
  return isIP(value) !== 0 || (isName.test(value) && !/^[\d.]+$/.test(value)); // 10.0.0.300 is a typing mistake
}

function publicAddress(value: string | null): string | null {
  if (value === null) return null;
  if (!isPublicAddress(value)) {
    throw new ConfigError("PUBLIC_ADDRESS", value, "an IP address or a host name, without port");
  }
  return value;
}

/** Taken as it is written: a space at its end may be meant. It is never repeated. */
function adminPassword(value: string | undefined): string | null {
  if (value === undefined || value.trim() === "") return null;
  const isKnown = ["changeme", "password", "admin", "colourstream"].some((word) => {
    return value.toLowerCase().replace(/[^a-z]/g, "") === word;
  });
  if (value.length < SHORTEST_ADMIN_PASSWORD || value.length > 256 || isKnown) {
    const expected = `${SHORTEST_ADMIN_PASSWORD} to 256 characters, and no well-known default`;
    throw new ConfigError("ADMIN_PASSWORD", "(hidden)", expected);
  }
  return value;
}

function databaseUrl(value: string | null): string | null {
  if (value === null) return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !["postgres:", "postgresql:"].includes(url.protocol)) {
    // The value may hold a password: it is not repeated.
    throw new ConfigError(
      "DATABASE_URL",
      "(hidden)",
      "an address such as postgresql://user:password@host:5432/name",
    );
  }
  return value;
}

function portRange(value: string): Config["webrtc"] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(value);
  const expected = `UDP ports such as 10000-10009, at most ${MAX_WEBRTC_PORTS} of them`;
  if (match?.[1] === undefined) throw new ConfigError("WEBRTC_PORTS", value, expected);
  const firstPort = Number(match[1]);
  const lastPort = Number(match[2] ?? match[1]);
  if (
    firstPort < 1 ||
    lastPort > 65_535 ||
    lastPort < firstPort ||
    lastPort - firstPort >= MAX_WEBRTC_PORTS
  ) {
    throw new ConfigError("WEBRTC_PORTS", value, expected);
  }
  return { firstPort, lastPort };
}

function logLevel(value: string | null): LogLevel | null {
  if (value === null) return null;
  const level = LOG_LEVELS.find((known) => known === value);
  if (level === undefined) throw new ConfigError("LOG_LEVEL", value, `one of ${LOG_LEVELS.join(", ")}`);
  return level;
}
