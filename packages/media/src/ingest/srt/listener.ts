import type { EngineSettings } from "../../control/protocol.js";
import type { Clock } from "../../hub/clock.js";
import type { IngestDuties } from "../ports.js";

/** What the SRT listener needs of the engine. */
export type SrtListenerOptions = IngestDuties &
  NonNullable<EngineSettings["srt"]> & { readonly clock: Clock };

/** A running listener. */
export type SrtListener = { readonly port: number; close(): Promise<void> };

/** Listens for SRT callers and brings the admitted ones to the hub. */
export async function startSrtListener(options: SrtListenerOptions): Promise<SrtListener> {
  return { port: options.port, close: async () => undefined }; // not built yet
}
