import type { EngineSettings } from "@colourstream/media";
import { isUdpPortFree } from "../../net/udp-probe.js";
import { EngineSettingError } from "../engine.js";
import { tcpPortFailure } from "./process.js";

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use by another program",
  EACCES: "may not be opened by this user",
};

type Ports = Pick<EngineSettings, "rtmp" | "webrtc">;

/** Throws `EngineSettingError` for a port that the engine would not get, before the running one is ended for it. */
export async function needPorts(now: Ports, wanted: Ports): Promise<void> {
  const { rtmp, webrtc } = wanted;
  if (rtmp !== null && rtmp.port !== 0 && rtmp.port !== now.rtmp?.port) {
    const failure = await tcpPortFailure(rtmp.port);
    if (failure !== null)
      throw new EngineSettingError(
        "rtmpPort",
        `port ${rtmp.port} ${WHY[failure] ?? `cannot be opened (${failure})`}.`,
      );
  }
  // The range may hold the port that our own engine has now: that one becomes free.
  const isNew = (port: number): boolean => port < now.webrtc.firstPort || port > now.webrtc.lastPort;
  for (let port = webrtc.firstPort; port <= webrtc.lastPort; port++) {
    if (!isNew(port) || (await isUdpPortFree(port))) return;
  }
  throw new EngineSettingError(
    "webrtcFirstPort",
    `UDP ports ${webrtc.firstPort} to ${webrtc.lastPort} are all in use by other programs.`,
  );
}
