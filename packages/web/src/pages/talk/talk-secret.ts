const KEY = "talk-link";

/**
 * The secret in `/talk#…`. It leaves the address at once, so that no history, bookmark or screenshot keeps it. This tab
 * does until it is closed: a phone loads a page anew whenever it likes.
 */
export function takeTalkSecret(): string {
  if (location.hash.length < 2) return kept();
  const secret = location.hash.slice(1);
  history.replaceState(history.state, "", location.pathname);
  keep(secret);
  return secret;
}

/** The link works no more. */
export function forgetTalkSecret() {
  try {
    sessionStorage.removeItem(KEY);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // a storage that is switched off keeps nothing
  }
}

function kept(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch (error) {
    if (error instanceof DOMException) return "";
    throw error;
  }
}

function keep(secret: string) {
  try {
    sessionStorage.setItem(KEY, secret);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
