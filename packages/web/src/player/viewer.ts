import type { Clock } from "../live/clock.js";
import { retryDelayMs } from "../live/ladder.js";

/** What the viewer shows. Only `waiting` and `connecting` can be without a picture. */
export type ViewerState =
  /** Nobody is live. */
  | { readonly is: "waiting" }
  /** The first session of this stream is being opened. */
  | { readonly is: "connecting" }
  | { readonly is: "live" }
  /** No new frame for a second; the session may still come back by itself. */
  | { readonly is: "stalled"; readonly sinceAt: number }
  /** The session is lost. `nextAt` null: the attempt is under way. */
  | {
      readonly is: "reconnecting";
      readonly attempt: number;
      readonly nextAt: number | null;
      readonly reason: string;
    }
  /** Stopped from outside: the room has closed, or the page is going. */
  | { readonly is: "ended" };

/** What the server says of the stream; null: nobody is live; "unknown": it has not said yet. */
export type StreamState = "live" | "stalled" | "interrupted" | null | "unknown";

/** A playback session in the making or in use. `close` may be called at any time, more than once. */
export type PlaybackSession = { close(): void };

/** What a session tells the viewer. */
export type SessionEvents = {
  /** A new frame was decoded or shown. The first one puts this session on screen. */
  frame(): void;
  /** Bytes have arrived since the last call. */
  bytes(): void;
  /** It will not come back. */
  dead(reason: string): void;
};

/** What the state machine needs. */
export type ViewerPorts = {
  readonly clock: Clock;
  readonly random: () => number;
  /** Opens a session with a ticket of its own; failures go to `events.dead`. */
  readonly open: (events: SessionEvents) => PlaybackSession;
  readonly onState: (state: ViewerState) => void;
  /** A session has its first frame: show it, then the one before it is closed. */
  readonly onShow: (session: PlaybackSession) => void;
};

/** The viewer as the page drives it. */
export type Viewer = {
  state(): ViewerState;
  streamIs(state: StreamState): void;
  /** The network or the page is back: do not wait for the ladder. */
  retryNow(): void;
  stop(): void;
};

const STALLED_AFTER_MS = 1_000;
const FIRST_FRAME_WITHIN_MS = 8_000; // a ticket, ICE, DTLS and the wait for a keyframe of an encoder with a long GOP
const NO_BYTES_FOR_MS = 2_000;
const TICK_MS = 200;
/** "Nobody is live" is believed once the picture has stood still for so long: a server that restarts forgets for a moment. */
const NOBODY_LIVE_FOR_MS = 4_000;

type Attempt = {
  session: PlaybackSession;
  openedAt: number;
  frameAt: number | null;
  bytesAt: number;
};

/**
 * The life of a picture in the room. Retries for ever; the session on screen is kept until another one has its first
 * frame, so that the last picture stays.
 */
export function createViewer(ports: ViewerPorts): Viewer {
  const { clock, random } = ports;
  let state: ViewerState = { is: "waiting" };
  let stream: StreamState = "unknown";
  let nobodySinceAt: number | null = null;
  let trying: Attempt | null = null; // no frame yet
  let shown: Attempt | null = null; // on screen; dead when the state is "reconnecting"
  let failures = 0;
  let cancelRetry: (() => void) | null = null;
  let cancelTick: (() => void) | null = null;

  function become(next: ViewerState) {
    state = next;
    ports.onState(next);
  }

  function connect() {
    cancelRetry?.();
    cancelRetry = null;
    trying?.session.close();
    const attempt: Attempt = {
      session: { close() {} },
      openedAt: clock.now(),
      frameAt: null,
      bytesAt: clock.now(),
    };
    trying = attempt;
    attempt.session = ports.open({
      frame: () => onFrame(attempt),
      bytes: () => {
        attempt.bytesAt = clock.now();
      },
      dead: (reason) => onDead(attempt, reason),
    });
    cancelTick ??= clock.after(TICK_MS, tick);
  }

  function onFrame(attempt: Attempt) {
    if (attempt !== trying && attempt !== shown) return;
    attempt.frameAt = clock.now();
    attempt.bytesAt = clock.now();
    if (attempt === trying) {
      const before = shown;
      shown = attempt;
      trying = null;
      failures = 0;
      ports.onShow(attempt.session);
      before?.session.close();
      become({ is: "live" });
    } else if (state.is === "stalled" || state.is === "reconnecting") {
      // It came back by itself, perhaps before its successor had a picture.
      cancelRetry?.();
      cancelRetry = null;
      trying?.session.close();
      trying = null;
      failures = 0;
      become({ is: "live" });
    }
  }

  function onDead(attempt: Attempt, reason: string) {
    if (attempt !== trying && (attempt !== shown || state.is === "reconnecting")) return;
    if (attempt === trying) {
      trying.session.close();
      trying = null;
    }
    if (nobodySinceAt !== null) {
      wait(); // nobody is live and the session is gone: that was the end of the take
      return;
    }
    failures += 1;
    const inMs = retryDelayMs(failures, random);
    become({ is: "reconnecting", attempt: failures, nextAt: clock.now() + inMs, reason });
    cancelRetry = clock.after(inMs, retry);
  }

  function retry() {
    if (state.is !== "reconnecting") return;
    become({ ...state, nextAt: null });
    connect();
  }

  function wait() {
    release();
    failures = 0;
    become({ is: "waiting" });
  }

  function release() {
    cancelRetry?.();
    cancelTick?.();
    cancelRetry = null;
    cancelTick = null;
    trying?.session.close();
    shown?.session.close();
    trying = null;
    shown = null;
  }

  function tick() {
    cancelTick = clock.after(TICK_MS, tick);
    const now = clock.now();
    if (trying !== null && now - trying.openedAt > FIRST_FRAME_WITHIN_MS) {
      onDead(trying, "no picture within 8 s");
      return;
    }
    if (shown === null || shown.frameAt === null) {
      if (nobodySinceAt !== null && now - nobodySinceAt >= NOBODY_LIVE_FOR_MS) wait();
      return;
    }
    const stillMs = now - shown.frameAt;
    if (nobodySinceAt !== null && Math.min(stillMs, now - nobodySinceAt) >= NOBODY_LIVE_FOR_MS) {
      wait();
    } else if (state.is === "live" && stillMs >= STALLED_AFTER_MS) {
      become({ is: "stalled", sinceAt: shown.frameAt });
    } else if (state.is === "stalled" && stream === "live" && now - shown.bytesAt >= NO_BYTES_FOR_MS) {
      onDead(shown, "nothing arrives");
    }
  }

  return {
    state: () => state,
    streamIs(next) {
      const before = stream;
      stream = next;
      if (state.is === "ended") return;
      nobodySinceAt = next === null ? (nobodySinceAt ?? clock.now()) : null;
      if (next === null || next === "unknown") return;
      if (state.is === "waiting") {
        if (next === "interrupted") return; // there is nothing to be seen before the encoder returns
        become({ is: "connecting" });
        connect();
      } else if (next === "live" && before !== "live" && state.is === "reconnecting" && trying === null) {
        retry();
      }
    },
    retryNow() {
      if (state.is === "reconnecting" && trying === null) retry();
    },
    stop() {
      release();
      if (state.is !== "ended") become({ is: "ended" });
    },
  };
}
