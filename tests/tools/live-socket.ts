import type { ClientMessage, ServerMessage } from "@colourstream/contract";
import { REALTIME_PATH } from "@colourstream/contract";
import { WebSocket } from "ws";
import { waitFor } from "./wait.js";

/** A browser's socket to the product, with everything that it was told. */
export type LiveSocket = {
  readonly heard: readonly ServerMessage[];
  /** Null while it is open. */
  closed(): { readonly code: number; readonly reason: string; readonly atMs: number } | null;
  say(message: ClientMessage): void;
  /** Whatever one likes. */
  sayRaw(text: string | Buffer): void;
  /** Waits for a message of a type; one that has come already counts. */
  hear<T extends ServerMessage["type"]>(
    type: T,
    deadlineMs?: number,
  ): Promise<Extract<ServerMessage, { type: T }>>;
  end(): void;
};

const OPEN_MS = 5_000;

/** Opens a socket; rejects with the status when the upgrade is refused. */
export async function openLiveSocket(
  url: string,
  headers: { readonly cookie?: string; readonly origin?: string },
): Promise<LiveSocket> {
  const socket = new WebSocket(url.replace(/^http/, "ws") + REALTIME_PATH, {
    headers: { ...(headers.cookie !== undefined && { cookie: headers.cookie }) },
    ...(headers.origin !== undefined && { origin: headers.origin }),
    handshakeTimeout: OPEN_MS,
  });
  const heard: ServerMessage[] = [];
  let end: { code: number; reason: string; atMs: number } | null = null;
  socket.on("message", (data) => heard.push(JSON.parse(String(data)) as ServerMessage));
  socket.on("close", (code, reason) => {
    end = { code, reason: String(reason), atMs: performance.now() };
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("unexpected-response", (request, response) => {
      request.destroy();
      reject(new SocketRefused(response.statusCode ?? 0));
    });
    socket.on("error", reject);
  });
  return {
    heard,
    closed: () => end,
    say: (message) => socket.send(JSON.stringify(message)),
    sayRaw: (text) => socket.send(text),
    hear: <T extends ServerMessage["type"]>(type: T, deadlineMs = 5_000) =>
      waitFor(`the message ${type}`, deadlineMs, () =>
        heard.find((one): one is Extract<ServerMessage, { type: T }> => one.type === type),
      ),
    end: () => socket.terminate(),
  };
}

/** An upgrade that was answered with something else. */
export class SocketRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the socket was refused with ${status}`);
    this.name = "SocketRefused";
    this.status = status;
  }
}
