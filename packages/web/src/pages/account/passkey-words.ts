import type { Passkey } from "@colourstream/contract";

/** Where a passkey is kept, as its holder would say it. */
export function whereKept({ isBackedUp, isSynced, transports }: Passkey): string {
  if (isBackedUp) return "Synced to your other devices";
  if (isSynced) return "Could be synced, but is on one device so far";
  const isInside = transports.length === 0 || transports.includes("internal");
  return isInside ? "On one device only" : "On a security key";
}

/** The one thing that a person should do about their passkeys; null when all is well. */
export function passkeyAdvice(passkeys: readonly Passkey[]): string | null {
  const [only, ...others] = passkeys;
  if (only === undefined || others.length > 0 || only.isBackedUp) return null;
  return "You have one passkey, in one place. If you lose that device or key, you are locked out.";
}
