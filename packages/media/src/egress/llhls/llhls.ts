import type { PeerAddress, Verdict } from "../../control/protocol.js";
import type { Clock } from "../../hub/clock.js";
import type { Streams } from "../../hub/streams.js";
import { type Answer, nothingHere } from "../../net/http/local-http.js";

/** What LL-HLS needs. */
export type LlHlsOptions = {
  readonly mayPlay: (ticket: string, from: PeerAddress) => Promise<Verdict>;
  readonly streams: Streams;
  readonly log: {
    info(about: object, text: string): void;
    warn(about: object, text: string): void;
  };
  readonly clock: Clock;
};

/** LL-HLS as main.ts holds it. */
export type LlHls = {
  /** What is asked of `/hls` and below it. */
  readonly answer: Answer;
  /** Ends a participant's sessions; gives how many. */
  disconnectViewer(viewer: string): number;
  disconnectStream(stream: string): number;
  close(): void;
};

/** Serves viewers whom WebRTC does not reach: RFC 8216bis with parts, a session's address bound to a ticket. */
export function createLlHls(_options: LlHlsOptions): LlHls {
  return {
    answer: async () => {
      throw nothingHere(); // not built yet
    },
    disconnectViewer: () => 0,
    disconnectStream: () => 0,
    close: () => undefined,
  };
}
