import { createLocalJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { ControlFailure } from "./peer.js";
import type { PublicKeys } from "./protocol.js";

/** For whom a product's token must be made (RFC 7519 §4.1.3). */
export const ENGINE_AUDIENCE = "media-engine";
/** Who must have made it. */
export const PRODUCT_ISSUER = "colourstream";

const LIFETIME_S = 60;
const CLOCK_TOLERANCE_S = 5; // both run on one machine: this is for a clock that is being set
const MAX_SPENT = 10_000; // tokens of the last minute; a product connects once a restart

/** Checks the token that a product shows first on every control connection. */
export type ProductTokens = {
  /** Rejects with `ControlFailure` `not-trusted` for a token that is wrong in any way, or was shown before. */
  spend(token: string): Promise<void>;
  /** From now on these keys are believed, and no others. */
  trust(keys: PublicKeys): void;
};

/** Makes the check. `wallClock` counts in ms since 1970. `refused` is told the reason, which the other side is not. */
export function createProductTokens(
  keys: PublicKeys,
  wallClock: () => number,
  refused: (reason: string) => void,
): ProductTokens {
  let keySet = keySetOf(keys);
  const spent = new Map<string, number>(); // jti → until when it must be remembered

  const forgetOld = (now: number): void => {
    for (const [jti, until] of spent) if (until <= now) spent.delete(jti);
  };

  const check = async (token: string): Promise<string | null> => {
    const now = wallClock();
    let payload: Awaited<ReturnType<typeof jwtVerify>>["payload"];
    try {
      ({ payload } = await jwtVerify(token, keySet, {
        algorithms: ["EdDSA"],
        issuer: PRODUCT_ISSUER,
        audience: ENGINE_AUDIENCE,
        requiredClaims: ["exp", "iat", "jti"],
        maxTokenAge: LIFETIME_S,
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(now),
      }));
    } catch (error) {
      if (error instanceof errors.JOSEError) return error.code;
      throw error;
    }
    const { jti, exp } = payload;
    if (typeof jti !== "string" || jti.length > 64 || exp === undefined) return "claims of another form";
    forgetOld(now);
    if (spent.has(jti)) return "shown before";
    if (spent.size >= MAX_SPENT) return `more than ${MAX_SPENT} tokens in a minute`;
    // Remembered for as long as its age lets it pass, whatever end it names.
    spent.set(jti, now + (LIFETIME_S + 2 * CLOCK_TOLERANCE_S) * 1000);
    return null;
  };

  return {
    spend: async (token) => {
      const reason = await check(token);
      if (reason === null) return;
      refused(reason);
      throw new ControlFailure("not-trusted", "the token was not accepted");
    },
    trust: (next) => {
      keySet = keySetOf(next);
    },
  };
}

function keySetOf({ keys }: PublicKeys): JWTVerifyGetKey {
  return createLocalJWKSet({ keys: [...keys] });
}
