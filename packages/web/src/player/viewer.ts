import type { Clock } from "../live/clock.js";
import { retryDelayMs } from "../live/ladder.js";
import { createWays, type Failing, type Suits, type Way, type WayChoice } from "./ways.js";

/** What the viewer shows. Only `waiting`, `connecting` and `unplayable` can be without a picture. */
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
  /** This browser cannot show the stream as it is sent, whichever way it comes. */
  | { readonly is: "unplayable" }
  /** Stopped from outside: the room has closed, or the page is going. */
  | { readonly is: "ended" };

/** What the server says of the stream; null: nobody is live; "unknown": it has not said yet. */
export type StreamState = "live" | "stalled" | "interrupted" | null | "unknown";

/** A playback session in the making or in use. `close` may be called at any time, more than once. */
export type PlaybackSession = { close(): void };

/** What a session tells the viewer. */
export type SessionEvents = {
  /** The server has answered: what is missing now is the connection. */
  answered(): void;
  /** ICE and DTLS stand, or the playlist is there. */
  connected(): void;
  /** A new frame was decoded or shown. The first one puts this session on screen. */
  frame(): void;
  /** Bytes have arrived since the last call. */
  bytes(): void;
  /** It will not come back. */
  dead(reason: string, why?: Failing): void;
};

/** What the state machine needs. */
export type ViewerPorts = {
  readonly clock: Clock;
  readonly random: () => number;
  /** Opens a session with a ticket of its own; failures go to `events.dead`. */
  readonly open: (events: SessionEvents, way: Way) => PlaybackSession;
  readonly onState: (state: ViewerState) => void;
  /** A session has its first frame: show it, then the one before it is closed. */
  readonly onShow: (session: PlaybackSession) => void;
  readonly choice?: WayChoice;
};

/** The viewer as the page drives it. */
export type Viewer = {
  state(): ViewerState;
  streamIs(state: StreamState): void;
  /** What this browser can do with the stream: told before `streamIs`, and whenever it changes. */
  suits(suits: Suits): void;
  choose(choice: WayChoice): void;
  /** The network or the page is back, or may be another one: do not wait for the ladder. */
  networkChanged(): void;
  /** What sessions are opened with is not what it was: one more takes over behind the picture. */
  renew(): void;
  stop(): void;
};

const STALLED_AFTER_MS = 1_000;
/** WebRTC connects within a second or, on most networks that block it, never. */
const CONNECTED_WITHIN_MS = 5_000;
/** A ticket, ICE, DTLS and a keyframe; HLS also has its program to load, and a phone's radio to wait for. */
const FIRST_FRAME_WITHIN_MS: Record<Way, number> = { webrtc: 8_000, universal: 8_000, hls: 12_000 };
/** The server says “stalled” half a second after the encoder's last frame: what is silent for longer is our own line. */
const NO_BYTES_FOR_MS: Record<Way, number> = { webrtc: 1_000, universal: 1_000, hls: 4_000 };
const NO_BYTES_AFTER_CHANGE_MS = 500;
const CHANGE_LASTS_MS = 5_000;
const TICK_MS = 200;
const SLOW_TICK_MS = 700; // a hidden page's timers run once a second: what they count is older then
/** "Nobody is live" is believed once the picture has stood still for so long: a server that restarts forgets for a moment. */
const NOBODY_LIVE_FOR_MS = 4_000;
/** When a better way is tried again behind a picture that is there; the last one repeats. */
const BETTER_AFTER_MS = [30_000, 60_000, 120_000] as const;
const BETTER_AT_LEAST_MS = 5_000;
/** A way that has lasted so long is not a flapping one: the waits begin anew. */
const LASTING_MS = 60_000;

type Attempt = {
  readonly way: Way;
  session: PlaybackSession;
  readonly openedAt: number;
  answeredAt: number | null;
  connectedAt: number | null;
  shownAt: number | null;
  frameAt: number | null;
  bytesAt: number;
};

/**
 * The life of a picture in the room, whichever way it comes. Retries for ever; the session on screen is kept until
 * another one has its first frame, so that the last picture stays, and the first of both to move wins.
 */
