import { readFileSync } from "node:fs";
import type { Clock } from "../hub/clock.js";
import type { PublisherEnd, PublishPoint, PublishRefusal } from "../hub/ports.js";
import { type Clip, parseClip, testSignalPath } from "./clip.js";
import { publishTestSignal } from "./publisher.js";

/** The test signals of all streams. */
export type TestSignals = {
  /** Starts one; a stream that already has it keeps it. */
  start(stream: string): { readonly started: boolean; readonly reason: PublishRefusal | null };
  /** False when the stream has none. */
  stop(stream: string): boolean;
};

/** What the hub does for test signals. */
export type TestSignalHub = PublishPoint & { endPublisher(stream: string, reason: PublisherEnd): boolean };

/** Makes the switchboard; the clip is read when the first one is wanted. */
export function createTestSignals(hub: TestSignalHub, clock: Clock): TestSignals {
  const running = new Set<string>(); // as many as the product asked for
  let clip: Clip | null = null;
  return {
    start: (stream) => {
      if (running.has(stream)) return { started: true, reason: null };
      clip ??= parseClip(readFileSync(testSignalPath));
      const result = publishTestSignal(stream, clip, hub, clock, () => running.delete(stream));
      if (result !== "publishing") return { started: false, reason: result };
      running.add(stream);
      return { started: true, reason: null };
    },
    stop: (stream) => running.has(stream) && hub.endPublisher(stream, "test-signal-stopped"),
  };
}
