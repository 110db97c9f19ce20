import type { Failing } from "./ways.js";

/** The server turned a session away. */
export class SessionRefused extends Error {
  override name = "SessionRefused";
  readonly status: number;

  constructor(status: number, detail: string) {
    super(`the server answered ${status}${detail === "" ? "" : `: ${detail.slice(0, 200)}`}`);
    this.status = status;
  }
}

/** A session that cannot work whatever the network does: the browser said so. */
export class CannotPlay extends Error {
  override name = "CannotPlay";
}

/** The server has answered, and the network has not let its media through. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

const NO_COMMON_CODEC = new Set([406, 415]);

/** Why a session could not be opened, as the viewer tells ways apart. */
export function failingOf(error: unknown): Failing {
  if (error instanceof CannotPlay) return "codec";
  if (error instanceof Unreachable) return "unreachable";
  return error instanceof SessionRefused && NO_COMMON_CODEC.has(error.status) ? "codec" : "other";
}
