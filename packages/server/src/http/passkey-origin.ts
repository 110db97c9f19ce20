import type { FastifyRequest } from "fastify";
import type { RelyingParty } from "../auth/passkeys.js";
import { ApiError } from "./errors.js";

/**
 * Refuses a page from which no passkey can work, before anything is spent on it: the browser binds a passkey to the
 * address that it shows (W3C WebAuthn §5.1.3), and only one of ours is the relying party's.
 */
export function needPasskeyOrigin(request: FastifyRequest, { origin }: RelyingParty): void {
  if (request.headers.origin === origin) return;
  throw new ApiError("passkeys_not_here", {
    message: `Passkeys work at ${origin} here, and not at the address that this page was opened with.`,
  });
}
