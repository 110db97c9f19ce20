import type { WebAuthnJson } from "@colourstream/contract";
import { browserSupportsWebAuthnAutofill } from "@simplewebauthn/browser";
import { showPasskey, stopAsking } from "./ceremony.js";
import { PasskeyProblem } from "./problem.js";

/** The server's challenge lives for 5 minutes: the browser gets a new one before a person could choose with a dead one. */
const RENEW_AFTER_MS = 4 * 60_000;

/** Whether this browser lists passkeys under a field (conditional mediation, W3C Web Authentication Level 3 §5.1.4.1). */
export function canAutofill(): Promise<boolean> {
  return browserSupportsWebAuthnAutofill();
}

/** The browser's part, as the tests play it. */
export type Asking = {
  readonly show: (options: WebAuthnJson) => Promise<WebAuthnJson>;
  readonly stop: () => void;
};

const browserAsking: Asking = { show: (options) => showPasskey(options, "autofill"), stop: stopAsking };

/**
 * Offers passkeys under the page's field until one is chosen, with a challenge that is never older than 4 minutes.
 * Null when a dialog took its place or `signal` aborted. Throws what `begin` throws, and other passkey problems.
 */
export async function offerPasskeys(
  begin: () => Promise<WebAuthnJson>,
  signal: AbortSignal,
  asking: Asking = browserAsking,
): Promise<WebAuthnJson | null> {
  while (!signal.aborted) {
    const options = await begin();
    if (signal.aborted) return null;
    let isDue = false;
    const renewal = setTimeout(() => {
      isDue = true;
      asking.stop();
    }, RENEW_AFTER_MS);
    const onAbort = () => asking.stop();
    signal.addEventListener("abort", onAbort);
    try {
      return await asking.show(options);
    } catch (error) {
      if (!(error instanceof PasskeyProblem) || error.code !== "replaced") throw error;
      if (!isDue) return null;
    } finally {
      clearTimeout(renewal);
      signal.removeEventListener("abort", onAbort);
    }
  }
  return null;
}
