import { ClientMessage, MAX_CLIENT_MESSAGE_BYTES, type ServerMessage } from "@colourstream/contract";
import { Compile } from "typebox/compile";
import type { RawData, WebSocket } from "ws";
import { CALL, createMessageBudget, type MessageAllowance, ORDINARY, type Verdict } from "./budget.js";

const MAX_UNSENT_BYTES = 1024 * 1024; // a reader that stands still; it gets everything anew when it is back
const MAX_WAITING = 200; // messages of one kind held back by the budget
const MAX_WAITING_CHARACTERS = 1024 * 1024; // and all of them together: 30 offers of the largest kind
const PING_EVERY_MS = 15_000;
const message = Compile(ClientMessage);
/** The kind can be told from the first letters alone, as JSON.stringify writes them where `type` comes first. */
const KIND = /^\{"type":"(call|watch)\./;

/** RFC 6455 §7.4.1. */
const POLICY_VIOLATION = 1008;

/** One browser's socket, guarded: what it says is checked and counted, what it is told is bounded. */
export type Connection = {
  send(said: ServerMessage): void;
  /** The same, of a message that was written once for many. */
  sendText(text: Uint8Array): void;
  close(code: number, reason: string): void;
};

/** What stands in line. Neither line waits for the other: a call's hundred candidates do not hold up a word in the chat. */
type Lane = { readonly verdict: () => Verdict; waiting: number; order: Promise<void> };

/**
 * Guards a socket. `hear` gets valid messages, each kind in its order: those of the call at 60 a second at most, all
 * others at 20. What comes after a `watch` is heard after it, of whatever kind it is.
 */
export function guardConnection(
  socket: WebSocket,
  hear: (said: ClientMessage) => Promise<void> | void,
  onFailure: (error: unknown) => void,
): Connection {
  const lane = (allowance: MessageAllowance): Lane => ({
    verdict: createMessageBudget(allowance, () => performance.now()),
    waiting: 0,
    order: Promise.resolve(),
  });
  const [ordinary, call] = [lane(ORDINARY), lane(CALL)];
  let waitingCharacters = 0;
  let answered = true;

  const close = (code: number, reason: string): void => {
    socket.close(code, reason);
    setTimeout(() => socket.terminate(), 1_000).unref(); // one that does not answer the closing
  };

  const sendText = (text: Uint8Array | string): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
      socket.terminate();
      return;
    }
    socket.send(text, { binary: false });
  };
  const send = (said: ServerMessage): void => sendText(JSON.stringify(said));

  const take = async (text: string, kind: string | undefined): Promise<void> => {
    if (socket.readyState !== socket.OPEN) return;
    const said = parse(text);
    // With two `type`s in it the last one counts: it must not be another kind than the first, whose budget it took.
    if (said === null || (kind === "call" && !said.type.startsWith("call.")))
      send({ type: "refused", error: "invalid_request", message: "That is not a message of ours." });
    else await hear(said);
  };

  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (socket.readyState !== socket.OPEN) return; // is being closed
    const text = isBinary ? "" : data.toString();
    const kind = KIND.exec(text)?.[1];
    const own = kind === "call" ? call : ordinary;
    const next = own.verdict();
    const isFull = own.waiting >= MAX_WAITING || waitingCharacters + text.length > MAX_WAITING_CHARACTERS;
    if (next === "close" || isFull) {
      close(POLICY_VIOLATION, "too many messages");
      return;
    }
    own.waiting += 1;
    waitingCharacters += text.length;
    const pause = next.in === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, next.in));
    const before = kind === "watch" ? [ordinary.order, call.order] : [own.order];
    own.order = Promise.all([...before, pause])
      .then(() => take(text, kind))
      .catch(onFailure)
      .finally(() => {
        own.waiting -= 1;
        waitingCharacters -= text.length;
      });
    if (kind === "watch") call.order = own.order;
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
  return { send, sendText, close };
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
