import type {
  BodyOf,
  passkeyRoutes,
  ResponseOf,
  Session,
  sessionRoutes,
  WebAuthnJson,
} from "@colourstream/contract";
import type { Asking, Authenticator } from "./authenticator.js";

/** Asks the API as one browser does; anything but a success is thrown. */
export type Ask = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** Adds a passkey of this authenticator to the account that is signed in. */
export async function addPasskey(
  ask: Ask,
  authenticator: Authenticator,
  asking: Asking,
  name?: string,
): Promise<ResponseOf<typeof passkeyRoutes.addPasskey>> {
  const options = await ask<WebAuthnJson>("POST", "/passkeys/options");
  const credential = authenticator.create(options, asking);
  const body: BodyOf<typeof passkeyRoutes.addPasskey> =
    name === undefined ? { credential } : { credential, name };
  return ask("POST", "/passkeys", body);
}

/** Spends a set-up, recovery or colourist's link and adds the first passkey: a full login. */
export async function enrol(
  ask: Ask,
  link: string,
  authenticator: Authenticator,
  asking: Asking,
  name?: string,
): Promise<Session> {
  const code = new URL(link).hash.slice(1);
  const body: BodyOf<typeof sessionRoutes.setUp> = name === undefined ? { code } : { code, name };
  await ask<Session>("POST", "/set-up", body);
  return (await addPasskey(ask, authenticator, asking)).session;
}

/** Signs in by passkey, without saying who. */
export async function signIn(ask: Ask, authenticator: Authenticator, asking: Asking): Promise<Session> {
  const options = await ask<WebAuthnJson>("POST", "/sign-in/options");
  return ask("POST", "/sign-in", { credential: authenticator.get(options, asking) });
}

/** Shows a passkey again, before a dangerous act. */
export async function stepUp(ask: Ask, authenticator: Authenticator, asking: Asking): Promise<Session> {
  const options = await ask<WebAuthnJson>("POST", "/step-up/options");
  return ask("POST", "/step-up", { credential: authenticator.get(options, asking) });
}
