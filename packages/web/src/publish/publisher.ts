import type { PublishTicket } from "@colourstream/contract";
import type { Choice } from "./choice.js";
import { readSent, type Sent, type SentCounters, sentBetween } from "./sent.js";
import type { WhipPorts, WhipSession } from "./whip.js";

/** Why the server does not take it. */
export type Refusal = "already-live" | "not-allowed" | "archived" | "off" | "no-codec";

/** Where publishing stands. */
export type PublishState =
  | { readonly is: "starting" }
  | { readonly is: "live" }
  | { readonly is: "reconnecting"; readonly attempt: number }
  | { readonly is: "refused"; readonly why: Refusal }
  /** `source`: the browser or the system has ended the capture. */
  | { readonly is: "ended"; readonly by: "person" | "source" };

/** Sends a captured stream until it is told to stop or its source ends; comes back by itself after a lost connection. */
export type Publisher = {
  /** What is sent now; null while nothing is. */
  sent(): Promise<Sent | null>;
  stop(): void;
};

/** What the publisher needs of the world. */
export type PublisherPorts = {
  readonly makeTicket: (signal: AbortSignal) => Promise<PublishTicket>;
  readonly open: (ports: WhipPorts) => Promise<WhipSession>;
  readonly after: (ms: number, then: () => void) => () => void;
  readonly onState: (state: PublishState) => void;
};

const RETRY_MS = [300, 1_000, 2_000, 4_000, 5_000];

/** The session that was lost holds the place until it has been silent for a second: no other encoder need be there. */
const OWN_PLACE_TRIES = 4;

/** Begins at once. */
export function startPublisher(media: MediaStream, choice: Choice, ports: PublisherPorts): Publisher {
  const abort = new AbortController();
  let session: WhipSession | null = null;
  let state: PublishState = { is: "starting" };
  let wasLive = false;
  let attempt = 0;
  let before: SentCounters | null = null;
  let stopWaiting = () => {};

  const isOver = () => state.is === "ended" || state.is === "refused";
  const become = (next: PublishState) => {
    state = next;
    ports.onState(next);
  };
  const leave = () => {
    session?.close();
    session = null;
    before = null;
  };
  const end = (last: Extract<PublishState, { is: "ended" | "refused" }>) => {
    if (isOver()) return;
    stopWaiting();
    for (const track of media.getVideoTracks()) track.removeEventListener("ended", sourceEnded);
    abort.abort();
    leave();
    become(last);
  };
  const sourceEnded = () => end({ is: "ended", by: "source" });

  const again = () => {
    if (isOver()) return;
    leave();
    const waitMs = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0;
    attempt += 1;
    if (wasLive) become({ is: "reconnecting", attempt });
    stopWaiting = ports.after(waitMs, () => void open());
  };

  const open = async () => {
    try {
      const opened = await ports.open({
        makeTicket: ports.makeTicket,
        media,
        choice,
        signal: abort.signal,
        connected() {
          if (isOver()) return;
          wasLive = true;
          attempt = 0;
          become({ is: "live" });
        },
        dead: again,
      });
      if (isOver()) opened.close();
      else session = opened;
    } catch (error) {
      if (isOver()) return;
      const refusal = refusalOf(error);
      const mayBeOwn = refusal === "already-live" && wasLive && attempt <= OWN_PLACE_TRIES;
      if (refusal === null || mayBeOwn) again();
      else end({ is: "refused", why: refusal });
    }
  };

  for (const track of media.getVideoTracks()) track.addEventListener("ended", sourceEnded);
  ports.onState(state);
  void open();

  return {
    async sent() {
      if (session === null) return null;
      const report = await session.peer.getStats();
      const after = readSent(report.values());
      if (after === null) return null;
      const sent = sentBetween(before, after);
      before = after;
      return sent;
    },
    stop: () => end({ is: "ended", by: "person" }),
  };
}

/** Null: it may go better the next time. */
function refusalOf(error: unknown): Refusal | null {
  const status = error instanceof Error && "status" in error ? error.status : null;
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "room_archived") return "archived";
  switch (status) {
    case 409:
      return "already-live";
    case 401:
    case 403:
      return "not-allowed";
    case 404:
      return "off";
    case 400:
    case 406:
      return "no-codec";
    default:
      return null;
  }
}
