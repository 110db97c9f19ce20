import { once } from "node:events";
import type { ServerMessage } from "@colourstream/contract";
import WebSocket from "ws";
import type { Browser, TestServer } from "./server.js";

type Message<T extends ServerMessage["type"]> = Extract<ServerMessage, { type: T }>;

/** A page's socket to the test server, with what it has heard. */
export type Line = {
  readonly heard: ServerMessage[];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  say(what: unknown): void;
  /** The first message of the type that fits, within 8 s; those already heard count. */
  until<T extends ServerMessage["type"]>(
    type: T,
    fits?: (message: Message<T>) => boolean,
  ): Promise<Message<T>>;
  forget(): void;
};

const WITHIN_MS = 8_000; // two busy cores; what comes is there within milliseconds

/** Opens the socket as this browser. */
export async function openLine(server: TestServer, browser: Browser): Promise<Line> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v1/realtime`, {
    headers: { cookie: browser.cookieHeader(), origin: server.url },
  });
  const heard: ServerMessage[] = [];
  socket.on("message", (text) => heard.push(JSON.parse(String(text)) as ServerMessage));
  const closed = once(socket, "close").then(([code]) => code as number);
  await once(socket, "open");
  return {
    heard,
    socket,
    closed,
    say: (what) => socket.send(typeof what === "string" ? what : JSON.stringify(what)),
    until: async <T extends ServerMessage["type"]>(type: T, fits?: (message: Message<T>) => boolean) => {
      const end = performance.now() + WITHIN_MS;
      for (;;) {
        const found = heard.find(
          (message): message is Message<T> =>
            message.type === type && (fits?.(message as Message<T>) ?? true),
        );
        if (found !== undefined) return found;
        if (performance.now() > end)
          throw new Error(`no such ${type} within ${WITHIN_MS} ms; heard ${JSON.stringify(heard)}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    forget: () => {
      heard.length = 0;
    },
  };
}
