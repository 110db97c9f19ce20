import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isIP } from "node:net";
import { ProtocolError } from "../../wire/protocol-error.js";
import { RequestProblem, writeProblem } from "./problem.js";

/** Requests are small: 8 KiB of headers, and a request that takes longer than this is not honest. */
const MAX_HEADER_BYTES = 8 * 1024;
const HEADERS_MS = 5000;
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 1024; // HLS viewers hold one each while they wait for a part

/**
 * Answers a request by itself or by throwing a `RequestProblem`. `rest` is what stands behind the part's name in the
 * path, without the slash between and without the query: "" for `/whep`, "abc" for `/whep/abc`.
 */
export type Answer = (rest: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The engine's HTTP: what it serves, by the first word of the path. */
export type HttpParts = Readonly<Record<string, Answer>>;

/** The open socket. */
export type LocalHttp = { close(): Promise<void> };

/** HTTP on a local socket: the product passes browsers' requests on to it. */
export async function listenHttp(path: string, parts: HttpParts): Promise<LocalHttp> {
  // A Unix socket outlives the process that was killed with it open.
  if (!path.startsWith("\\\\.\\pipe\\")) await rm(path, { force: true });
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: 1000,
  };
  const server = createServer(options, (request, response) => {
    void answerOne(parts, request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => resolve());
  });
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answerOne(
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const [path = ""] = (request.url ?? "").split("?");
    const [, name = "", ...rest] = path.split("/");
    const answer = Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (answer === undefined) throw nothingHere();
    await answer(rest.join("/"), request, response);
  } catch (error) {
    const problem = problemOf(error);
    if (problem === null) throw error;
    if (!response.headersSent) writeProblem(response, problem);
    else response.destroy();
  }
}

/** The answer for an address with nothing behind it. */
export function nothingHere(): RequestProblem {
  return new RequestProblem(404, "not_found", "there is nothing at this address");
}

function problemOf(error: unknown) {
  if (error instanceof RequestProblem) return error.problem;
  if (error instanceof ProtocolError) return { status: 400, error: "bad_sdp", message: error.message };
  // The requester went away while it was still sending.
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE") {
    return { status: 400, error: "aborted", message: "the request ended before its body" };
  }
  return null;
}

/** Whom the product answers for: the last address it put there. */
export function clientAddress(request: IncomingMessage): string {
  const header = request.headers["x-forwarded-for"];
  const last = (Array.isArray(header) ? header.join() : (header ?? "")).split(",").at(-1)?.trim() ?? "";
  return isIP(last) === 0 ? "unknown" : last;
}
