import { ProtocolError } from "../wire/protocol-error.js";
import {
  parseDisconnect,
  parsePublicKeys,
  parseRecordingQuestion,
  parseStartRecording,
  parseStreamQuestion,
} from "./checks.js";
import type { ControlDuties } from "./listener.js";
import type { ProductTokens } from "./product-token.js";
import type { EngineCalls, EngineStream } from "./protocol.js";

/** The engine's parts as the product's questions reach them. */
export type EngineParts = {
  readonly streams: {
    list(): EngineStream[];
    allowTakeOver(stream: string): void;
    endPublisher(stream: string, reason: "key-rotated" | "disconnected"): boolean;
  };
  readonly viewers: {
    disconnectViewer(viewer: string): number;
    disconnectStream(stream: string): number;
  };
  readonly testSignals: {
    start(stream: string): EngineCalls["startTestSignal"]["answer"];
    stop(stream: string): boolean;
  };
  readonly recorder: {
    start(stream: string, recording: string): Promise<EngineCalls["startRecording"]["answer"]>;
    stop(recording: string): Promise<boolean>;
    saveKeyframe(stream: string, recording: string): Promise<boolean>;
  };
  readonly tokens: ProductTokens;
  /** Begins to end the engine, once the answer is written. */
  shutdown(): void;
  hello(): EngineCalls["hello"]["answer"];
};

const disconnect = (parts: EngineParts, asked: EngineCalls["disconnect"]["ask"]): number => {
  if ("viewer" in asked) return parts.viewers.disconnectViewer(asked.viewer);
  const viewers = asked.who === "publisher" ? 0 : parts.viewers.disconnectStream(asked.stream);
  const hasPublisher = asked.who !== "viewers" && parts.streams.endPublisher(asked.stream, asked.reason);
  return viewers + (hasPublisher ? 1 : 0);
};

/** Answers each question of `EngineCalls` from the engine's parts. */
export function answerCalls(parts: EngineParts): ControlDuties {
  const answers: {
    readonly [K in Exclude<keyof EngineCalls, "hello" | "authenticate">]: (
      given: unknown,
    ) => EngineCalls[K]["answer"] | Promise<EngineCalls[K]["answer"]>;
  } = {
    ping: () => ({}),
    streams: () => ({ streams: parts.streams.list() }),
    disconnect: (given) => ({ ended: disconnect(parts, parseDisconnect(given)) }),
    startTestSignal: (given) => parts.testSignals.start(parseStreamQuestion(given).stream),
    stopTestSignal: (given) => ({ stopped: parts.testSignals.stop(parseStreamQuestion(given).stream) }),
    allowTakeOver: (given) => {
      parts.streams.allowTakeOver(parseStreamQuestion(given).stream);
      return {};
    },
    startRecording: (given) => {
      const { stream, recording } = parseStartRecording(given);
      return parts.recorder.start(stream, recording);
    },
    stopRecording: async (given) => ({
      stopped: await parts.recorder.stop(parseRecordingQuestion(given).recording),
    }),
    saveKeyframe: async (given) => {
      const { stream, recording } = parseStartRecording(given);
      return { saved: await parts.recorder.saveKeyframe(stream, recording) };
    },
    trustKeys: (given) => {
      parts.tokens.trust(parsePublicKeys(given));
      return {};
    },
    shutdown: () => {
      setImmediate(() => parts.shutdown());
      return {};
    },
  };
  return {
    tokens: parts.tokens,
    hello: () => parts.hello(),
    answer: (question, given) => {
      if (!Object.hasOwn(answers, question))
        throw new ProtocolError("control", `unknown question ${question}`);
      return answers[question as keyof typeof answers](given);
    },
  };
}