export function createViewer(ports: ViewerPorts): Viewer {
  const { clock, random } = ports;
  const ways = createWays(ports.choice);
  let state: ViewerState = { is: "waiting" };
  let stream: StreamState = "unknown";
  let liveSinceAt = 0;
  let nobodySinceAt: number | null = null;
  let trying: Attempt | null = null; // no frame yet; beside a picture that is well it looks for a better way
  let shown: Attempt | null = null; // on screen; lost when the state is "reconnecting"
  let failures = 0;
  let changedAt = Number.NEGATIVE_INFINITY; // the network, as far as the browser tells
  let betterAt: number | null = null;
  let betterTries = 0;
  let tickedAt = 0;
  let cancelRetry: (() => void) | null = null;
  let cancelTick: (() => void) | null = null;

  function become(next: ViewerState) {
    state = next;
    ports.onState(next);
  }

  const isWell = () => shown !== null && (state.is === "live" || state.is === "stalled");

  function dropTrying() {
    const dropped = trying;
    trying = null;
    dropped?.session.close();
  }

  /** Opens a session on the next way, beside the one on screen if there is one. */
  function connect(way = ways.next()) {
    cancelRetry?.();
    cancelRetry = null;
    dropTrying();
    if (way === null) {
      if (!isWell()) giveUp();
      return;
    }
    const now = clock.now();
    const attempt: Attempt = {
      way,
      session: { close() {} },
      openedAt: now,
      answeredAt: null,
      connectedAt: null,
      shownAt: null,
      frameAt: null,
      bytesAt: now,
    };
    trying = attempt;
    attempt.session = ports.open(
      {
        answered: () => {
          attempt.answeredAt ??= clock.now();
        },
        connected: () => {
          attempt.connectedAt ??= clock.now();
        },
        frame: () => onFrame(attempt),
        bytes: () => {
          attempt.bytesAt = clock.now();
        },
        dead: (reason, why = "other") => onDead(attempt, reason, why),
      },
      way,
    );
    if (cancelTick === null) {
      tickedAt = now;
      cancelTick = clock.after(TICK_MS, tick);
    }
  }

  function onFrame(attempt: Attempt) {
    if (attempt !== trying && attempt !== shown) return;
    const now = clock.now();
    attempt.frameAt = now;
    attempt.bytesAt = now;
    if (attempt === trying) {
      const before = shown;
      shown = attempt;
      trying = null;
      attempt.shownAt = now;
      failures = 0;
      ways.worked(attempt.way);
      planBetter();
      ports.onShow(attempt.session);
      before?.session.close();
      become({ is: "live" });
    } else if (state.is === "stalled" || state.is === "reconnecting") {
      // It came back by itself, perhaps before its successor had a picture.
      cancelRetry?.();
      cancelRetry = null;
      if (state.is === "reconnecting") dropTrying();
      failures = 0;
      become({ is: "live" });
    }
  }

  function onDead(attempt: Attempt, reason: string, why: Failing) {
    if (attempt !== trying && (attempt !== shown || state.is === "reconnecting")) return;
    ways.failed(attempt.way, why);
    if (attempt === trying) {
      dropTrying();
      if (isWell()) {
        planBetter(); // nothing is lost: the picture goes on
        return;
      }
    }
    if (nobodySinceAt !== null) {
      wait(); // nobody is live and the session is gone: that was the end of the take
      return;
    }
    failures += 1;
    if (ways.next() === null) {
      giveUp();
      return;
    }
    if (trying !== null) {
      become({ is: "reconnecting", attempt: failures, nextAt: null, reason }); // its successor is on its way already
      return;
    }
    if (shown === null && why !== "other" && ways.next() !== attempt.way) {
      connect(); // the first picture comes the other way
      return;
    }
    const inMs = why !== "other" && ways.next() !== attempt.way ? 0 : retryDelayMs(failures, random);
    become({ is: "reconnecting", attempt: failures, nextAt: clock.now() + inMs, reason });
    cancelRetry = clock.after(inMs, retry);
  }

  function retry() {
    if (state.is !== "reconnecting") return;
    become({ ...state, nextAt: null });
    connect();
  }

  /** When the way on screen is not the best one, that is tried again later, less and less often. */
  function planBetter() {
    betterAt = null;
    if (shown === null || shown.way === ways.best()) return;
    const wait = BETTER_AFTER_MS[Math.min(betterTries, BETTER_AFTER_MS.length - 1)] ?? 0;
    betterTries += 1;
    betterAt = clock.now() + wait;
  }

  /** What is wanted, or possible, has changed. */
  function reconsider() {
    betterTries = 0;
    betterAt = null;
    if (state.is === "unplayable" && ways.next() !== null && stream !== "interrupted") {
      become({ is: "connecting" });
      connect();
    } else if (isWell()) {
      dropTrying();
      if (ways.best() === null) giveUp();
      else if (shown?.way !== ways.best()) betterAt = clock.now();
    } else if (trying !== null && trying.way !== ways.next()) {
      connect();
    }
  }

  function wait() {
    release();
    failures = 0;
    become({ is: "waiting" });
  }

  function giveUp() {
    release();
    become({ is: "unplayable" });
  }

  function release() {
    cancelRetry?.();
    cancelTick?.();
    cancelRetry = null;
    cancelTick = null;
    betterAt = null;
    dropTrying();
    shown?.session.close();
    shown = null;
  }

  function tick() {
    const now = clock.now();
    const isSlow = now - tickedAt > SLOW_TICK_MS;
    tickedAt = now;
    cancelTick = clock.after(TICK_MS, tick);
    if (trying !== null && isLate(trying, now)) return;
    if (shown === null || shown.frameAt === null) {
      if (nobodySinceAt !== null && now - nobodySinceAt >= NOBODY_LIVE_FOR_MS) wait();
      return;
    }
    const stillMs = now - shown.frameAt;
    if (nobodySinceAt !== null && Math.min(stillMs, now - nobodySinceAt) >= NOBODY_LIVE_FOR_MS) {
      wait();
      return;
    }
    if (state.is === "live" && stillMs >= STALLED_AFTER_MS) become({ is: "stalled", sinceAt: shown.frameAt });
    if (isWell() && stream === "live" && !isSlow && isSilent(shown, now)) {
      onDead(shown, "nothing arrives", "other");
      return;
    }
    if (shown.way === ways.best() && now - (shown.shownAt ?? now) >= LASTING_MS) betterTries = 0;
    if (state.is === "live" && trying === null && betterAt !== null && now >= betterAt) connect(ways.best());
  }

  /** Ends an attempt that takes too long. */
  function isLate(attempt: Attempt, now: number): boolean {
    const { way, openedAt, answeredAt, connectedAt } = attempt;
    const isUnconnected = way !== "hls" && answeredAt !== null && connectedAt === null;
    if (isUnconnected && now - openedAt >= CONNECTED_WITHIN_MS) {
      onDead(attempt, "no connection within 5 s", "unreachable");
      return true;
    }
    if (now - openedAt < FIRST_FRAME_WITHIN_MS[way]) return false;
    const why = answeredAt === null ? "other" : "unreachable"; // a server that does not answer does so on no way
    onDead(attempt, `no picture within ${FIRST_FRAME_WITHIN_MS[way] / 1_000} s`, why);
    return true;
  }

  function isSilent({ way, bytesAt }: Attempt, now: number): boolean {
    const mayHaveMoved = way !== "hls" && now - changedAt < CHANGE_LASTS_MS;
    const limitMs = mayHaveMoved ? NO_BYTES_AFTER_CHANGE_MS : NO_BYTES_FOR_MS[way];
    return now - Math.max(bytesAt, liveSinceAt) >= limitMs;
  }

  return {
    state: () => state,
    streamIs(next) {
      const before = stream;
      stream = next;
      if (state.is === "ended") return;
      if (next === "live" && before !== "live") liveSinceAt = clock.now();
      nobodySinceAt = next === null ? (nobodySinceAt ?? clock.now()) : null;
      if (state.is === "unplayable" && next === null) wait();
      if (next === null || next === "unknown") return;
      const canBegin = state.is === "waiting" || (state.is === "unplayable" && ways.next() !== null);
      if (canBegin) {
        if (next === "interrupted") return; // there is nothing to be seen before the encoder returns
        become({ is: "connecting" });
        connect();
      } else if (next === "live" && before !== "live" && state.is === "reconnecting" && trying === null) {
        retry();
      }
    },
    suits(next) {
      if (ways.suit(next) && state.is !== "ended") reconsider();
    },
    choose(next) {
      ways.choose(next);
      if (state.is !== "ended") reconsider();
    },
    networkChanged() {
      const now = clock.now();
      changedAt = now;
      const isStuck = trying !== null && trying.connectedAt === null && now - trying.openedAt >= TICK_MS;
      if (state.is === "reconnecting" && (trying === null || isStuck)) retry();
      else if (state.is === "connecting" && isStuck) connect();
      else if (isWell() && betterAt !== null) betterAt = Math.min(betterAt, now + BETTER_AT_LEAST_MS);
    },
    renew() {
      if (isWell()) betterAt = clock.now();
      else if (trying !== null) connect(trying.way);
    },
    stop() {
      release();
      if (state.is !== "ended") become({ is: "ended" });
    },
  };
}
