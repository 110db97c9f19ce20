import { join } from "node:path";
import type { EngineSettings as EngineSettingsWithKeys } from "@colourstream/media";
import type { IngestPorts } from "../../addresses.js";
import type { SettingValues } from "../../settings.js";
import type { EmbeddedOptions } from "./embedded.js";

/** The paths on our own origin that are passed through to the engine. */
export const ENGINE_PATHS = { whep: "/whep", whip: "/whip", hls: "/hls" } as const;

/** What an engine is started with. The keys are the supervisor's affair: they change while the engine runs. */
export type EngineSettings = Omit<EngineSettingsWithKeys, "serviceKeys">;

const ORPHAN_MS = 60_000; // an engine without a product: long enough for a restart with a build in it

/** What of the settings concerns the engine. */
export type EngineWish = Pick<
  SettingValues,
  | "rtmpOn"
  | "rtmpPort"
  | "rtmpsOn"
  | "rtmpsPort"
  | "srtOn"
  | "srtPort"
  | "whipOn"
  | "webrtcFirstPort"
  | "webrtcLastPort"
  | "publicAddress"
  | "relayOn"
  | "relayPort"
>;

/** The engine's settings as the product's say now. */
export function settingsFor({
  settings,
  runDir,
  logLevel,
  rtmpsFiles,
  recordingsDir,
  relay,
}: EmbeddedOptions): EngineSettings {
  const wish = settings();
  const host = "0.0.0.0";
  const { webrtcFirstPort, webrtcLastPort, publicAddress } = wish;
  return {
    controlPath: join(runDir, "engine-control.sock"),
    httpPath: join(runDir, "engine-http.sock"),
    rtmp: wish.rtmpOn ? { host, port: wish.rtmpPort } : null,
    rtmps:
      wish.rtmpsOn && rtmpsFiles !== null
        ? { host, port: wish.rtmpsPort, certFile: rtmpsFiles.cert, keyFile: rtmpsFiles.key }
        : null,
    srt: wish.srtOn ? { host, port: wish.srtPort } : null,
    whip: wish.whipOn,
    relay: relay !== null && wish.relayOn ? { host, port: wish.relayPort, secret: relay.secret } : null,
    recordingsDir,
    webrtc: { firstPort: webrtcFirstPort, lastPort: webrtcLastPort, publicAddress, bindAddress: null },
    logLevel,
    orphanMs: ORPHAN_MS,
  };
}

/** The ports that these settings name; the engine tells later which it has. */
export function portsOf({ rtmp, rtmps, srt, whip }: EngineSettings): IngestPorts {
  return { rtmp: rtmp?.port ?? null, rtmps: rtmps?.port ?? null, srt: srt?.port ?? null, whip };
}
