import { isIP } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import type { IngestUrl } from "@colourstream/contract";
import type { RelyingParty } from "./auth/passkeys.js";
import type { Config } from "./config.js";
import type { SettingValues } from "./settings.js";

type Where = Pick<Config, "host" | "publicUrl"> & Pick<SettingValues, "publicAddress">;
/** What the settings say of where this machine is reached and encoders are let in. */
type Reached = Pick<SettingValues, "publicAddress" | "rtmpOn" | "rtmpPort">;
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

/** OBS's field “Server”. `origin` as for links: an encoder reaches the machine by the name that the studio does. */
export function rtmpServer(config: Where, port: number, origin: string | null): string {
  const host = config.publicAddress ?? new URL(config.publicUrl ?? origin ?? fromAfar(config, port)).hostname;
  return `rtmp://${bracketed(host)}:${port}/live`;
}

/** What is typed into an encoder while no engine runs that could tell its port. */
export function plannedIngest(
  config: Pick<Config, "host" | "publicUrl"> & Reached,
  key: string,
  origin: string | null,
): IngestUrl[] {
  if (!config.rtmpOn) return [];
  return [{ protocol: "rtmp", server: rtmpServer(config, config.rtmpPort, origin), key }];
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
