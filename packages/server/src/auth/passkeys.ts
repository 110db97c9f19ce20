import type { Passkey, WebAuthnJson } from "@colourstream/contract";
import type { StoredUser } from "../store/users.js";

/** WebAuthn's relying party: the id that passkeys are bound to and the one origin that may use them. */
export type RelyingParty = { readonly id: string; readonly origin: string };

/** Passkeys (W3C Web Authentication Level 3) by SimpleWebAuthn. Every challenge is good once, for 5 minutes. */
export type Passkeys = {
  /** True once the owner has one: from then on neither set-up link nor ADMIN_PASSWORD opens anything. */
  ownerHasOne(): Promise<boolean>;
  list(userId: string): Promise<Passkey[]>;
  /** `browser`: the secret that binds the challenge: the session's id, or the sign-in cookie's. */
  beginRegistration(user: StoredUser, browser: string): Promise<WebAuthnJson>;
  /** Null: refused, whatever the reason. */
  register(
    user: StoredUser,
    browser: string,
    credential: WebAuthnJson,
    name: string | null,
  ): Promise<Passkey | null>;
  beginSignIn(browser: string): Promise<WebAuthnJson>;
  signIn(browser: string, credential: WebAuthnJson): Promise<StoredUser | null>;
  beginStepUp(user: StoredUser, browser: string): Promise<WebAuthnJson>;
  stepUp(user: StoredUser, browser: string, credential: WebAuthnJson): Promise<boolean>;
  rename(userId: string, passkeyId: string, name: string): Promise<Passkey | null>;
  remove(userId: string, passkeyId: string): Promise<"removed" | "last" | "not-there">;
};

export function createPasskeys(): Passkeys {
  return {
    ownerHasOne: async () => false,
    list: async () => [],
    beginRegistration: notYet,
    register: notYet,
    beginSignIn: notYet,
    signIn: notYet,
    beginStepUp: notYet,
    stepUp: notYet,
    rename: notYet,
    remove: notYet,
  };
}
const notYet = (): never => {
  throw new Error("not built yet");
};
