import type { EngineEvent, EngineStream } from "../control/protocol.js";
import type { Clock } from "./clock.js";
import type { MakeTranscoder, PublisherEnd, PublishPoint } from "./ports.js";
import { createStream, type Stream } from "./stream.js";

const TICK_MS = 100;
const TAKE_ID_BYTES = 16;

/** All streams of the engine: where publishers come in and viewers find what they may see. */
export type Streams = PublishPoint & {
  /** The stream, if there is a take in it. */
  find(stream: string): Stream | null;
  list(): EngineStream[];
  /** Lets the next publisher take over at once, for a minute. */
  allowTakeOver(stream: string): void;
  /** Ends a stream's publisher; false when there is none. */
  endPublisher(stream: string, reason: PublisherEnd): boolean;
  /** Ends all publishers and stops the clock's calls. */
  close(): void;
};

export function createStreams(options: {
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly makeTranscoder?: MakeTranscoder | undefined;
  readonly listener: (event: EngineEvent) => void;
}): Streams {
  const streams = new Map<string, Stream>();
  const newTakeId = () => Buffer.from(options.random(TAKE_ID_BYTES)).toString("base64url");
  let stopTick: (() => void) | null = null;

  const tick = () => {
    for (const stream of [...streams.values()]) {
      stream.tick();
      if (stream.isIdle()) streams.delete(stream.name);
    }
    stopTick = streams.size > 0 ? options.clock.after(TICK_MS, tick) : null;
  };

  return {
    publish(name, publisher) {
      let stream = streams.get(name);
      if (stream === undefined) {
        stream = createStream(name, { ...options, newTakeId });
        streams.set(name, stream);
        stopTick ??= options.clock.after(TICK_MS, tick);
      }
      return stream.publish(publisher);
    },
    find(name) {
      const stream = streams.get(name);
      return stream === undefined || stream.snapshot() === null ? null : stream;
    },
    list: () => [...streams.values()].flatMap((stream) => stream.snapshot() ?? []),
    allowTakeOver: (name) => streams.get(name)?.allowTakeOver(),
    endPublisher: (name, reason) => streams.get(name)?.endPublisher(reason) ?? false,
    close() {
      stopTick?.();
      stopTick = null;
      for (const stream of streams.values()) stream.endPublisher("engine-stopping");
    },
  };
}
