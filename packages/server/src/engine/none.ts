import { EngineAwayError, type MediaEngine } from "./engine.js";

/** No engine: for a command on the machine while the server is not running. Nobody is live, so nobody needs cutting. */
export function createNoEngine(ingestUrls: MediaEngine["ingestUrls"]): MediaEngine {
  const away = (): never => {
    throw new EngineAwayError();
  };
  return {
    start: async () => undefined,
    stop: async () => undefined,
    isAway: () => true,
    ingestUrls,
    ticket: away,
    publishTicket: away,
    checkTicket: async () => away(),
    iceServers: () => [],
    relayPort: () => null,
    allowTakeOver: async () => away(),
    startRecording: async () => away(),
    stopRecording: async () => false,
    saveKeyframe: async () => away(),
    stream: () => null,
    lastRefused: () => null,
    disconnect: async () => undefined,
    disconnectAddresses: async () => undefined,
    view: async () => ({ kind: "embedded", nodes: [], apps: [], streams: [], admission: null }),
    reconfigure: async () => undefined,
    startTestSignal: async () => away(),
    stopTestSignal: async () => away(),
    on: () => undefined,
  };
}
