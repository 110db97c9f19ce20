import type { IncomingMessage } from "node:http";
import { RequestProblem } from "./problem.js";

/** Reads a body up to `limit` bytes. A longer one is refused before it has arrived. */
export async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  const tooLarge = () =>
    new RequestProblem(413, "too_large", `expected at most ${limit} bytes`, { connection: "close" });
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The bearer's ticket (RFC 6750 §2.1); null when there is none. */
export function bearerOf(request: IncomingMessage): string | null {
  const match = /^Bearer ([A-Za-z0-9\-._~+/]{1,512}=*)$/i.exec(request.headers.authorization ?? "");
  return match?.[1] ?? null;
}

/** Refuses a body that says it is something else; parameters of the type do not matter. */
export function expectType(request: IncomingMessage, type: string): void {
  const [given = ""] = (request.headers["content-type"] ?? "").split(";");
  if (given.trim().toLowerCase() === type) return;
  const message = `expected content-type ${type}, got ${given.trim().slice(0, 60) || "none"}`;
  throw new RequestProblem(415, "unsupported_type", message);
}
