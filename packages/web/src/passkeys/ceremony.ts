import type { WebAuthnJson } from "@colourstream/contract";
import {
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from "@simplewebauthn/browser";
import { passkeyProblemFrom } from "./problem.js";

/** Has the browser make a passkey. Throws `PasskeyProblem`. */
export async function makePasskey(options: WebAuthnJson): Promise<WebAuthnJson> {
  try {
    // The server made the options and checks the answer; between them they are the browser's affair.
    const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
    return asJson(await startRegistration({ optionsJSON }));
  } catch (error) {
    throw passkeyProblemFrom(error);
  }
}

/**
 * Has the person show a passkey: in a dialog, or (`autofill`) when they choose one from the list under a field with
 * `autocomplete="… webauthn"`, however long that takes. A later call ends an earlier one as `replaced`.
 */
export async function showPasskey(
  options: WebAuthnJson,
  how: "dialog" | "autofill" = "dialog",
): Promise<WebAuthnJson> {
  try {
    const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
    return asJson(await startAuthentication({ optionsJSON, useBrowserAutofill: how === "autofill" }));
  } catch (error) {
    throw passkeyProblemFrom(error);
  }
}

/** Ends what the browser is asking for, as `replaced`. */
export function stopAsking(): void {
  WebAuthnAbortService.cancelCeremony();
}

function asJson(credential: RegistrationResponseJSON | AuthenticationResponseJSON): WebAuthnJson {
  return credential as unknown as WebAuthnJson;
}
