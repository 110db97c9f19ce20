/** Whether passkeys can be used on this page and, if not, why and where they can. */
export type PasskeyPlace =
  | { readonly is: "here" }
  /** `onMachineOnly`: the place is localhost, and this page was opened from afar. */
  | { readonly is: "elsewhere"; readonly origin: string; readonly onMachineOnly: boolean }
  /** The server's PUBLIC_URL is no address at which a browser allows passkeys. */
  | { readonly is: "nowhere"; readonly origin: string }
  | { readonly is: "old-browser" };

/** What of this page and this browser decides it. */
export type PageFacts = { readonly origin: string; readonly hasPasskeys: boolean };

/** The page that is open. Browsers hide `PublicKeyCredential` where the page is not on https or localhost. */
export function pageFacts(): PageFacts {
  return { origin: location.origin, hasPasskeys: isSecureContext && "PublicKeyCredential" in window };
}

/** `passkeyOrigin`: the one that the server checks passkeys against. */
export function passkeyPlace(passkeyOrigin: string, page: PageFacts): PasskeyPlace {
  if (!mayHavePasskeys(passkeyOrigin)) return { is: "nowhere", origin: passkeyOrigin };
  if (page.origin !== passkeyOrigin) {
    const onMachineOnly = isLoopback(passkeyOrigin) && !isLoopback(page.origin);
    return { is: "elsewhere", origin: passkeyOrigin, onMachineOnly };
  }
  return page.hasPasskeys ? { is: "here" } : { is: "old-browser" };
}

/** https, or localhost; and a name, never an IP address (W3C Web Authentication Level 3 §5.1.3, effective domain). */
function mayHavePasskeys(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return true;
  return protocol === "https:" && !/^[\d.]+$|^\[/.test(hostname);
}

function isLoopback(origin: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(origin).hostname);
}
