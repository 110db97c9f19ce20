import type { WebAuthnJson } from "@colourstream/contract";
import type { Authenticator, AuthenticatorFaults } from "../tools/authenticator.js";
import type { ApiAnswer, ApiClient } from "../tools/product.js";

/** Adds a passkey to the login that the client holds; the answer may be a refusal. */
export async function tryRegister(
  client: ApiClient,
  authenticator: Authenticator,
  origin: string,
  faults: AuthenticatorFaults = {},
): Promise<ApiAnswer<{ passkey: { id: string } }>> {
  const options = await client.ask<WebAuthnJson>("POST", "/passkeys/options");
  const credential = authenticator.create(options, { origin, ...faults });
  return client.send("POST", "/passkeys", { credential });
}

/** Signs in with the authenticator's newest passkey; the answer may be a refusal. */
export async function trySignIn(
  client: ApiClient,
  authenticator: Authenticator,
  origin: string,
  faults: AuthenticatorFaults = {},
): Promise<ApiAnswer<{ error?: string; message?: string }>> {
  const options = await client.ask<WebAuthnJson>("POST", "/sign-in/options");
  return client.send("POST", "/sign-in", { credential: authenticator.get(options, { origin, ...faults }) });
}
