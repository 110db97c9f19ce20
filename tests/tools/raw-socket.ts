import { connect, type Socket } from "node:net";
import { pause } from "./wait.js";

/** A TCP connection whose end is known. */
export type RawSocket = {
  readonly socket: Socket;
  /** Resolves with the milliseconds from the start of the connection to its end, however it ended. */
  readonly closedAfterMs: Promise<number>;
  isOpen(): boolean;
  received(): Buffer;
};

const MAX_RECEIVED = 1024 * 1024;

/** Connects to a loopback port; a refusal counts as closed at once. */
export function openRaw(port: number): RawSocket {
  const startedAt = performance.now();
  const socket = connect(port, "127.0.0.1");
  const parts: Buffer[] = [];
  let bytes = 0;
  let isClosed = false;
  socket.on("error", () => socket.destroy()); // reset or refused: `close` follows
  socket.on("data", (part: Buffer) => {
    bytes += part.length;
    if (bytes <= MAX_RECEIVED) parts.push(part);
  });
  const closedAfterMs = new Promise<number>((resolve) => {
    socket.once("close", () => {
      isClosed = true;
      resolve(performance.now() - startedAt);
    });
  });
  return { socket, closedAfterMs, isOpen: () => !isClosed, received: () => Buffer.concat(parts) };
}

/** Sends a text one byte a second to each of the sockets until all are closed or the time is over; gives who is left. */
export async function drip(sockets: readonly RawSocket[], text: string, forMs: number): Promise<number> {
  const endAt = performance.now() + forMs;
  for (let at = 0; performance.now() < endAt; at += 1) {
    const open = sockets.filter((one) => one.isOpen());
    if (open.length === 0) return 0;
    for (const one of open) one.socket.write(text[at % text.length] ?? "x");
    await pause(1000);
  }
  return sockets.filter((one) => one.isOpen()).length;
}
