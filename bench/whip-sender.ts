import { type ChildProcess, fork } from "node:child_process";
import { builtFile } from "../tests/tools/root.js";
import { withDeadline } from "../tests/tools/wait.js";

/** What is published, and where. */
export type WhipSenderOrder = { readonly clip: string; readonly httpPath: string; readonly key: string };

/** When a picture's last packet had been handed to the kernel. */
export type SentPicture = { readonly fingerprint: string; readonly atMs: number };

/** A WHIP publisher at work. */
export type WhipSender = {
  /** What it has sent since the last call. */
  sent(): Promise<readonly SentPicture[]>;
  close(): void;
};

const CONNECT_MS = 25_000;
const ANSWER_MS = 10_000;

/** Starts one, and waits until its pictures flow. */
export async function startWhipSender(order: WhipSenderOrder): Promise<WhipSender> {
  const child = fork(builtFile("bench/whip-sender-child.ts"), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.send(order);
  await withDeadline("the WHIP sender to publish", CONNECT_MS, messageOf(child));
  return {
    async sent() {
      const answer = messageOf(child);
      child.send("sent?");
      return ((await withDeadline("the WHIP sender's list", ANSWER_MS, answer)) as { sent: SentPicture[] })
        .sent;
    },
    close: () => child.disconnect(),
  };
}

function messageOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once("message", (message) => {
      child.removeAllListeners("exit");
      resolve(message);
    });
    child.once("exit", (code) => reject(new Error(`the WHIP sender ended with code ${code}`)));
  });
}
