import { createSocket } from "node:dgram";

const ANSWER_MS = 1_000;

/** Why a UDP port of this machine cannot be opened, as the system calls it; null: it can. */
export function udpPortFailure(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", (error) => {
      socket.close(() => resolve("code" in error ? String(error.code) : error.message));
    });
    socket.bind(port, () => socket.close(() => resolve(null)));
  });
}

/** Sends a datagram to ourselves. Null when it arrives, else what went wrong. */
export function tryUdpLoopback(): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const end = (failure: string | null): void => {
      clearTimeout(timer);
      socket.close();
      resolve(failure);
    };
    const timer = setTimeout(() => end(`nothing came back within ${ANSWER_MS} ms: a firewall?`), ANSWER_MS);
    socket.once("error", (error) => end(error.message));
    socket.once("message", () => end(null));
    socket.bind(0, "127.0.0.1", () => socket.send("colourstream", socket.address().port, "127.0.0.1"));
  });
}
