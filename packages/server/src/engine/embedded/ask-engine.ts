import { request as httpRequest, type IncomingMessage } from "node:http";
import { EngineAwayError } from "../engine.js";

const MAX_ANSWER_BYTES = 256 * 1024;
const DEADLINE_MS = 10_000;

/** A WHEP or WHIP request as it is passed on. */
export type EngineRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** What the engine said to it. */
export type EngineAnswer = {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
};

/** Asks the engine on its local socket. Throws `EngineAwayError` when there is no whole answer within 10 s. */
export function askEngine(
  socketPath: string,
  { method, path, headers, body }: EngineRequest,
): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    const away = (error: Error): void => reject(new EngineAwayError(error));
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const asked = httpRequest({ socketPath, path, method, headers, signal }, (answer) => {
      const parts: Buffer[] = [];
      let length = 0;
      answer.on("data", (part: Buffer) => {
        length += part.length;
        if (length > MAX_ANSWER_BYTES) answer.destroy(new Error("the engine's answer is too long"));
        else parts.push(part);
      });
      answer.once("error", away);
      answer.once("end", () => {
        resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(parts) });
      });
    });
    asked.once("error", away);
    asked.end(body);
  });
}
