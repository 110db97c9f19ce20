import { isIP } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import type { IngestUrl } from "@colourstream/contract";
import type { RelyingParty } from "./auth/passkeys.js";
import type { Config } from "./config.js";
import type { IngestAccess } from "./engine/engine.js";
import type { SettingValues } from "./settings.js";

type Where = Pick<Config, "host" | "publicUrl"> & Pick<SettingValues, "publicAddress">;
/** What the settings say of where this machine is reached and encoders are let in. */
type Reached = Pick<
  SettingValues,
  "publicAddress" | "rtmpOn" | "rtmpPort" | "rtmpsOn" | "rtmpsPort" | "srtOn" | "srtPort" | "whipOn"
>;
type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

const MOST_SHOWN = 3; // a machine with containers has a dozen; the first ones are its real cards
const ANY_ADDRESS = ["0.0.0.0", "::"];

/** The addresses of this machine's own cards, those for itself alone left out. */
export function machineAddresses(interfaces: Interfaces = networkInterfaces()): string[] {
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
}

/**
 * Where a browser opens the studio: first as on this machine, then by the machine's own addresses (IPv4, 3 at most),
 * for the other people on its network.
 */
export function openAddresses(
  { host, publicUrl }: Pick<Config, "host" | "publicUrl">,
  port: number,
  interfaces: Interfaces = networkInterfaces(),
): [string, ...string[]] {
  if (publicUrl !== null) return [publicUrl];
  if (!ANY_ADDRESS.includes(host))
    return [`http://${isLoopback(host) ? "localhost" : bracketed(host)}:${port}`];
  const own = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(
      ({ family, internal, address }) => family === "IPv4" && !internal && !address.startsWith("169.254."),
    )
    .slice(0, MOST_SHOWN);
  return [`http://localhost:${port}`, ...own.map(({ address }) => `http://${address}:${port}`)];
}

/**
 * The origin of the links we give out: PUBLIC_URL, PUBLIC_ADDRESS, else the origin that the request came to; for the
 * command line, which has none, this machine's first address on its network.
 */
export function linkBaseFor(config: Where, port: number, origin: string | null): string {
  if (config.publicUrl !== null) return config.publicUrl;
  if (config.publicAddress !== null) return `http://${bracketed(config.publicAddress)}:${port}`;
  return origin ?? fromAfar(config, port);
}

/**
 * Where passkeys work: at PUBLIC_URL, else at localhost. Browsers give them to https and to localhost alone, and to
 * names, never to an IP address (W3C WebAuthn §5.1.3; the id must be a valid domain).
 */
export function relyingPartyFor(config: Pick<Config, "publicUrl">, port: number): RelyingParty {
  if (config.publicUrl === null) return { id: "localhost", origin: `http://localhost:${port}` };
  return { id: new URL(config.publicUrl).hostname, origin: config.publicUrl };
}

/**
 * Why no browser can use a passkey here, in words for whoever runs the machine; null: they work. As
 * `relyingPartyFor` says: https and a name, or localhost.
 */
export function whyNoPasskeys({ publicUrl, host }: Pick<Config, "publicUrl" | "host">): string | null {
  if (publicUrl === null) {
    if (ANY_ADDRESS.includes(host) || isLoopback(host)) return null;
    return `HOST is ${host}, and localhost is not answered. Set PUBLIC_URL to the https address that people type.`;
  }
  const { protocol, hostname } = new URL(publicUrl);
  const isLocal = hostname === "localhost" || hostname.endsWith(".localhost");
  if (isLocal || (protocol === "https:" && isIP(hostname.replace(/^\[|\]$/g, "")) === 0)) return null;
  return `PUBLIC_URL is ${publicUrl}; browsers have them at an https address with a name, and at localhost.`;
}

/** The ports that the engine lets encoders in by; null: not by that way. */
export type IngestPorts = {
  readonly rtmp: number | null;
  readonly rtmps: number | null;
  readonly srt: number | null;
  /** WHIP has none of its own: it is at the studio's origin. */
  readonly whip: boolean;
};

/**
 * How long an SRT encoder is asked to keep what it sent, for sending it again: 8 round trips of 25 ms. It delays
 * nothing: we hand packets on as soon as they are in order.
 */
const SRT_LATENCY_MS = 200;

/** What is typed into encoders. `origin` as for links: an encoder reaches the machine by the name that the studio does. */
export function ingestUrlsFor(
  config: Where,
  port: number,
  ports: IngestPorts,
  { key, srtId, srtPassphrase }: IngestAccess,
  origin: string | null,
): IngestUrl[] {
  const opened = config.publicUrl ?? origin ?? fromAfar(config, port);
  const host = bracketed(config.publicAddress ?? new URL(opened).hostname);
  const urls: IngestUrl[] = [];
  const rtmp = (protocol: "rtmp" | "rtmps", at: number) => {
    const server = `${protocol}://${host}:${at}/live`;
    urls.push({ protocol, server, key, url: `${server}/${key}`, passphrase: null });
  };
  if (ports.rtmp !== null) rtmp("rtmp", ports.rtmp);
  if (ports.rtmps !== null) rtmp("rtmps", ports.rtmps);
  if (ports.srt !== null) {
    // OBS and FFmpeg count the latency in microseconds; OBS sends its key field as the streamid.
    const secret = srtPassphrase === null ? "" : `&passphrase=${srtPassphrase}&pbkeylen=16`;
    const server = `srt://${host}:${ports.srt}?latency=${SRT_LATENCY_MS * 1000}${secret}`;
    const url = `${server}&streamid=${srtId}`;
    urls.push({ protocol: "srt", server, key: srtId, url, passphrase: srtPassphrase });
  }
  if (ports.whip) {
    const url = `${opened}/whip`;
    urls.push({ protocol: "whip", server: url, key, url, passphrase: null });
  }
  return urls;
}

/** What is typed into an encoder while no engine runs that could tell its ports. */
export function plannedPorts(settings: Reached): IngestPorts {
  return {
    rtmp: settings.rtmpOn ? settings.rtmpPort : null,
    rtmps: settings.rtmpsOn ? settings.rtmpsPort : null,
    srt: settings.srtOn ? settings.srtPort : null,
    whip: settings.whipOn,
  };
}

function fromAfar(config: Where, port: number): string {
  const [here, afar] = openAddresses(config, port);
  return afar ?? here;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
