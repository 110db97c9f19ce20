import type { ServerResponse } from "node:http";

/** An answer that is not a success: a stable code for programs and a sentence for people. */
export type Problem = {
  readonly status: number;
  readonly error: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Thrown by what answers a request and caught in one place, which writes it. */
export class RequestProblem extends Error {
  readonly problem: Problem;

  constructor(status: number, error: string, message: string, headers?: Readonly<Record<string, string>>) {
    super(message);
    this.problem = headers === undefined ? { status, error, message } : { status, error, message, headers };
  }
}

/** RFC 9457's media type with our two members. */
export function writeProblem(response: ServerResponse, problem: Problem): void {
  const body = JSON.stringify({ error: problem.error, message: problem.message });
  response.writeHead(problem.status, {
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...problem.headers,
  });
  response.end(body);
}
