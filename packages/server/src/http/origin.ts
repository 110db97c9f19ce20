import { ApiError } from "./errors.js";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Where our own pages come from. `port` is asked late: with port 0 it is known only once the server listens. */
export type OwnOrigins = { readonly publicUrl: string | null; readonly port: () => number };

/**
 * Refuses what another site's page makes a browser send. Every method that changes something, and the WebSocket's
 * upgrade, must name an origin of ours; a browser always does. Without PUBLIC_URL our origin is whatever host the
 * browser believes it talks to.
 */
export function needOwnOrigin(
  own: OwnOrigins,
  asked: { method: string; isUpgrade: boolean; origin: string | undefined; host: string | undefined },
): void {
  if (SAFE_METHODS.has(asked.method) && !asked.isUpgrade) return;
  if (asked.origin === undefined) {
    throw new ApiError("origin_wrong", { message: "The request has no Origin header; browsers send one." });
  }
  if (isOwnOrigin(own, asked.origin, asked.host)) return;
  const expected = own.publicUrl ?? "the address that the page was opened with";
  throw new ApiError("origin_wrong", {
    message: `Expected origin ${expected}, got ${asked.origin.slice(0, 200)}.`,
  });
}

/** True when the origin is one of ours. */
export function isOwnOrigin(own: OwnOrigins, origin: string, host: string | undefined): boolean {
  if (origin === own.publicUrl) return true;
  const port = own.port();
  if ([`http://localhost:${port}`, `http://127.0.0.1:${port}`, `http://[::1]:${port}`].includes(origin))
    return true;
  if (own.publicUrl !== null || host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  return ["http:", "https:"].includes(protocol) && originHost === host.toLowerCase();
}
