/** Why a passkey was not used or made. */
export type PasskeyProblemCode =
  | "stopped"
  | "replaced"
  | "already-added"
  | "wrong-place"
  | "not-able"
  | "failed";

const SENTENCES = {
  stopped: "You stopped at the passkey. Nothing was changed.",
  replaced: "Another question for a passkey took the place of this one.",
  "already-added": "This passkey is already added. Use another device or security key.",
  "wrong-place": "Passkeys do not work at this address.",
  "not-able":
    "This device or security key cannot hold such a passkey. It needs a screen lock, fingerprint, face or PIN.",
  failed: "The browser could not use the passkey. Try again, or use another one.",
} as const satisfies Record<PasskeyProblemCode, string>;

/** A passkey that came to nothing, with the sentence that a person reads. Decide by `code`. */
export class PasskeyProblem extends Error {
  override name = "PasskeyProblem";
  readonly code: PasskeyProblemCode;

  constructor(code: PasskeyProblemCode, cause?: unknown) {
    super(SENTENCES[code], { cause });
    this.code = code;
  }
}

/**
 * What the browser's refusal means. Names: W3C Web Authentication Level 3 §5.1.3 and §5.1.4. `NotAllowedError` covers
 * both a person who cancels and a time that ran out; browsers do not say which, on purpose.
 */
export function passkeyProblemFrom(error: unknown): PasskeyProblem {
  return new PasskeyProblem(CODES[nameOf(error)] ?? "failed", error);
}

const CODES: Readonly<Record<string, PasskeyProblemCode>> = {
  NotAllowedError: "stopped",
  AbortError: "replaced",
  InvalidStateError: "already-added",
  SecurityError: "wrong-place",
  NotSupportedError: "not-able",
  ConstraintError: "not-able",
};

/** SimpleWebAuthn keeps the browser's own error as the cause of its own, under the same name. */
function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : "";
}
