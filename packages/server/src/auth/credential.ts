import type { WebAuthnJson } from "@colourstream/contract";

/** What is read of an answer before anything in it is believed: which passkey and which challenge it is about. */
export type Claim = {
  readonly credentialId: Uint8Array<ArrayBuffer>;
  readonly challenge: Uint8Array<ArrayBuffer>;
  /** Says that the page was in a frame of another site (W3C WebAuthn §5.8.1). */
  readonly isCrossOrigin: boolean;
  /** WebAuthn's user handle, of a sign-in; null where there is none. */
  readonly userHandle: Uint8Array<ArrayBuffer> | null;
  /** How the browser says that the authenticator is reached; of a registration. */
  readonly transports: readonly string[];
};

const LONGEST_ID = 1023; // W3C WebAuthn §4, “Credential ID”
const LONGEST_CLIENT_DATA = 8 * 1024; // a real one is under 300 bytes
const TRANSPORTS = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"]; // §5.8.4 and its registry
const BASE64URL = /^[A-Za-z0-9_-]*$/;

/** Reads a credential's JSON (W3C WebAuthn §5.1.8, §5.1.9); null when it is not of that form. */
export function readClaim(credential: WebAuthnJson): Claim | null {
  const { id, response } = credential;
  const credentialId = bytesOf(id, LONGEST_ID);
  if (credentialId === null || credentialId.length === 0 || !isObject(response)) return null;
  const clientData = clientDataOf(response["clientDataJSON"]);
  const challenge = bytesOf(clientData?.["challenge"], 64);
  if (clientData === null || challenge === null) return null;
  const { userHandle, transports } = response;
  return {
    credentialId,
    challenge,
    isCrossOrigin: clientData["crossOrigin"] === true,
    userHandle: userHandle == null ? null : bytesOf(userHandle, 64),
    transports: Array.isArray(transports) ? TRANSPORTS.filter((one) => transports.includes(one)) : [],
  };
}

function clientDataOf(text: unknown): Record<string, unknown> | null {
  const bytes = bytesOf(text, LONGEST_CLIENT_DATA);
  if (bytes === null) return null;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return isObject(parsed) ? parsed : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // not JSON: not a credential
    throw error;
  }
}

function bytesOf(text: unknown, most: number): Uint8Array<ArrayBuffer> | null {
  if (typeof text !== "string" || !BASE64URL.test(text)) return null;
  const bytes = new Uint8Array(Buffer.from(text, "base64url"));
  return bytes.length <= most ? bytes : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
