import { request as httpRequest, type IncomingMessage } from "node:http";
import { EngineAwayError } from "../engine.js";

const HEAD_MS = 15_000; // it asks for admission (12 s at most), or holds a request for a part that comes (6 s)

/** A request as it is passed on. */
export type OpenRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Whoever asked has gone. */
  readonly signal: AbortSignal;
};

/** What the engine says to it; the body is still on its way. */
export type OpenAnswer = {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: IncomingMessage;
};

/** Asks the engine on its local socket. Throws `EngineAwayError` when it does not begin to answer within 15 s. */
export function openEngine(
  socketPath: string,
  { method, path, headers, body: sent, signal }: OpenRequest,
): Promise<OpenAnswer> {
  return new Promise((resolve, reject) => {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), HEAD_MS);
    const asked = httpRequest(
      { socketPath, path, method, headers, signal: AbortSignal.any([signal, late.signal]) },
      (body) => {
        clearTimeout(timer);
        resolve({ status: body.statusCode ?? 502, headers: body.headers, body });
      },
    );
    asked.once("error", (error) => {
      clearTimeout(timer);
      reject(new EngineAwayError(error));
    });
    asked.end(sent);
  });
}
