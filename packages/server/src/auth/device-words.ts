import Bowser from "bowser";

/** What a person calls the browser that says this of itself, such as “Chrome 156 on macOS”. */
export function deviceWords(userAgent: string | null): string {
  if (userAgent === null || userAgent.trim() === "") return "An unknown browser";
  const { browser, os } = Bowser.parse(userAgent);
  const version = /^\d+/.exec(browser.version ?? "")?.[0];
  const program = [browser.name, version].filter(Boolean).join(" ");
  if (program === "") return "An unknown browser";
  return os.name === undefined || os.name === "" ? program : `${program} on ${os.name}`;
}

/** What a passkey is called until its holder says otherwise, from how its authenticator is reached. */
export function passkeyName(transports: readonly string[], userAgent: string | null): string {
  if (transports.includes("internal")) {
    const { browser, os } = Bowser.parse(userAgent ?? " ");
    const where = [browser.name, os.name].filter(Boolean).join(" on ");
    return where === "" ? "Passkey" : where.slice(0, 60);
  }
  if (transports.some((one) => ["usb", "nfc", "ble", "smart-card"].includes(one))) return "Security key";
  return transports.includes("hybrid") || transports.includes("cable") ? "Phone or tablet" : "Passkey";
}
