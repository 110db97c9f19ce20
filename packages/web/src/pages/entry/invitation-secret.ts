/** The secret in `/i#…`. It leaves the address at once, and is kept in this page's memory only. */
export function takeInvitationSecret(): string {
  if (location.pathname !== "/i" || location.hash.length < 2) return "";
  const secret = location.hash.slice(1);
  history.replaceState(history.state, "", location.pathname);
  return secret;
}

/** Taken before anything else of the page runs. */
export const secretAtStart = takeInvitationSecret();
