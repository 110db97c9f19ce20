import { fork } from "node:child_process";
import { once } from "node:events";
import { builtFile } from "../tests/tools/root.js";
import { withDeadline } from "../tests/tools/wait.js";

/** Where is published, and how many pictures a second will come. */
export type WhipEncoderOrder = {
  readonly url: string;
  readonly key: string;
  readonly framesPerSecond: number;
};

/** Where the process takes FLV, or why it does not. */
export type WhipEncoderAnswer = { readonly port: number } | { readonly failed: string };

/** What stands between an encoder that cannot speak WHIP and the product. */
export type WhipEncoder = {
  /** The encoder sends its FLV here. */
  readonly url: string;
  close(): void;
};

const CONNECT_MS = 25_000;

/** Connects by WHIP; what an encoder then sends to the address is published. */
export async function startWhipEncoder(order: WhipEncoderOrder): Promise<WhipEncoder> {
  const child = fork(builtFile("bench/whip-encoder-child.ts"), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the WHIP process ended with code ${code}`);
  });
  ended.catch(() => {}); // after the answer its end is wanted
  child.send(order);
  const answered = Promise.race([once(child, "message"), ended]);
  const [answer] = (await withDeadline("WHIP to connect", CONNECT_MS, answered)) as [WhipEncoderAnswer];
  if ("failed" in answer) {
    child.disconnect();
    throw new Error(answer.failed);
  }
  return {
    url: `tcp://127.0.0.1:${answer.port}?tcp_nodelay=1`,
    close: () => child.disconnect(),
  };
}
