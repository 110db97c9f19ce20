import { ERRORS, type ErrorBody, type ErrorCode } from "@colourstream/contract";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { PasswordsBusyError } from "../auth/password.js";
import { EngineAwayError, EngineCannotError } from "../engine/engine.js";
import { TurnsBusyError } from "../rooms/turns.js";
import { isDatabaseAway, NameTakenError } from "../store/failures.js";

/** A refusal with a code of the contract. `message` says more than the code's own sentence where there is more to say. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | null;

  constructor(code: ErrorCode, options: { message?: string; retryAfterMs?: number } = {}) {
    super(options.message ?? ERRORS[code][1]);
    this.name = "ApiError";
    this.code = code;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** The refusals of what was guessed at, and was wrong: an address with too many of them is blocked. */
export const GUESSED_WRONG: ReadonlySet<ErrorCode> = new Set([
  "set_up_code_wrong",
  "sign_in_refused",
  "passkey_refused",
  "invitation_wrong",
  "talk_link_wrong",
  "room_password_wrong",
]);

const ENGINE_BACK_MS = 2_000;
const DATABASE_BACK_MS = 5_000; // a PostgreSQL that restarts takes a few seconds

/** The one place where a failure becomes an answer. What we did wrong is logged; what the caller did is not. */
export function answerError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): ErrorCode {
  const refusal = refusalFor(error);
  if (refusal.code === "database_away") request.log.warn({ err: error }, "the database does not answer");
  if (refusal.code === "internal") request.log.error({ err: error }, "a request failed");
  if (refusal.retryAfterMs !== null) {
    reply.header("retry-after", String(Math.max(1, Math.ceil(refusal.retryAfterMs / 1000))));
  }
  // What nobody but we can explain: whoever is shown it can tell us which line of the log is theirs.
  const message =
    refusal.code === "internal" ? refusal.message.replace("this request's id", request.id) : refusal.message;
  const body: ErrorBody = { error: refusal.code, message, requestId: request.id };
  reply.status(ERRORS[refusal.code][0]).header("cache-control", "no-store").send(body);
  return refusal.code;
}

function refusalFor(error: FastifyError | Error): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof NameTakenError) return new ApiError("name_taken");
  if (error instanceof EngineAwayError) return new ApiError("engine_away", { retryAfterMs: ENGINE_BACK_MS });
  if (error instanceof EngineCannotError) return new ApiError("engine_cannot", { message: error.message });
  if (error instanceof PasswordsBusyError) return new ApiError("too_many_attempts", { retryAfterMs: 5_000 });
  if (error instanceof TurnsBusyError) return new ApiError("too_many_attempts", { retryAfterMs: 2_000 });
  const status = "statusCode" in error ? error.statusCode : undefined;
  if (status === 413) return new ApiError("too_large");
  // Fastify's own refusals of a body: not JSON, another media type, a poisoned prototype.
  if (status !== undefined && status >= 400 && status < 500) {
    return new ApiError("invalid_request", { message: error.message });
  }
  if (isDatabaseAway(error)) return new ApiError("database_away", { retryAfterMs: DATABASE_BACK_MS });
  return new ApiError("internal");
}
