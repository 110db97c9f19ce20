import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIP } from "node:net";
import { ProtocolError } from "../../wire/protocol-error.js";
import { RequestProblem, writeProblem } from "./problem.js";

/** Signalling is small: 8 KiB of headers, and a request that takes longer than this is not honest. */
const MAX_HEADER_BYTES = 8 * 1024;
const HEADERS_MS = 5000;
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 512;

/** What a request's path names: the place to POST to, or one session. */
export type Target = { readonly is: "endpoint" } | { readonly is: "session"; readonly id: string };

/** Answers a request by itself or by throwing a `RequestProblem`. */
export type Answer = (target: Target, request: IncomingMessage, response: ServerResponse) => Promise<void>;

const SESSION_PATH = /^\/whep\/([A-Za-z0-9_-]{22})$/;

/** WHEP's HTTP on a local socket: the product passes browsers' requests on to it. */
export async function listenHttp(path: string, answer: Answer): Promise<Server> {
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: 1000,
  };
  const server = createServer(options, (request, response) => {
    void answerOne(answer, request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => resolve());
  });
  return server;
}

async function answerOne(answer: Answer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await answer(targetOf(request), request, response);
  } catch (error) {
    const problem = problemOf(error);
    if (problem === null) throw error;
    if (!response.headersSent) writeProblem(response, problem);
  }
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

function targetOf(request: IncomingMessage): Target {
  const [path = ""] = (request.url ?? "").split("?");
  if (path === "/whep") return { is: "endpoint" };
  const id = SESSION_PATH.exec(path)?.[1];
  if (id === undefined) throw new RequestProblem(404, "not_found", "there is nothing at this address");
  return { is: "session", id };
}

/** Whom the product answers for: the last address it put there. */
export function clientAddress(request: IncomingMessage): string {
  const header = request.headers["x-forwarded-for"];
  const last = (Array.isArray(header) ? header.join() : (header ?? "")).split(",").at(-1)?.trim() ?? "";
  return isIP(last) === 0 ? "unknown" : last;
}
