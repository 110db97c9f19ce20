import type { CDPSession, Page } from "@playwright/test";

/** A virtual authenticator of Chromium's, as the DevTools protocol makes them. */
export type PasskeyDevice = {
  /** How many passkeys it holds for this site. */
  count(): Promise<number>;
  /** Takes it from the page, as unplugging does; what it held is given back, to be put into another. */
  remove(): Promise<Credential[]>;
};

/** A passkey with its private key, as Chromium's DevTools hand it over. */
export type Credential = Awaited<ReturnType<CDPSession["send"]>> & Record<string, unknown>;

/**
 * Puts an authenticator beside a page: `internal` is the device's own (Chromium allows one of them a page), `usb` a
 * security key. Both keep passkeys and verify the person.
 */
export async function addPasskeyDevice(
  page: Page,
  transport: "internal" | "usb",
  credentials: readonly Credential[] = [],
): Promise<PasskeyDevice> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  for (const credential of credentials) {
    await session.send("WebAuthn.addCredential", { authenticatorId, credential: credential as never });
  }
  const read = async (): Promise<Credential[]> =>
    (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials as never;
  return {
    count: async () => (await read()).length,
    async remove() {
      const held = await read();
      await session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
      return held;
    },
  };
}
