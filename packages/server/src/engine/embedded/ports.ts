import { isDeepStrictEqual } from "node:util";
import type { SettingName } from "@colourstream/contract";
import type { EngineSettings } from "@colourstream/media";
import { udpPortFailure } from "../../net/udp-probe.js";
import { EngineSettingError } from "../engine.js";
import { tcpPortFailure } from "./process.js";

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use by another program",
  EACCES: "may not be opened by this user",
};

type Ports = Pick<EngineSettings, "rtmp" | "rtmps" | "srt" | "relay" | "webrtc">;

/** The relay is on both. */
const bothFailure = async (port: number): Promise<string | null> =>
  (await tcpPortFailure(port)) ?? (await udpPortFailure(port));

const LISTENERS = [
  { way: "rtmp", setting: "rtmpPort", failure: tcpPortFailure },
  { way: "rtmps", setting: "rtmpsPort", failure: tcpPortFailure },
  { way: "srt", setting: "srtPort", failure: udpPortFailure },
  { way: "relay", setting: "relayPort", failure: bothFailure },
] as const;

/** Throws `EngineSettingError` for a port that the engine would not get, before the running one is ended for it. */
export async function needPorts(now: Ports, wanted: Ports): Promise<void> {
  // What our own engine has now becomes free, whatever it has it for.
  const isOurs = (port: number): boolean => LISTENERS.some(({ way }) => now[way]?.port === port);
  for (const { way, setting, failure } of LISTENERS) {
    const port = wanted[way]?.port ?? 0;
    if (port === 0 || isOurs(port)) continue;
    const code = await failure(port);
    if (code !== null)
      throw new EngineSettingError(setting, `port ${port} ${WHY[code] ?? `cannot be opened (${code})`}.`);
  }
  const { webrtc } = wanted;
  const isNew = (port: number): boolean => port < now.webrtc.firstPort || port > now.webrtc.lastPort;
  for (let port = webrtc.firstPort; port <= webrtc.lastPort; port++) {
    if (!isNew(port) || (await udpPortFailure(port)) === null) return;
  }
  throw new EngineSettingError(
    "webrtcFirstPort",
    `UDP ports ${webrtc.firstPort} to ${webrtc.lastPort} are all in use by other programs.`,
  );
}

/** The setting whose change an engine that did not start is put down to. */
export function settingBehind(now: Ports, wanted: Ports): SettingName {
  const changed = LISTENERS.find(
    ({ way }) => wanted[way] !== null && !isDeepStrictEqual(now[way], wanted[way]),
  );
  if (changed !== undefined) return changed.setting;
  const { firstPort, lastPort } = wanted.webrtc;
  const isRangeNew = firstPort !== now.webrtc.firstPort || lastPort !== now.webrtc.lastPort;
  return isRangeNew ? "webrtcFirstPort" : "publicAddress";
}
