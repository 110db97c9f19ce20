import type { IncomingMessage } from "node:http";
import { EngineAwayError } from "../engine.js";
import { openEngine } from "./open-engine.js";

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
export async function askEngine(socketPath: string, request: EngineRequest): Promise<EngineAnswer> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const { status, headers, body } = await openEngine(socketPath, { ...request, signal });
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > MAX_ANSWER_BYTES) throw new Error("the engine's answer is too long");
      parts.push(part);
    }
  } catch (error) {
    throw new EngineAwayError(error instanceof Error ? error : undefined);
  }
  return { status, headers, body: Buffer.concat(parts) };
}
