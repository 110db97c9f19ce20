import { ClientMessage, MAX_CLIENT_MESSAGE_BYTES, type ServerMessage } from "@colourstream/contract";
import { Compile } from "typebox/compile";
import type { RawData, WebSocket } from "ws";
import { createMessageBudget } from "./budget.js";

const MAX_UNSENT_BYTES = 1024 * 1024; // a reader that stands still; it gets everything anew when it is back
const MAX_WAITING = 200; // messages held back by the budget
const PING_EVERY_MS = 15_000;
const message = Compile(ClientMessage);

/** RFC 6455 §7.4.1. */
const POLICY_VIOLATION = 1008;

/** One browser's socket, guarded: what it says is checked and counted, what it is told is bounded. */
export type Connection = {
  send(said: ServerMessage): void;
  close(code: number, reason: string): void;
};

/** Guards a socket. `hear` gets valid messages, in order, at 20 a second at most. */
export function guardConnection(
  socket: WebSocket,
  hear: (said: ClientMessage) => Promise<void> | void,
  onFailure: (error: unknown) => void,
): Connection {
  const verdict = createMessageBudget(() => performance.now());
  let waiting = 0;
  let answered = true;
  let order: Promise<void> = Promise.resolve();

  const close = (code: number, reason: string): void => {
    socket.close(code, reason);
    setTimeout(() => socket.terminate(), 1_000).unref(); // one that does not answer the closing
  };

  const send = (said: ServerMessage): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
      socket.terminate();
      return;
    }
    socket.send(JSON.stringify(said));
  };

  const take = async (text: string): Promise<void> => {
    if (socket.readyState !== socket.OPEN) return;
    const said = parse(text);
    if (said === null)
      send({ type: "refused", error: "invalid_request", message: "That is not a message of ours." });
    else await hear(said);
  };

  socket.on("message", (data: RawData, isBinary: boolean) => {
    const next = verdict();
    if (next === "close" || waiting >= MAX_WAITING) {
      close(POLICY_VIOLATION, "more than 100 messages in a second");
      return;
    }
    const text = isBinary ? "" : data.toString();
    waiting += 1;
    const pause = next.in === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, next.in));
    order = Promise.all([order, pause])
      .then(() => take(text))
      .catch(onFailure)
      .finally(() => {
        waiting -= 1;
      });
  });

  const heartbeat = setInterval(() => {
    if (!answered) socket.terminate();
    answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, PING_EVERY_MS).unref();
  socket.on("pong", () => {
    answered = true;
  });
  socket.on("close", () => clearInterval(heartbeat));
  socket.on("error", () => socket.terminate()); // a frame against the protocol; ws has sent its closing code
  return { send, close };
}

/** What `ws` is set up with: a longer message closes the socket with 1009 before it is kept. */
export const SOCKET_OPTIONS = { maxPayload: MAX_CLIENT_MESSAGE_BYTES, perMessageDeflate: false } as const;

function parse(text: string): ClientMessage | null {
  try {
    const value: unknown = JSON.parse(text);
    return message.Check(value) ? value : null;
  } catch {
    return null;
  }
}
