import { type ClientMessage, REALTIME_PATH, type ServerMessage } from "@colourstream/contract";
import type { Clock } from "./clock.js";
import { addSample, type ClockEstimate, type ClockSample, estimateOffset } from "./clock-offset.js";
import { retryDelayMs } from "./ladder.js";

/** What a page wants to hear. */
export type Watch = Extract<ClientMessage, { type: `watch.${string}` }>;

/** How the connection is. `opening` is the first attempt only: nothing is wrong yet. */
export type Link = { is: "opening" } | { is: "up" } | { is: "down"; attempt: number; sinceAt: number };

/** The part of a WebSocket that is used here. */
export type Socket = Pick<WebSocket, "send" | "close" | "readyState"> & {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
};

/** What the realtime client needs from its surroundings and whom it tells. */
export type RealtimePorts = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly open: () => Socket;
  readonly onMessage: (message: ServerMessage) => void;
  readonly onLink: (link: Link) => void;
};

/** A connection that lives until `close`. */
export type Realtime = {
  clock(): ClockEstimate | null;
  /** False while the connection is away: it was not said, and will not be. */
  say(message: ClientMessage): boolean;
  /** Ends a wait between attempts: the network has come back, or the page has. */
  retryNow(): void;
  close(): void;
};

const OPEN = 1; // WebSocket.OPEN
const OPEN_WITHIN_MS = 8_000;
const CLOCK_BURST_MS = 250; // the first samples come quickly, so that a latency can be told after a second
const CLOCK_BURST = 5;
const CLOCK_EVERY_MS = 5_000;
const SILENT_FOR_MS = 12_000; // two clock questions without any answer: the connection is dead, whatever TCP says

/** The realtime address on the page's own origin. */
export function openRealtimeSocket(): Socket {
  const address = new URL(REALTIME_PATH, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(address) as Socket;
}

/** Keeps one WebSocket open for one watch: reconnects by the ladder, says its watch anew, and asks for the time. */
export function connectRealtime(watch: Watch, ports: RealtimePorts): Realtime {
  const { clock, random } = ports;
  let socket: Socket | null = null;
  let samples: ClockSample[] = [];
  let attempt = 0;
  let downSinceAt: number | null = null;
  let heardAt = clock.now();
  let closed = false;
  let cancelWait: (() => void) | null = null;
  let cancelTick: (() => void) | null = null;

  function say(message: ClientMessage): boolean {
    if (socket?.readyState !== OPEN) return false;
    socket.send(JSON.stringify(message));
    return true;
  }

  function askClock(asked: number) {
    if (clock.now() - heardAt > SILENT_FOR_MS) {
      lost();
      return;
    }
    say({ type: "clock", clientAt: clock.now() });
    cancelTick = clock.after(asked < CLOCK_BURST ? CLOCK_BURST_MS : CLOCK_EVERY_MS, () =>
      askClock(asked + 1),
    );
  }

  function hear(text: unknown) {
    heardAt = clock.now();
    const message = parseServerMessage(text);
    if (message === null) return;
    if (message.type === "clock") {
      samples = addSample(samples, {
        sentAt: message.clientAt,
        serverAt: message.serverAt,
        receivedAt: clock.now(),
      });
    }
    if (message.type !== "refused") attempt = 0;
    ports.onMessage(message);
  }

  function lost() {
    if (closed) return;
    release();
    attempt += 1;
    downSinceAt ??= clock.now();
    ports.onLink({ is: "down", attempt, sinceAt: downSinceAt });
    cancelWait = clock.after(retryDelayMs(attempt, random), dial);
  }

  function dial() {
    cancelWait?.();
    cancelWait = null;
    const mine = ports.open();
    socket = mine;
    cancelTick = clock.after(OPEN_WITHIN_MS, lost);
    mine.onopen = () => {
      cancelTick?.();
      heardAt = clock.now();
      downSinceAt = null;
      say(watch);
      ports.onLink({ is: "up" });
      askClock(1);
    };
    mine.onmessage = (event) => hear(event.data);
    mine.onclose = lost;
  }

  function release() {
    cancelTick?.();
    cancelTick = null;
    cancelWait?.();
    cancelWait = null;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
    socket = null;
  }

  ports.onLink({ is: "opening" });
  dial();
  return {
    clock: () => estimateOffset(samples),
    say,
    retryNow() {
      if (!closed && cancelWait !== null) dial();
    },
    close() {
      closed = true;
      release();
    },
  };
}

/** The server is ours and of the same build, so its messages are believed once they are objects with a type. */
function parseServerMessage(text: unknown): ServerMessage | null {
  if (typeof text !== "string") return null;
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  return value as ServerMessage;
}
