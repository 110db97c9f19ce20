import { connect } from "node:net";

const CONNECT_MS = 2_000;

/**
 * One line to a local socket, everything back. Null when nobody listens there, or when it ended before it answered.
 * A path in the file system cannot lead off this machine: the rules for addresses do not apply.
 */
export function askLocal(path: string, line: string, deadlineMs: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    let text = "";
    let isConnected = false;
    const slow = (): void => {
      socket.destroy(new Error(`the process that holds ${path} does not answer`));
    };
    const connecting = setTimeout(slow, CONNECT_MS);
    socket.setTimeout(deadlineMs, slow);
    socket.once("connect", () => {
      isConnected = true;
      clearTimeout(connecting);
      socket.write(`${line}\n`);
    });
    socket.once("error", (error) => {
      clearTimeout(connecting);
      const code = "code" in error ? String(error.code) : "";
      const hasGone = isConnected ? ["ECONNRESET", "EPIPE"] : ["ENOENT", "ECONNREFUSED"];
      if (hasGone.includes(code)) resolve(null);
      else reject(error);
    });
    socket.on("data", (part: Buffer) => {
      text += part.toString();
    });
    socket.once("end", () => {
      socket.destroy();
      resolve(text === "" ? null : text);
    });
  });
}
