import { isIP } from "node:net";
import type { IngestUrl } from "@colourstream/contract";
import type { SettingValues } from "../../settings.js";
import type { IngestAccess } from "../engine.js";
import type { OmeConfig, OmeNode } from "./ome-config.js";

/** What of the settings says where encoders come in. */
export type OmeReach = Pick<
  SettingValues,
  "publicAddress" | "rtmpOn" | "rtmpPort" | "rtmpsOn" | "rtmpsPort" | "srtOn" | "srtPort" | "whipOn"
>;

/**
 * How long OvenMediaEngine holds what comes over SRT, in microseconds as OBS and FFmpeg count it. Unlike our own engine
 * it always holds for that long: SRTO_LATENCY of its listener and this, whichever is longer.
 */
const SRT_LATENCY_US = 20_000;

/** Where browsers and WHIP encoders reach a server; null: nobody has said. */
export function publicOriginOf(node: Pick<OmeNode, "publicUrl">, publicUrl: string | null): string | null {
  return node.publicUrl ?? publicUrl;
}

/** OvenMediaEngine's WebSocket signalling: the ticket is the stream's name. */
export function signallingUrl(origin: string, app: string, ticket: string): string {
  return `${origin.replace(/^http/, "ws")}/${app}/${ticket}`;
}

/** The LL-HLS playlist of the same. */
export function playlistUrl(origin: string, app: string, ticket: string): string {
  return `${origin}/${app}/${ticket}/llhls.m3u8`;
}

/** Where WHIP publishes: OvenMediaEngine passes no bearer token on, so the key is the stream's name. */
export function whipUrl(origin: string, app: string, key: string): string {
  return `${origin}/${app}/${key}?direction=whip`;
}

/**
 * What is typed into encoders. SRT goes in the clear: OvenMediaEngine's one listener has no passphrase for each room, so
 * its streamid is all that opens it. RTMPS is there where a proxy with https is in front.
 */
export function omeIngestUrls(
  config: Pick<OmeConfig, "origin" | "vhost" | "app">,
  publicUrl: string | null,
  reach: OmeReach,
  { key, srtId }: Pick<IngestAccess, "key" | "srtId">,
): IngestUrl[] {
  const origin = publicOriginOf(config.origin, publicUrl);
  if (origin === null) return [];
  const { hostname, protocol: scheme } = new URL(origin);
  const host = bracketed(reach.publicAddress ?? hostname);
  const urls: IngestUrl[] = [];
  const rtmp = (protocol: "rtmp" | "rtmps", name: string, port: number): void => {
    const server = `${protocol}://${name}:${port}/${config.app}`;
    urls.push({ protocol, server, key, url: `${server}/${key}`, passphrase: null });
  };
  if (reach.rtmpOn) rtmp("rtmp", host, reach.rtmpPort);
  if (reach.rtmpsOn && scheme === "https:") rtmp("rtmps", hostname, reach.rtmpsPort); // the certificate has the name
  if (reach.srtOn) {
    const streamId = encodeURIComponent(`${config.vhost}/${config.app}/${srtId}`);
    const server = `srt://${host}:${reach.srtPort}?streamid=${streamId}&latency=${SRT_LATENCY_US}`;
    urls.push({ protocol: "srt", server, key: "", url: server, passphrase: null });
  }
  if (reach.whipOn) {
    const server = whipUrl(origin, config.app, key);
    urls.push({ protocol: "whip", server, key: "", url: server, passphrase: null });
  }
  return urls;
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
