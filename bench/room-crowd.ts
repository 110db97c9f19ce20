import { performance } from "node:perf_hooks";
import { WebSocket } from "ws";
import { pause, waitFor, withDeadline } from "../tests/tools/wait.js";

/** One page on a channel: what it hears is given on with the time at which it had been read. */
export type Listener = {
  say(message: unknown): void;
  /** Resolves once the other side has closed it too. */
  end(): Promise<void>;
};

/** How long after a message was sent somebody had it, in milliseconds. */
export type Delays = {
  /** For each message the one who had it last. */
  readonly toTheLast: readonly number[];
  readonly toEach: readonly number[];
};

/** What is sent through a channel, and how it is known again where it comes out. */
export type Traffic = {
  readonly messages: number;
  readonly everyMs: number;
  /** Sends the number-th message. */
  send(number: number): void;
};

const OPEN_MS = 10_000;
const LAST_MS = 15_000;

/** Opens one; `hear` gets the listener's number and each message. */
export async function openListener(
  url: string,
  cookie: string | null,
  origin: string,
  hear: (message: unknown) => void,
): Promise<Listener> {
  const socket = new WebSocket(url, {
    origin,
    handshakeTimeout: OPEN_MS,
    ...(cookie !== null && { headers: { cookie } }),
  });
  socket.on("message", (bytes) => hear(JSON.parse(String(bytes))));
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return {
    say: (message) => socket.send(JSON.stringify(message)),
    end: () => {
      socket.close();
      return withDeadline("a socket to close", OPEN_MS, closed);
    },
  };
}

/** Takes the times of messages that go to a number of listeners. */
export function stopwatch(listeners: number) {
  const sentAt = new Map<number, number>();
  const heard = new Map<number, number[]>();

  /** A listener has heard the number-th message. */
  function heardBy(number: number): void {
    const at = sentAt.get(number);
    if (at === undefined) return; // from before
    const delays = heard.get(number) ?? [];
    heard.set(number, delays);
    delays.push(performance.now() - at);
  }

  /** Sends everything at its time and waits until all have heard all of it. */
  async function run(traffic: Traffic, from: number): Promise<Delays> {
    const startedAt = performance.now();
    const numbers = Array.from({ length: traffic.messages }, (_, at) => from + at);
    for (const [at, number] of numbers.entries()) {
      await pause(Math.max(0, startedAt + at * traffic.everyMs - performance.now()));
      sentAt.set(number, performance.now());
      traffic.send(number);
    }
    const all = () => numbers.every((number) => (heard.get(number)?.length ?? 0) >= listeners);
    await waitFor("the last of them to hear the last message", LAST_MS, all, 50).catch((error: unknown) => {
      const short = numbers.filter((number) => (heard.get(number)?.length ?? 0) < listeners);
      throw new Error(`${String(error)}: ${short.length} of ${numbers.length} did not reach everybody`);
    });
    const delays = numbers.map((number) => heard.get(number) ?? []);
    return { toTheLast: delays.map((ones) => Math.max(...ones)), toEach: delays.flat() };
  }
  return { heardBy, run };
}
